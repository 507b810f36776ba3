"""Participants in MongoDB: the only collection with people's names and addresses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.programmes.model.enrolling.links import CONFIRM_WITHIN
from services.programmes.model.participants import Participant
from services.programmes.store.rows import Rows, find_all, find_one

INDEXES = [
    IndexModel([("programme", ASCENDING), ("ref", ASCENDING)], unique=True),
    IndexModel([("programme", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("account", ASCENDING)], sparse=True),
    IndexModel(
        [("programme", ASCENDING), ("email_digest", ASCENDING)],
        unique=True,
        partialFilterExpression={"email_digest": {"$gt": ""}},
    ),
    IndexModel([("link", ASCENDING)], sparse=True),
    IndexModel([("enrolled_by", ASCENDING)], partialFilterExpression={"enrolled_by": {"$gt": ""}}),
    IndexModel(
        [("created_at", ASCENDING)],
        expireAfterSeconds=int(CONFIRM_WITHIN.total_seconds()),
        partialFilterExpression={"confirmed": False},
    ),
]
"""Somebody who joined by a link and does not confirm their address is deleted."""
BY_REF = [("ref", ASCENDING)]


def find_participant(rows: Rows, participant_id: str) -> Participant | None:
    """A participant by id, or None; for handlers."""
    row = find_one(rows, "participants", {"_id": participant_id})
    return participant_from(row) if row else None


def accounts_of(unit: Unit, participants: Sequence[str]) -> dict[str, str | None]:
    """The accounts of these participants, None for somebody without one."""
    found = unit.collection("participants").find({"_id": {"$in": list(participants)}}, {"account": 1})
    return {row["_id"]: row.get("account") for row in found}


def participant_by_ref(rows: Rows, programme_id: str, ref: str) -> Participant | None:
    """A participant of a programme by its ref, or None."""
    row = find_one(rows, "participants", {"programme": programme_id, "ref": ref})
    return participant_from(row) if row else None


def participant_by_email(rows: Rows, programme_id: str, digest: str) -> Participant | None:
    """A participant of a programme by the digest of their address, or None."""
    row = find_one(rows, "participants", {"programme": programme_id, "email_digest": digest})
    return participant_from(row) if row else None


def participants_of(rows: Rows, programme_id: str, **wanted: Any) -> list[Participant]:
    """The participants of a programme, by ref; ``wanted`` are further conditions."""
    found = find_all(rows, "participants", {"programme": programme_id, **wanted}, BY_REF)
    return [participant_from(row) for row in found]


def read_participants(
    database: Documents, wanted: Mapping[str, Any], query: Mapping[str, Any], view: Callable[[Participant], Document]
) -> Document:
    """One page of the participants who match, newest first. ``wanted`` says whom the caller may see."""
    return page(database["participants"], wanted, query, lambda row: view(participant_from(row)))


def count_participants(database: Documents, wanted: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """How many of the participants who match there are, by side and state."""
    group = {"_id": {"side": "$side", "state": "$state"}, "count": {"$sum": 1}}
    found = database["participants"].aggregate([{"$match": wanted}, {"$group": group}])
    return {(row["_id"]["side"], row["_id"]["state"]): row["count"] for row in found}


def add_participants(unit: Unit, participants: Sequence[Participant]) -> None:
    """Stores new participants."""
    if participants:
        rows = [{**participant_document(one), "version": 1} for one in participants]
        unit.collection("participants").insert_many(rows)


def save_participant(unit: Unit, participant: Participant, facts: Sequence[Fact] = ()) -> None:
    """Stores a participant with its events."""
    unit.put("participants", participant_document(participant), facts)


def remove_participant(unit: Unit, participant: Participant) -> None:
    """Deletes a participant's data."""
    unit.collection("participants").delete_one({"_id": participant.id})


def participant_document(participant: Participant) -> Document:
    """The stored form of a participant."""
    row: Document = {one.name: getattr(participant, one.name) for one in fields(Participant) if one.name != "id"}
    if participant.account is None:
        del row["account"]  # its index is sparse
    if participant.link is None:
        del row["link"]
    return {"_id": participant.id, **row}


def participant_from(document: Document) -> Participant:
    """The participant from its stored form."""
    known = {one.name: document[one.name] for one in fields(Participant) if one.name in document}
    return Participant(id=document["_id"], **known)
