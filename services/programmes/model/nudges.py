"""Nudges: a pair that does not meet is asked gently, first the mentor, then the mentee; then its owner learns a number.

A silence begins with the pair or with its last held session. It is noticed after two cancelled sessions in a row, or
when nothing was held or planned for a period. Each step is taken once in a silence; a held session ends it.

``silence`` is that period, three weeks by default. A third of it, a week, is the pause between two steps, and the time
that a new pair has before its first nudge.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.programmes.model.pairs import ACTIVE, Pair
from services.programmes.model.sessions import CANCELLED, HELD, Session

NUDGE_MENTOR, NUDGE_MENTEE, TELL_OWNER = "mentor", "mentee", "owner"
STEPS = (NUDGE_MENTOR, NUDGE_MENTEE, TELL_OWNER)
CANCELLED_IN_A_ROW = 2


def week(silence: timedelta) -> timedelta:
    """The pause between two steps."""
    return silence / 3


def note_sessions(pair: Pair, sessions: Sequence[Session], silence: timedelta) -> None:
    """Brings the pair up to date with all its sessions, and sets when its next step is due.

    A held session later than the last one known ends the silence.
    """
    held = max((one.starts_at for one in sessions if one.state == HELD), default=None)
    if held is not None and (pair.last_session_at is None or held > pair.last_session_at):
        pair.nudges = 0
    pair.last_session_at = held
    since = [one for one in sessions if held is None or one.starts_at > held]
    pair.cancelled_in_a_row = sum(one.state == CANCELLED for one in since)
    ahead = max((one.starts_at for one in since if one.ahead), default=None)
    last_cancelled = max((one.changed_at or one.created_at for one in since if one.state == CANCELLED), default=None)
    pair.due_at = _due(pair, silence, ahead, last_cancelled)


def next_step(pair: Pair, now: datetime) -> str | None:
    """The step that is due, or None."""
    if pair.state != ACTIVE or pair.due_at is None or now < pair.due_at or pair.nudges >= len(STEPS):
        return None
    return STEPS[pair.nudges]


def step_taken(pair: Pair, silence: timedelta, now: datetime) -> None:
    """Records that the step which was due has been taken; the next one follows a week later."""
    pair.nudges, pair.nudged_at = pair.nudges + 1, now
    pair.due_at = now + week(silence) if pair.nudges < len(STEPS) else None


def start(pair: Pair, silence: timedelta, now: datetime) -> None:
    """The pair has become active: its silence counts from now."""
    pair.active_at, pair.last_session_at, pair.cancelled_in_a_row, pair.nudges, pair.nudged_at = now, None, 0, 0, None
    pair.due_at = now + silence


def stop(pair: Pair) -> None:
    """The pair has ended: nothing is due any more."""
    pair.due_at = None


def _due(pair: Pair, silence: timedelta, ahead: datetime | None, last_cancelled: datetime | None) -> datetime | None:
    """When the next step is due. While a session lies ahead, the steps wait for it."""
    if pair.state != ACTIVE or pair.nudges >= len(STEPS):
        return None
    begun = pair.active_at or pair.created_at
    if pair.nudges and pair.nudged_at is not None:
        return max(pair.nudged_at, ahead or pair.nudged_at) + week(silence)
    if pair.cancelled_in_a_row >= CANCELLED_IN_A_ROW and last_cancelled is not None and ahead is None:
        noticed = last_cancelled
    else:
        noticed = max(moment for moment in (begun, pair.last_session_at, ahead) if moment is not None) + silence
    earlier = pair.nudged_at + silence if pair.nudged_at is not None else noticed  # of the silence before this one
    return max(noticed, begun + week(silence), earlier)
