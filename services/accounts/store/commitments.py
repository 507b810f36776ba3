"""Who has something to bring to an end together, and may not go yet, in MongoDB."""

from collections.abc import Sequence

from chassis.unit import Unit


def bind(unit: Unit, project_id: str, people: Sequence[str]) -> None:
    """These two have something to bring to an end together, unless they have already."""
    change = {"$addToSet": {"people": {"$each": list(people)}}}
    unit.collection("commitments").update_one({"_id": project_id}, change, upsert=True)


def release(unit: Unit, project_id: str) -> None:
    """They are done; known even where the beginning is told later."""
    change = {"$set": {"over_at": unit.now}}
    unit.collection("commitments").update_one({"_id": project_id}, change, upsert=True)


def is_bound(unit: Unit, account_id: str) -> bool:
    """Whether this person has something to bring to an end."""
    return unit.find("commitments", {"people": account_id, "over_at": None}) is not None


def leave_commitments(unit: Unit, account_id: str) -> None:
    """This person is in none any more, of those that are over."""
    unit.collection("commitments").update_many({"people": account_id}, {"$pull": {"people": account_id}})
