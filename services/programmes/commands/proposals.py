"""Asking for a proposal, and deciding about two people by hand."""

from dataclasses import replace

from chassis.facts import Refusal, not_found, wrong
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.solving import WORKS
from services.programmes.config import Config
from services.programmes.model.pairs import pair_id
from services.programmes.model.participants import MENTEE, MENTOR, Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, ENROLLING, PAIRING, PROPOSED
from services.programmes.model.proposal import Mark
from services.programmes.model.solves import PROPOSAL, READY, REQUESTED, SOLVING, SUPERSEDED, next_request


def request_proposal(unit: Unit, actor: Actor, programme_id: str, config: Config) -> Document:
    """Asks for a proposal, unless the same is being solved, or was solved, already. Returns nothing of it."""
    programme = store.my_programme(unit, programme_id, actor)
    programme.check_state(ENROLLING, PROPOSED)
    latest = store.latest_solve(unit, programme_id)
    if latest and latest.state == REQUESTED:
        return {}
    if latest and latest.state in (SOLVING, READY):
        gathered = WORKS[programme.kind, PROPOSAL].gather(unit, programme, config)
        if latest.inputs == gathered.inputs:
            return {}
        if latest.unfinished:
            latest.finish(SUPERSEDED, unit.now)
            store.save_solve(unit, latest)
    store.save_solve(unit, next_request(programme_id, latest, actor.id, unit.now))
    return {}


def mark_pair(
    unit: Unit,
    actor: Actor,
    programme_id: str,
    refs: tuple[str, str],
    body: Document,
    if_match: IfMatch = ANY_VERSION,
) -> Document:
    """Locks or forbids a pair by hand, whether it is proposed or not; returns it with its ``version``."""
    programme = store.my_programme(unit, programme_id, actor)
    mentor, mentee = two_people(unit, programme_id, refs)
    programme.check_state(*BEFORE_PUBLICATION)
    if programme.kind != PAIRING:
        raise Refusal("wrong-kind", "This programme forms teams, not pairs.")
    if body["locked"] and body["forbidden"]:
        errors = [wrong("forbidden", "locked-and-forbidden", "A locked pair cannot be forbidden.")]
        raise Refusal("invalid", errors=errors)
    mark_id = pair_id(programme_id, mentor.id, mentee.id)
    mark = store.find_mark(unit, mark_id) or Mark(mark_id, programme_id, mentor.id, mentee.id)
    if_match.check(mark.version or None)
    store.save_mark(unit, replace(mark, locked=body["locked"], forbidden=body["forbidden"]))
    return {"mentor": mentor.ref, "mentee": mentee.ref, **body, "version": mark.version + 1}


def two_people(unit: Unit, programme_id: str, refs: tuple[str, str]) -> tuple[Participant, Participant]:
    """The mentor and the mentee with these refs; raises ``not-found`` if there is no such person on that side."""
    mentor, mentee = (store.participant_by_ref(unit, programme_id, ref) for ref in refs)
    if mentor is None or mentee is None or (mentor.side, mentee.side) != (MENTOR, MENTEE):
        raise not_found()
    return mentor, mentee
