"""Awarded projects whose parties cannot be erased before completion, in MongoDB."""

from collections.abc import Sequence

from chassis.unit import Unit


def bind(unit: Unit, project_id: str, people: Sequence[str]) -> None:
    """Binds the parties to the project until it is released; no effect if it was released already."""
    change = {"$addToSet": {"people": {"$each": list(people)}}}
    unit.collection("commitments").update_one({"_id": project_id}, change, upsert=True)


def release(unit: Unit, project_id: str) -> None:
    """Releases the project's parties, even if `bind` for it follows later."""
    change = {"$set": {"over_at": unit.now}}
    unit.collection("commitments").update_one({"_id": project_id}, change, upsert=True)


def is_bound(unit: Unit, account_id: str) -> bool:
    """Whether the account is bound to a project that is not completed."""
    return unit.find("commitments", {"people": account_id, "over_at": None}) is not None


def leave_commitments(unit: Unit, account_id: str) -> None:
    """Removes the account from its completed projects."""
    unit.collection("commitments").update_many({"people": account_id}, {"$pull": {"people": account_id}})
