"""The answers of both sides to a published pair, and what happens when their time has passed."""

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.beginning import begin
from services.programmes.commands.rematching import request_rematch
from services.programmes.commands.telling import tell
from services.programmes.config import Config
from services.programmes.model import answers
from services.programmes.model.ending import Ending
from services.programmes.model.pairs import ACTIVE, PROPOSED, Pair
from services.programmes.model.participants import AGREED, ENROLLED, Participant
from services.programmes.model.programme import PUBLISHED, RUNNING, UNDER_WAY


def answer_pair(
    unit: Unit, actor: Actor, programme_id: str, refs: tuple[str, str], body: Document, config: Config
) -> Document:
    """Records the caller's answer to their pair; returns the id of the ``pair``.

    Accepting a pair is agreeing to take part. Raises ``not-found`` for anybody else's pair.
    """
    standing = store.standing(unit, programme_id, actor)
    programme, me = standing.programme, standing.taking_part()
    pair = store.couple_by_refs(unit, standing, *refs).pair
    side = pair.side_of(me.id)
    if side is None:
        raise not_found()
    programme.check_state(*UNDER_WAY)
    before = (pair.state, pair.answers)
    notices = answers.answer(pair, side, body["accepted"], unit.now)
    if (pair.state, pair.answers) == before:
        return {"pair": pair.id}
    if body["accepted"]:
        _agree(unit, me)
    if pair.state == ACTIVE:
        notices += begin(unit, pair, config.silence)
        if programme.state == PUBLISHED:
            programme.state = RUNNING
            store.save_programme(unit, programme)
    if pair.unsettled:
        request_rematch(unit, programme_id)
        if body["reason"]:
            store.add_ending(unit, Ending(pair.id, programme_id, me.id, body["reason"], unit.now))
    store.save_pair(unit, pair, tell(unit, programme, notices))
    return {"pair": pair.id}


def pass_answer_time(unit: Unit, pair: Pair) -> None:
    """Reminds who has not answered, or ends the pair at the end of its time. ``pair`` is due."""
    programme = store.find_programme(unit, pair.programme)
    if programme is None or programme.state not in UNDER_WAY:
        pair.due_at = None
        store.save_pair(unit, pair)
    elif pair.reminded_at is None:
        notices = answers.remind(pair, _reminded(unit, pair), unit.now)
        store.save_pair(unit, pair, tell(unit, programme, notices))
    else:
        answers.lapse(pair, unit.now)
        store.save_pair(unit, pair)
        request_rematch(unit, pair.programme)


def _agree(unit: Unit, participant: Participant) -> None:
    if participant.state == ENROLLED:
        participant.state, participant.agreed_at = AGREED, unit.now
        store.save_participant(unit, participant)


def _reminded(unit: Unit, pair: Pair) -> set[str]:
    """Those of the pair whom another pair of the same publication has reminded already."""
    same = {"state": PROPOSED, "created_at": pair.created_at, "reminded_at": {"$ne": None}}
    found = set()
    for side in answers.silent_sides(pair):
        others = store.pairs_of(unit, pair.programme, **{side: getattr(pair, side)}, **same)
        if any(other.answers[side] is None for other in others):
            found.add(getattr(pair, side))
    return found
