"""Finds what a caller is in a programme."""

from collections.abc import Callable, Mapping
from typing import Any

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from services.programmes.model.access import Standing
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme
from services.programmes.store.organisations import organisation_of
from services.programmes.store.participants import participant_by_ref, participant_from
from services.programmes.store.programmes import may_run, programme_from
from services.programmes.store.rows import Rows, find_one

PARTICIPANT = "participant"
"""The role of a caller with a pass, whose session is the programme that the pass is for."""


def standing(rows: Rows, programme_id: str, actor: Actor) -> Standing:
    """The caller's part in the programme; raises ``not-found`` for somebody who has none.

    Makes the same reads whether there is a programme or not, so that the time does not tell.
    """
    participant = _participant(rows, programme_id, actor)
    organisation = None if actor.role == PARTICIPANT else organisation_of(rows, actor.id)
    reached = {} if participant else {"$or": _run_or_organised(actor, organisation)}
    row = find_one(rows, "programmes", {"_id": programme_id, **reached})
    if row is None:
        raise not_found()
    found = _standing(programme_from(row), actor, organisation, participant)
    if not found.runs and found.organisation is None and found.participant is None:
        raise not_found()
    return found


def read_programmes(
    database: Documents, actor: Actor, query: Mapping[str, Any], view: Callable[[Standing], Document]
) -> Document:
    """The programmes that the caller runs, organises or takes part in, newest first."""
    organisation = organisation_of(database, actor.id)
    me = {"_id": actor.id} if actor.role == PARTICIPANT else {"account": actor.id}
    enrolled = {row["programme"]: participant_from(row) for row in database["participants"].find(me)}
    taking_part = {"_id": {"$in": list(enrolled)}}
    wanted = {"$or": [*_run_or_organised(actor, organisation), taking_part]} if actor.role == "client" else taking_part

    def seen(row: Document) -> Document:
        return view(_standing(programme_from(row), actor, organisation, enrolled.get(row["_id"])))

    return page(database["programmes"], wanted, query, seen)


def _run_or_organised(actor: Actor, organisation: str | None) -> list[Document]:
    """What finds the programmes that the caller, who belongs to ``organisation``, runs or organises."""
    found: list[Document] = [{"owner": actor.id, "organisation": None}, {"organisers.account": actor.id}]
    if organisation and actor.role == "client":
        found.append({"organisation": organisation})
    return found


def _standing(
    programme: Programme, actor: Actor, organisation: str | None, participant: Participant | None
) -> Standing:
    """The part of a caller who belongs to ``organisation`` and is enrolled as ``participant``."""
    if actor.role == PARTICIPANT:
        return Standing(programme, participant=participant)
    companies = [one.organisation for one in programme.organisers if one.account == actor.id]
    runs = may_run(programme, actor, organisation)
    return Standing(programme, runs, companies[0] if companies else None, participant)


def _participant(rows: Rows, programme_id: str, actor: Actor) -> Participant | None:
    """The caller as somebody enrolled, who may have objected or left."""
    if actor.role == PARTICIPANT:
        if actor.session != programme_id:
            return None
        wanted = {"_id": actor.id, "programme": programme_id}
    else:
        wanted = {"account": actor.id, "programme": programme_id}
    row = find_one(rows, "participants", wanted)
    return participant_from(row) if row else None


def seen_participant(rows: Rows, programme_id: str, ref: str, actor: Actor) -> Participant:
    """A participant whom the caller may see; raises ``not-found``."""
    seen = standing(rows, programme_id, actor)
    found = participant_by_ref(rows, programme_id, ref)
    if found is None or not seen.sees(found):
        raise not_found()
    return found
