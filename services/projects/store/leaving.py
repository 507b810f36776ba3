"""People who leave, in MongoDB: awards that bind them, guards on their presence, erasures that wait for an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from chassis import guards
from chassis.erasure import confirm
from chassis.facts import Fact
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.projects.store.organisations import organisation_of

KEEP_ANSWERS = timedelta(days=30)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "departures": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP_ANSWERS.total_seconds()))],
    "held_erasures": [IndexModel([("projects", ASCENDING)])],
}


def is_bound(unit: Unit, account: str) -> bool:
    """Whether an award binds the account: as the mentor, or as the last person of the client's organisation.

    An award binds until the client completes it, and until its order is issued.
    """
    mine: list[Document] = [{"chosen": account}]
    organisation = organisation_of(unit, account)
    if organisation is not None and organisation.accounts == [account]:
        mine.append({"organisation": organisation.id})
    projects = unit.collection("projects")
    if projects.find_one({"$or": mine, "state": "awarded"}) is not None:
        return True
    ordered = {"$or": mine, "state": "completed", "awarded_at": {"$ne": None}, "order_lost": {"$ne": True}}
    completed = [row["_id"] for row in projects.find(ordered, {"_id": 1})]
    return unit.collection("orders").count_documents({"_id": {"$in": completed}}) < len(completed)


def rely_on_presence(unit: Unit, accounts: Sequence[str]) -> None:
    """Marks that an award is being made to people who have not left.

    Awards do not conflict with each other. A departure (`settle_presence`) conflicts with each of them: an award binds
    nobody who has left, and nobody leaves whom an award binds.
    """
    for account in accounts:
        guards.passing(unit, _presence(account))


def settle_presence(unit: Unit, account: str) -> None:
    """Marks that it is being decided whether the account may leave, or that it leaves."""
    guards.closing(unit, _presence(account))


def answer_departure(unit: Unit, departure: str, fact: Fact) -> None:
    """Publishes the answer. Its subject is the departure, so that ``erasure.done`` has its own sequence."""
    kept = unit.find("departures", {"_id": departure}) or {"_id": departure, "version": 0}
    unit.put("departures", {**kept, "at": unit.now}, [fact])


def hold_erasure(unit: Unit, account: str, projects: Sequence[str], until: datetime) -> None:
    """Holds the confirmation of an erasure until the orders of these projects are issued, at most ``until``."""
    row = {"_id": account, "projects": list(projects), "due_at": until, "version": 0}
    unit.collection("held_erasures").replace_one({"_id": account}, row, upsert=True)


def find_held_erasure(unit: Unit, account: str) -> Document | None:
    """An erasure that waits for orders; None if there is none."""
    return unit.find("held_erasures", {"_id": account})


def release_erasures(unit: Unit, project_id: str) -> None:
    """The project needs nothing of its client any more: confirms the erasures that waited for it alone."""
    for row in list(unit.collection("held_erasures").find({"projects": project_id})):
        rest = [one for one in row["projects"] if one != project_id]
        if rest:
            unit.collection("held_erasures").update_one({"_id": row["_id"]}, {"$set": {"projects": rest}})
        else:
            unit.collection("held_erasures").delete_one({"_id": row["_id"]})
            confirm(unit, row["_id"], [ErasureDone(service="projects")])


def _presence(account: str) -> str:
    return f"presence:{account}"
