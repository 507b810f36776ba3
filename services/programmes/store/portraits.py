"""What people's texts say, in MongoDB: kept, because reading a text takes longer than pairing its author.

A row is one person's and goes with their data. Its digest says which words and rules it was made of; equal words are
read once, whoever writes them.
"""

from collections.abc import Collection, Mapping, Sequence

from pymongo import ASCENDING, IndexModel, ReplaceOne

from chassis import guards
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.fit.kept import asked_data, asked_of, portrait_data, portrait_of
from contracts.fit.portraits import Portrait
from services.programmes.model.pairing.problem import Seen
from services.programmes.store.rows import find_all

INDEXES = [IndexModel([("programme", ASCENDING)]), IndexModel([("digest", ASCENDING)])]


def find_portraits(database: Documents, digests: Mapping[str, str]) -> dict[str, Seen]:
    """What is kept of these people, by id, as far as it has the digest that is given for each."""
    rows = find_all(database, "portraits", {"_id": {"$in": list(digests)}})
    return {row["_id"]: _seen_from(row) for row in rows if row["digest"] == digests[row["_id"]]}


def portraits_by_digest(database: Documents, digests: Collection[str]) -> dict[str, Seen]:
    """What is kept with these digests, whoever's it is."""
    if not digests:
        return {}
    rows = find_all(database, "portraits", {"digest": {"$in": list(digests)}})
    return {row["digest"]: _seen_from(row) for row in rows}


def keep_portraits(unit: Unit, programme_id: str, seen: Mapping[str, tuple[str, Seen]]) -> None:
    """Keeps what the texts of these people say, with its digest, by their ids; not of somebody erased meanwhile."""
    guards.passing(unit, _people(programme_id))
    there = unit.collection("participants").find({"_id": {"$in": list(seen)}}, {"_id": 1})
    rows = [_document(row["_id"], programme_id, *seen[row["_id"]]) for row in there]
    if rows:
        unit.collection("portraits").bulk_write([ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows])


def forget_portraits(unit: Unit, programme_id: str, participants: Sequence[str]) -> None:
    """Deletes what is kept of these people. A worker that is reading their texts keeps nothing any more."""
    guards.closing(unit, _people(programme_id))
    unit.collection("portraits").delete_many({"_id": {"$in": list(participants)}})


def _people(programme_id: str) -> str:
    return f"portraits:{programme_id}"


def _document(participant: str, programme_id: str, digest: str, seen: Seen) -> Document:
    data = portrait_data(seen) if isinstance(seen, Portrait) else asked_data(seen)
    return {"_id": participant, "programme": programme_id, "digest": digest, **data}


def _seen_from(row: Document) -> Seen:
    return portrait_of(row) if "strengths" in row else asked_of(row)
