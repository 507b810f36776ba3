"""How a pair ends: without blame. Why, by whom, and whether the two may meet again is shown to nobody else.

The pair itself keeps only when it ended. The reason stays with the person who gave it, in a row of its own.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.facts import Refusal
from services.programmes.model import nudges
from services.programmes.model.pairs import ACTIVE, COMPLETED, ENDED_EARLY, PROPOSED, Pair
from services.programmes.model.participants import LEFT, Participant
from services.programmes.model.programme import CLOSED, UNDER_WAY, Programme

SCHEDULE, GOALS_REACHED, OTHER_TOPICS, NO_FIT, OTHER = "schedule", "goals-reached", "other-topics", "no-fit", "other"
REASONS = (SCHEDULE, GOALS_REACHED, OTHER_TOPICS, NO_FIT, OTHER)
_PURPOSE = b"releve.never-again.v1"


@dataclass(frozen=True)
class Ending:
    """Why a pair ended, for the person who said so. ``by`` is a participant, or None for whoever runs the programme."""

    pair: str
    programme: str
    by: str | None
    reason: str
    at: datetime


def end_pair(pair: Pair, by: str | None, reason: str, rematch: bool, now: datetime) -> Ending:
    """Ends an active pair; raises ``pair-not-active`` for any other.

    Who ends it waits for another partner if they want one; the other half, who did not ask, waits for one in any case.
    If whoever runs the programme ends it, ``rematch`` speaks for both.
    """
    if pair.state != ACTIVE:
        raise Refusal("pair-not-active", "This pair has not begun, or it has ended.")
    both = (pair.mentor, pair.mentee)
    waiting = both if rematch else tuple(one for one in both if by is not None and one != by)
    stop(pair, waiting, now)
    return Ending(pair.id, pair.programme, by, reason, now)


def stop(pair: Pair, waiting: Sequence[str], now: datetime) -> None:
    """The pair ends early, whether it had begun or was still to be accepted; these people wait for another partner."""
    pair.state, pair.ended = ENDED_EARLY, {"at": now}
    pair.waiting, pair.unsettled = list(waiting), bool(waiting)
    nudges.stop(pair)


def without(participant: Participant, pairs: Sequence[Pair], now: datetime) -> list[Pair]:
    """Ends the live pairs of somebody who leaves, and returns them; the other half of each waits."""
    theirs = [pair for pair in pairs if pair.live and pair.side_of(participant.id)]
    for pair in theirs:
        stop(pair, [one for one in (pair.mentor, pair.mentee) if one != participant.id], now)
    return theirs


def leave(participant: Participant, programme: Programme) -> None:
    """The person leaves a programme under way; raises ``wrong-state`` before its publication and after its end."""
    programme.check_state(*UNDER_WAY)
    participant.state = LEFT


CLOSED_AS = {ACTIVE: COMPLETED, PROPOSED: ENDED_EARLY}
"""What becomes of a pair when its programme closes."""


def close(programme: Programme, now: datetime) -> None:
    """Closes a programme under way; its pairs become what `CLOSED_AS` says. Raises ``wrong-state``."""
    programme.check_state(*UNDER_WAY)
    programme.state, programme.closed_at = CLOSED, now


def blind(secret: bytes, scope: str, email: str) -> str:
    """The blind digest of an address within a scope, an organisation or the account that owns a programme."""
    text = f"{scope}\0{email.strip().casefold()}".encode()
    return hmac.new(secret, _PURPOSE + b"\0" + text, hashlib.sha256).hexdigest()


def scopes_of(programme: Programme) -> list[str]:
    """Where "never again" holds: in all programmes of the organisation, and of the owner.

    It is stored for the first of them. Before the owner's organisation is known, that is the owner.
    """
    return [scope for scope in (programme.organisation, programme.owner) if scope]


def ban_key(one: str, other: str) -> str:
    """The id of "never again" between two blind digests, whichever comes first."""
    return ":".join(sorted((one, other)))
