"""Sketches of proposals and flags for operators, in MongoDB. Both expire; neither holds a word or a price."""

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.quotes.model import Flag, Quote, Sketch, Sketched

MOST_COMPARED = 200
"""Maximum quotes that one is compared with; those with no sequence of words in common never are."""
SHOWN = ("quote_id", "project_id", "account", "submitted_at")
"""What a flag holds of a quote."""
EXPIRES = IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "sketches": [
        IndexModel([("probes", ASCENDING), ("submitted_at", DESCENDING)]),
        IndexModel([("account", ASCENDING)]),
        EXPIRES,
    ],
    "briefs": [EXPIRES],
    "flags": [
        IndexModel([("at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("quotes.quote_id", ASCENDING)]),
        IndexModel([("quotes.account", ASCENDING)]),
        EXPIRES,
    ],
}


def save_sketch(unit: Unit, quote: Quote, sketch: Sketch, kept: timedelta) -> None:
    """Stores the sketch of a quote's present proposal; it is due to be compared with the others."""
    row = {
        "project_id": quote.project_id,
        "account": quote.account,
        "submitted_at": quote.created_at,
        "hashes": list(sketch.hashes),
        "probes": list(sketch.probes),
        "repetitive": sketch.repetitive,
        "filler": sketch.filler,
        "due_at": unit.now,
        "expires_at": unit.now + kept,
    }
    unit.collection("sketches").replace_one({"_id": quote.id}, row, upsert=True)


def find_sketch(unit: Unit, quote_id: str) -> Sketched | None:
    """A quote's sketch as this transaction sees it, or None."""
    row = unit.find("sketches", {"_id": quote_id})
    return _sketched(row) if row else None


def similar_sketches(unit: Unit, sketched: Sketched) -> list[Sketched]:
    """Other quotes of any round that may resemble this one."""
    alike = {"probes": {"$in": list(sketched.sketch.probes)}, "_id": {"$ne": sketched.quote_id}}
    found = unit.collection("sketches").find(alike).sort("submitted_at", DESCENDING).limit(MOST_COMPARED)
    return [_sketched(row) for row in found]


def save_brief(unit: Unit, project_id: str, hashes: Sequence[int], expires_at: datetime) -> None:
    """Stores the hashes of a brief until no quote can be compared with it any more."""
    packed = struct.pack(f">{len(hashes)}q", *hashes)
    unit.put("briefs", {"_id": project_id, "hashes": packed, "expires_at": expires_at, "version": 0})


def brief_hashes(unit: Unit, project_id: str) -> Sequence[int]:
    """The hashes of a round's brief; none if it is not stored."""
    row = unit.find("briefs", {"_id": project_id})
    return struct.unpack(f">{len(row['hashes']) // 8}q", row["hashes"]) if row else ()


def settle_sketch(unit: Unit, sketched: Sketched, flags: Sequence[Flag], kept: timedelta) -> None:
    """Replaces the flags of a quote by these; it has been compared."""
    _drop_flags(unit, [sketched.quote_id])
    for flag in flags:
        quotes = [{name: getattr(quote, name) for name in SHOWN} for quote in flag.quotes]
        row = {"_id": flag.id, "reason": flag.reason, "similarity": flag.similarity, "quotes": quotes}
        unit.collection("flags").insert_one({**row, "at": unit.now, "expires_at": unit.now + kept})
    unit.collection("sketches").update_one({"_id": sketched.quote_id}, {"$unset": {"due_at": ""}})


def drop_sketches(unit: Unit, quote_ids: Sequence[str]) -> None:
    """Deletes the sketches and flags of quotes that were withdrawn or destroyed."""
    unit.collection("sketches").delete_many({"_id": {"$in": list(quote_ids)}})
    _drop_flags(unit, quote_ids)


def erase_sketches(unit: Unit, account: str) -> None:
    """Deletes what concerns an erased mentor."""
    unit.collection("sketches").delete_many({"account": account})
    unit.collection("flags").delete_many({"quotes.account": account})


def read_flags(database: Documents, query: Mapping[str, Any]) -> Document:
    """A page of the flags, newest first; for operators."""
    return page(database.flags, {}, query, lambda row: {**row, "id": row["_id"]}, "at")


def _drop_flags(unit: Unit, quote_ids: Sequence[str]) -> None:
    unit.collection("flags").delete_many({"quotes.quote_id": {"$in": list(quote_ids)}})


def _sketched(row: Document) -> Sketched:
    return Sketched(
        quote_id=row["_id"],
        project_id=row["project_id"],
        account=row["account"],
        submitted_at=row["submitted_at"],
        sketch=Sketch(tuple(row["hashes"]), row["repetitive"], row["filler"]),
        due_at=row.get("due_at"),
    )
