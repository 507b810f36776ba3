"""Objections in MongoDB: digests of addresses, and how often each reason was given."""

from dataclasses import asdict

from pymongo import ASCENDING, IndexModel

from chassis.mongo import Documents
from chassis.unit import Unit
from services.programmes.model.enrolling.objections import Objection
from services.programmes.store.rows import Rows, find_all

INDEXES = [IndexModel([("programme", ASCENDING)])]


def add_objection(unit: Unit, objection: Objection, reason: str | None) -> None:
    """Stores an objection, and counts its reason apart from it."""
    row = asdict(objection)
    unit.collection("objections").replace_one({"_id": row.pop("digest")}, row, upsert=True)
    if reason is not None:
        change = {"$inc": {"count": 1}, "$set": {"programme": objection.programme, "reason": reason}}
        counted = {"_id": f"{objection.programme}:{reason}"}
        unit.collection("objection_reasons").update_one(counted, change, upsert=True)


def drop_objection(unit: Unit, digest: str) -> None:
    """Withdraws an objection: the person has joined by themselves."""
    unit.collection("objections").delete_one({"_id": digest})


def objections_of(rows: Rows, programme_id: str) -> set[str]:
    """The digests of the addresses that must not be enrolled in the programme again."""
    return {row["_id"] for row in find_all(rows, "objections", {"programme": programme_id})}


def objection_reasons(database: Documents, programme_id: str) -> dict[str, int]:
    """How often each reason was given in a programme."""
    return {row["reason"]: row["count"] for row in database["objection_reasons"].find({"programme": programme_id})}
