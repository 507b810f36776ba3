"""Requests to solve, in MongoDB. A worker claims one until a time; progress extends the claim without a transaction."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from chassis.facts import Fact
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.programmes.model.pairing.data import conflict_data, conflict_of
from services.programmes.model.solves import LEASE, PROPOSAL, SOLVING, Solve
from services.programmes.store.rows import Rows, find_one

INDEXES = [
    IndexModel([("programme", ASCENDING), ("kind", ASCENDING), ("number", DESCENDING)]),
    IndexModel([("due_at", ASCENDING)], sparse=True),
    IndexModel([("asked_by", ASCENDING)]),
]
NEWEST = [("number", DESCENDING)]


def find_solve(rows: Rows, solve_id: str) -> Solve | None:
    """A request, or None."""
    row = find_one(rows, "solves", {"_id": solve_id})
    return solve_from(row) if row else None


def latest_solve(rows: Rows, programme_id: str) -> Solve | None:
    """A programme's newest request for a proposal, or None."""
    held = rows.collection("solves") if isinstance(rows, Unit) else rows["solves"]
    found = held.find({"programme": programme_id, "kind": PROPOSAL}).sort(NEWEST).limit(1)
    return next((solve_from(row) for row in found), None)


def due_solve(database: Documents, now: datetime) -> str | None:
    """The id of the request that has waited longest for a worker, or None."""
    row = database["solves"].find_one({"due_at": {"$lte": now}}, {"_id": 1}, sort=[("due_at", ASCENDING)])
    return str(row["_id"]) if row else None


def extend_claim(database: Documents, solve_id: str, claim: str, progress: float, now: datetime) -> bool:
    """Shows progress and keeps the claim for another `LEASE`; returns False once the claim is lost."""
    held = {"_id": solve_id, "claim": claim, "state": SOLVING}
    change = {"$set": {"progress": progress, "due_at": now + LEASE}}
    return database["solves"].update_one(held, change).matched_count > 0


def release_claim(database: Documents, solve_id: str, claim: str, now: datetime) -> None:
    """Gives the request back, so that another worker takes it at once; the attempt does not count."""
    held = {"_id": solve_id, "claim": claim, "state": SOLVING}
    database["solves"].update_one(held, {"$set": {"claim": "", "due_at": now}, "$inc": {"tries": -1}})


def save_solve(unit: Unit, solve: Solve, facts: Sequence[Fact] = ()) -> None:
    """Stores a request with its events."""
    row: Document = {one.name: getattr(solve, one.name) for one in fields(Solve) if one.name != "id"}
    row |= {"_id": solve.id, "conflicts": [conflict_data(one) for one in solve.conflicts]}
    if solve.due_at is None:
        del row["due_at"]  # its index is sparse
    unit.put("solves", row, facts)


def delete_older_solves(unit: Unit, solve: Solve) -> None:
    """Deletes the programme's other finished requests for a proposal."""
    others = {"programme": solve.programme, "kind": PROPOSAL, "_id": {"$ne": solve.id}, "due_at": {"$exists": False}}
    unit.collection("solves").delete_many(others)


def solve_from(document: Document) -> Solve:
    """The request from its stored form."""
    known = {one.name: document[one.name] for one in fields(Solve) if one.name in document}
    known["conflicts"] = [conflict_of(one) for one in document["conflicts"]]
    return Solve(id=document["_id"], **known)
