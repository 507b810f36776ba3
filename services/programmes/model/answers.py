"""The answers of both sides to a published pair, and the time that they have for them.

A pair becomes active once both have accepted. Who has not answered at half time is reminded once. If somebody asks for
another partner, or at the end of the time, the pair ends without blame, and who still wants a partner waits for one.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from chassis.facts import Refusal
from services.programmes.model.notices import Notice
from services.programmes.model.pairs import ACCEPTED, ACTIVE, DECLINED, ENDED_EARLY, PROPOSED, Pair
from services.programmes.model.participants import SIDES

NO_ANSWER = "no-answer"
"""How a pair ends whose time is over; otherwise somebody `DECLINED` it."""


def publish(pair: Pair, now: datetime, within: timedelta) -> None:
    """Asks both sides for their answers within this time."""
    pair.published, pair.answer_by, pair.due_at = True, now + within, now + within / 2


def answer(pair: Pair, side: str, accepted: bool, now: datetime) -> list[Notice]:
    """Records the answer of one side; both are told once the pair is active. The same answer again changes nothing.

    Declining asks for another partner: both wait for one. Raises ``pair-active`` for declining an active pair, which is
    ended in another way, and ``pair-ended``.
    """
    given = ACCEPTED if accepted else DECLINED
    if pair.state != PROPOSED and pair.answers[side] == given:
        return []
    if pair.state == ACTIVE:
        raise Refusal("pair-active", "Both of you have accepted. End the pair instead.")
    if pair.state != PROPOSED:
        raise Refusal("pair-ended", "This pair has ended.")
    pair.answers = {**pair.answers, side: given}
    if not accepted:
        end(pair, now, DECLINED, waiting=(pair.mentor, pair.mentee))
    elif all(one == ACCEPTED for one in pair.answers.values()):
        pair.state, pair.active_at, pair.due_at = ACTIVE, now, None
        return [Notice("pair-active", one, {"pair": pair.id}) for one in (pair.mentor, pair.mentee)]
    return []


def end(pair: Pair, now: datetime, how: str, waiting: Sequence[str]) -> None:
    """Ends a pair that is not active yet. ``waiting`` are the participants who want another partner."""
    pair.state, pair.due_at, pair.ended = ENDED_EARLY, None, {"at": now, "how": how}
    pair.waiting, pair.unsettled = list(waiting), True


def silent_sides(pair: Pair) -> list[str]:
    """The sides that have not answered."""
    return [side for side in SIDES if pair.answers[side] is None]


def remind(pair: Pair, already: Collection[str], now: datetime) -> list[Notice]:
    """Reminds who has not answered, except the participants in ``already``, whom another pair's reminder has reached.

    If the reminder is late, because no worker ran, a quarter of the time remains after it.
    """
    if pair.answer_by is None:
        return []
    pair.answer_by = max(pair.answer_by, now + (pair.answer_by - pair.created_at) / 4)
    pair.reminded_at, pair.due_at = now, pair.answer_by
    silent = [getattr(pair, side) for side in silent_sides(pair)]
    data = {"pair": pair.id, "answer_by": pair.answer_by}
    return [Notice("answer-reminder", one, data) for one in silent if one not in already]


def lapse(pair: Pair, now: datetime) -> None:
    """Ends a pair whose time is over. Who has accepted waits for another partner; who has not answered does not."""
    accepted = [getattr(pair, side) for side in SIDES if pair.answers[side] == ACCEPTED]
    end(pair, now, NO_ANSWER, waiting=accepted)
