"""Programmes in MongoDB."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import timedelta

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.programme import Organiser, Programme, Rules
from services.programmes.store.organisations import organisation_of

INDEXES = [
    IndexModel([(name, ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)])
    for name in ("owner", "organisation", "organisers.account")
]


def find_programme(unit: Unit, programme_id: str) -> Programme | None:
    """A programme as this transaction sees it, or None; for handlers."""
    document = unit.find("programmes", {"_id": programme_id})
    return programme_from(document) if document else None


def programmes_without_organisation(unit: Unit, owners: Sequence[str]) -> list[Programme]:
    """The programmes of these owners whose organisation is not known yet, to be changed."""
    wanted = {"owner": {"$in": list(owners)}, "organisation": None}
    return [programme_from(row) for row in unit.collection("programmes").find(wanted)]


def my_programme(unit: Unit, programme_id: str, actor: Actor) -> Programme:
    """A programme that the caller runs, to be changed; raises ``not-found`` for anybody else."""
    programme = find_programme(unit, programme_id)
    if programme is None or not may_run(programme, actor, organisation_of(unit, actor.id)):
        raise not_found()
    return programme


def may_run(programme: Programme, actor: Actor, organisation: str | None) -> bool:
    """Whether the caller, who belongs to ``organisation``, runs the programme: its owner until its organisation is
    known, from then on every member of that."""
    if actor.role != "client":
        return False
    if programme.organisation is None:
        return programme.owner == actor.id
    return programme.organisation == organisation


def save_programme(unit: Unit, programme: Programme, facts: Sequence[Fact] = ()) -> None:
    """Stores the programme with its events."""
    unit.put("programmes", programme_document(programme), facts)


def programme_document(programme: Programme) -> Document:
    """The stored form of a programme."""
    row: Document = {one.name: getattr(programme, one.name) for one in fields(Programme) if one.name != "id"}
    row["_id"] = programme.id
    row["rules"] = {**vars(programme.rules), "answer_within": programme.rules.answer_within.total_seconds()}
    row["organisers"] = [asdict(organiser) for organiser in programme.organisers]
    if programme.due_at is None:
        del row["due_at"]  # the index of deadlines is sparse
    return row


def programme_from(document: Document) -> Programme:
    """The programme from its stored form."""
    known = {one.name: document[one.name] for one in fields(Programme) if one.name in document}
    rules = {**document["rules"], "answer_within": timedelta(seconds=document["rules"]["answer_within"])}
    known["rules"] = Rules(**rules)
    known["organisers"] = [Organiser(**organiser) for organiser in document["organisers"]]
    return Programme(id=document["_id"], **known)
