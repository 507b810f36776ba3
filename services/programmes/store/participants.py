"""Participants in MongoDB: the only collection with people's names and addresses."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.participants import Participant
from services.programmes.store.rows import Rows, find_all, find_one

INDEXES = [
    IndexModel([("programme", ASCENDING), ("ref", ASCENDING)], unique=True),
    IndexModel([("programme", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("account", ASCENDING)], sparse=True),
]
BY_REF = [("ref", ASCENDING)]


def find_participant(rows: Rows, participant_id: str) -> Participant | None:
    """A participant by id, or None; for handlers."""
    row = find_one(rows, "participants", {"_id": participant_id})
    return participant_from(row) if row else None


def participant_by_ref(rows: Rows, programme_id: str, ref: str) -> Participant | None:
    """A participant of a programme by its ref, or None."""
    row = find_one(rows, "participants", {"programme": programme_id, "ref": ref})
    return participant_from(row) if row else None


def participants_of(rows: Rows, programme_id: str, **wanted: Any) -> list[Participant]:
    """The participants of a programme, by ref; ``wanted`` are further conditions."""
    found = find_all(rows, "participants", {"programme": programme_id, **wanted}, BY_REF)
    return [participant_from(row) for row in found]


def add_participants(unit: Unit, participants: Sequence[Participant]) -> None:
    """Stores new participants."""
    if participants:
        rows = [{**participant_document(one), "version": 1} for one in participants]
        unit.collection("participants").insert_many(rows)


def save_participant(unit: Unit, participant: Participant, facts: Sequence[Fact] = ()) -> None:
    """Stores a participant with its events."""
    unit.put("participants", participant_document(participant), facts)


def erase_participants(unit: Unit, account: str) -> None:
    """Deletes an erased account's data as a participant."""
    unit.collection("participants").delete_many({"account": account})


def participant_document(participant: Participant) -> Document:
    """The stored form of a participant."""
    row: Document = {one.name: getattr(participant, one.name) for one in fields(Participant) if one.name != "id"}
    if participant.account is None:
        del row["account"]  # its index is sparse
    return {"_id": participant.id, **row}


def participant_from(document: Document) -> Participant:
    """The participant from its stored form."""
    known = {one.name: document[one.name] for one in fields(Participant) if one.name in document}
    return Participant(id=document["_id"], **known)
