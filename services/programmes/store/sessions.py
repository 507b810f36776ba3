"""Sessions of pairs, in MongoDB. The note of the two is here and nowhere else."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from pymongo import ASCENDING, IndexModel

from chassis.facts import not_found
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.sessions import Move, Session
from services.programmes.store.rows import Rows, find_all, find_one

INDEXES = [
    IndexModel([("pair", ASCENDING), ("starts_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("programme", ASCENDING)]),
]
BY_TIME = [("starts_at", ASCENDING), ("_id", ASCENDING)]


def find_session(rows: Rows, programme_id: str, session_id: str) -> Session:
    """A session of a programme; raises ``not-found``. The caller checks whose it is, by its pair."""
    row = find_one(rows, "sessions", {"_id": session_id})
    if row is None or row["programme"] != programme_id:
        raise not_found()
    return session_from(row)


def sessions_of(rows: Rows, pair_ids: Sequence[str]) -> list[Session]:
    """The sessions of these pairs, by time."""
    return [session_from(row) for row in find_all(rows, "sessions", {"pair": {"$in": list(pair_ids)}}, BY_TIME)]


def save_session(unit: Unit, session: Session) -> None:
    """Stores a session; its events are those of its pair."""
    row: Document = {one.name: getattr(session, one.name) for one in fields(Session) if one.name != "id"}
    unit.put("sessions", {**row, "_id": session.id, "moves": [asdict(move) for move in session.moves]})


def delete_notes(unit: Unit, pair_ids: Sequence[str]) -> None:
    """Deletes what the two wrote, and where they met, in all sessions of these pairs."""
    wanted = {"pair": {"$in": list(pair_ids)}}
    unit.collection("sessions").update_many(wanted, {"$set": {"note": "", "place": ""}, "$inc": {"version": 1}})


def session_from(document: Document) -> Session:
    """The session from its stored form."""
    known = {one.name: document[one.name] for one in fields(Session) if one.name in document}
    return Session(id=document["_id"], **{**known, "moves": [Move(**move) for move in document["moves"]]})
