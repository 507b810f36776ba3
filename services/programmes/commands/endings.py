"""Ending a pair, leaving a programme and closing it: without blame, and with a new partner for who wants one."""

from collections.abc import Sequence

from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import ProgrammeClosed
from services.programmes import store
from services.programmes.commands.rematching import request_rematch
from services.programmes.commands.telling import tell
from services.programmes.config import Config
from services.programmes.model import assessment, ending
from services.programmes.model.notices import Notice
from services.programmes.model.pairs import Pair
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme
from services.programmes.views.programmes import programme_view
from services.programmes.views.sessions import refs_of


def end_pair(
    unit: Unit, actor: Actor, programme_id: str, refs: tuple[str, str], body: Document, config: Config
) -> Document:
    """Ends an active pair. The other half learns only that it has ended; why, and "never again", stay hidden."""
    standing = store.standing(unit, programme_id, actor)
    couple = store.couple_by_refs(unit, standing, *refs)
    pair, programme = couple.pair, couple.programme
    store.add_ending(unit, ending.end_pair(pair, couple.caller, body["reason"], body["rematch"], unit.now))
    if body["never_again"] and couple.mentor and couple.mentee:
        scope = ending.scopes_of(programme)[0]
        store.ban(unit, config.blind_secret, scope, couple.mentor.email, couple.mentee.email)
    _call_off_sessions(unit, [pair])
    notices = [Notice("pair-ended", one.id, {"pair": pair.id}) for one in couple.others if one.takes_part]
    store.save_pair(unit, pair, tell(unit, programme, notices))
    if pair.unsettled:
        request_rematch(unit, programme.id)
    return {**refs_of(couple), "state": pair.state, "ended_at": unit.now, "rematch": body["rematch"]}


def leave_programme(unit: Unit, actor: Actor, programme_id: str) -> Document:
    """The caller leaves a programme under way."""
    standing = store.standing(unit, programme_id, actor)
    participant = standing.taking_part()
    take_out(unit, standing.programme, participant)
    return {"ref": participant.ref, "state": participant.state}


def take_out(unit: Unit, programme: Programme, participant: Participant) -> None:
    """Somebody leaves a programme under way, and their team. The other half of each of their pairs waits for a new one.

    Raises ``wrong-state``. Who has left already is left alone.
    """
    if not participant.takes_part:
        return
    ending.leave(participant, programme)
    participant.team_id = None
    store.save_participant(unit, participant)
    store.leave_teams(unit, [participant.id])
    end_pairs_of(unit, programme, participant)


def end_pairs_of(unit: Unit, programme: Programme, participant: Participant) -> None:
    """Ends the pairs of somebody who no longer takes part, tells the other half of each, and looks for new partners."""
    wanted = {"$or": [{"mentor": participant.id}, {"mentee": participant.id}]}
    ended = ending.without(participant, store.pairs_of(unit, programme.id, **wanted), unit.now)
    _call_off_sessions(unit, ended)
    for pair in ended:
        other = pair.mentee if participant.id == pair.mentor else pair.mentor
        notices = [Notice("pair-ended", other, {"pair": pair.id})] if pair.published else []
        store.save_pair(unit, pair, tell(unit, programme, notices))
    if ended:
        request_rematch(unit, programme.id)


def close_programme(unit: Unit, actor: Actor, programme_id: str, config: Config) -> Document:
    """Closes a programme: active pairs are completed, and everybody is told and asked for their self-assessment.

    Its deadline is when its people's data are deleted.
    """
    programme = store.my_programme(unit, programme_id, actor)
    ending.close(programme, unit.now)
    programme.due_at = unit.now + config.programmes_kept
    store.close_pairs(unit, programme.id, ending.CLOSED_AS, unit.now)
    people = [one for one in store.participants_of(unit, programme.id) if one.active]
    notices = [Notice("programme-closed", one.id) for one in people]
    notices += [Notice("assessment", one.id, {"moment": assessment.END}) for one in people]
    facts = [ProgrammeClosed(), *tell(unit, programme, notices)]
    store.save_programme(unit, programme, facts)
    return {**programme_view(programme), "version": programme.version + len(facts)}


def _call_off_sessions(unit: Unit, pairs: Sequence[Pair]) -> None:
    """Cancels the sessions that these pairs still had ahead, so that their calendars lose them."""
    for session in store.sessions_of(unit, [pair.id for pair in pairs]):
        if session.ahead:
            session.call_off(unit.now)
            store.save_session(unit, session)
