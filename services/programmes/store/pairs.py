"""Pairs in MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.nudges import STEPS
from services.programmes.model.pairs import ACTIVE, Pair
from services.programmes.store.rows import Rows, find_all, find_one

INDEXES = [
    IndexModel([("programme", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("programme", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("mentor", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("mentee", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
]


def find_pair(rows: Rows, pair_id: str) -> Pair | None:
    """A pair, or None."""
    row = find_one(rows, "pairs", {"_id": pair_id})
    return pair_from(row) if row else None


def pairs_of(rows: Rows, programme_id: str, **wanted: Any) -> list[Pair]:
    """The pairs of a programme, in the order of their ids; ``wanted`` are further conditions."""
    found = find_all(rows, "pairs", {"programme": programme_id, **wanted}, [("_id", ASCENDING)])
    return [pair_from(row) for row in found]


def add_pairs(unit: Unit, pairs: Sequence[Pair]) -> None:
    """Stores new pairs."""
    if pairs:
        unit.collection("pairs").insert_many([{**pair_document(one), "version": 1} for one in pairs])


def save_pair(unit: Unit, pair: Pair, facts: Sequence[Fact] = ()) -> None:
    """Stores a pair with its events."""
    unit.put("pairs", pair_document(pair), facts)


def pairs_over_at(rows: Rows, programme_id: str, participant: str) -> datetime | None:
    """When the last of somebody's pairs that had begun was over; None while one is active, or without any."""
    wanted = {"active_at": {"$ne": None}, "$or": [{"mentor": participant}, {"mentee": participant}]}
    begun = pairs_of(rows, programme_id, **wanted)
    if not begun or any(pair.state == ACTIVE for pair in begun):
        return None
    return max((pair.ended["at"] for pair in begun if pair.ended), default=None)


def count_quiet_pairs(unit: Unit, programme_id: str, now: datetime) -> int:
    """How many active pairs went on without a session although both sides were asked."""
    asked = len(STEPS) - 1
    quiet = {"$or": [{"nudges": {"$gt": asked}}, {"nudges": asked, "due_at": {"$lte": now}}]}
    return unit.collection("pairs").count_documents({"programme": programme_id, "state": ACTIVE, **quiet})


def close_pairs(unit: Unit, programme_id: str, states: Mapping[str, str], now: datetime) -> None:
    """The programme has closed: moves its pairs from one state to another, all at once."""
    for before, after in states.items():
        wanted = {"programme": programme_id, "state": before}
        kept = {"state": after, "ended": {"at": now}, "unsettled": False, "waiting": []}
        change = {"$set": kept, "$unset": {"due_at": ""}, "$inc": {"version": 1}}
        unit.collection("pairs").update_many(wanted, change)


def pair_document(pair: Pair) -> Document:
    """The stored form of a pair."""
    row: Document = {one.name: getattr(pair, one.name) for one in fields(Pair) if one.name != "id"}
    row |= {"_id": pair.id, "why": [dict(reason) for reason in pair.why]}
    if pair.due_at is None:
        del row["due_at"]  # the index of deadlines is sparse
    return row


def pair_from(document: Document) -> Pair:
    """The pair from its stored form."""
    known = {one.name: document[one.name] for one in fields(Pair) if one.name in document}
    return Pair(id=document["_id"], **known)
