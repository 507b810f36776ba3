"""Finds what a caller is in a programme."""

from chassis.facts import not_found
from chassis.http.auth import Actor
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
    """The caller's part in the programme; raises ``not-found`` for somebody who has none."""
    row = find_one(rows, "programmes", {"_id": programme_id})
    if row is None:
        raise not_found()
    programme = programme_from(row)
    participant = _participant(rows, programme, actor)
    if actor.role == PARTICIPANT:
        if participant is None:
            raise not_found()
        return Standing(programme, participant=participant)
    runs = may_run(programme, actor, organisation_of(rows, actor.id))
    companies = [one.organisation for one in programme.organisers if one.account == actor.id]
    if not (runs or companies or participant):
        raise not_found()
    return Standing(programme, runs, companies[0] if companies else None, participant)


def _participant(rows: Rows, programme: Programme, actor: Actor) -> Participant | None:
    """The caller as somebody enrolled, who may have objected or left."""
    if actor.role == PARTICIPANT:
        if actor.session != programme.id:
            return None
        wanted = {"_id": actor.id, "programme": programme.id}
    else:
        wanted = {"account": actor.id, "programme": programme.id}
    row = find_one(rows, "participants", wanted)
    return participant_from(row) if row else None


def seen_participant(rows: Rows, programme_id: str, ref: str, actor: Actor) -> Participant:
    """A participant whom the caller may see; raises ``not-found``."""
    seen = standing(rows, programme_id, actor)
    found = participant_by_ref(rows, programme_id, ref)
    if found is None or not seen.sees(found):
        raise not_found()
    return found
