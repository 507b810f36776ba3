"""A meeting of a pair: planned, moved, held or cancelled, by either side or by whoever runs the programme.

What the two write in ``note`` is for the two alone. Nobody is said to have cancelled: a session keeps no name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.facts import Refusal, wrong
from services.programmes.model.pairs import ACTIVE, Pair

PLANNED, MOVED, HELD, CANCELLED = "planned", "moved", "held", "cancelled"
STATES = (PLANNED, MOVED, HELD, CANCELLED)
AHEAD = (PLANNED, MOVED)
MINUTES = 60
SHORTEST, LONGEST = 10, 480
FURTHEST = timedelta(days=366)
MOST = 200
"""Sessions of one pair."""
MOST_MOVES = 50
DEFAULT_ZONE = "Europe/Paris"


@dataclass(frozen=True)
class Move:
    """A session was moved away from the time ``from_at``, at the instant ``at``."""

    from_at: datetime
    at: datetime


@dataclass
class Session:
    """A session. ``timezone`` is the IANA zone in which its time is shown; ``agenda`` is one of the six meetings' ids.

    ``sequence`` counts the changes that a calendar must learn of (RFC 5545, 3.8.7.4). ``note`` is for the two alone.
    """

    id: str
    programme: str
    pair: str
    starts_at: datetime
    created_at: datetime
    minutes: int = MINUTES
    timezone: str = DEFAULT_ZONE
    place: str = ""
    agenda: str | None = None
    note: str = ""
    state: str = PLANNED
    moves: list[Move] = field(default_factory=list)
    sequence: int = 0
    changed_at: datetime | None = None
    version: int = 0

    @property
    def ends_at(self) -> datetime:
        """When it is planned to end, or ended."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def local_start(self) -> datetime:
        """When it starts, in its own time zone."""
        return self.starts_at.astimezone(ZoneInfo(self.timezone))

    @property
    def ahead(self) -> bool:
        """Whether it is neither held nor cancelled."""
        return self.state in AHEAD

    def change(self, body: Mapping[str, Any], now: datetime) -> bool:
        """Changes it; returns whether state, time, length or place changed, which the other side must learn.

        A new time alone moves the session; the note may change at any time. Raises ``session-over`` for another state
        or time of a session that was held or cancelled, ``too-many-sessions`` after too many moves, and ``invalid``
        for a time that does not fit the state.
        """
        before = (self.state, self.starts_at, self.minutes, self.place)
        state = body.get("state") or (MOVED if body.get("starts_at", self.starts_at) != self.starts_at else None)
        self._check_open(state, body)
        starts_at = body.get("starts_at", self.starts_at)
        if starts_at != self.starts_at:
            if state == CANCELLED:
                raise _wrong("starts_at", "time-fixed", "A cancelled session keeps its time.")
            if len(self.moves) >= MOST_MOVES:
                raise Refusal("too-many-sessions", "This session was moved too often; cancel it and plan another one.")
            self.moves.append(Move(self.starts_at, now))
            self.starts_at = starts_at
        elif state == MOVED:
            raise _wrong("starts_at", "missing", "Give the new time.")
        if state is not None:
            check_time(state, starts_at, now)
            self.state = state
        for name in ("minutes", "timezone", "place", "agenda", "note"):
            if name in body:
                setattr(self, name, body[name])
        changed = before != (self.state, self.starts_at, self.minutes, self.place)
        if changed:
            self.sequence += 1
        self.changed_at = now
        return changed

    def call_off(self, now: datetime) -> None:
        """The pair has ended: a session that was still ahead is cancelled."""
        self.state, self.sequence, self.changed_at = CANCELLED, self.sequence + 1, now

    def _check_open(self, state: str | None, body: Mapping[str, Any]) -> None:
        """Raises ``session-over`` unless the session is ahead, or only its record is completed."""
        same = state in (None, self.state) and body.get("starts_at", self.starts_at) == self.starts_at
        if not self.ahead and not same:
            raise Refusal("session-over", f"The session was {self.state}; plan another one.")


def new_session(id: str, pair: Pair, body: Mapping[str, Any], zone: str, now: datetime) -> Session:
    """A planned session, or one that is logged as held or cancelled; ``zone`` stands in where the body names none.

    Raises ``pair-not-active``, and ``invalid`` for a time that does not fit the state.
    """
    check_active(pair)
    state = body.get("state", PLANNED)
    check_time(state, body["starts_at"], now)
    chosen = {name: body[name] for name in ("minutes", "place", "agenda", "note") if name in body}
    zone = body.get("timezone") or zone or DEFAULT_ZONE
    return Session(id, pair.programme, pair.id, body["starts_at"], now, timezone=zone, state=state, **chosen)


def check_number(sessions: int) -> None:
    """Raises ``too-many-sessions`` if the pair has as many sessions as it may have."""
    if sessions >= MOST:
        raise Refusal("too-many-sessions", f"A pair has at most {MOST} sessions.")


def check_active(pair: Pair) -> None:
    """Raises ``pair-not-active`` unless both have accepted the pair and neither it nor the programme has ended."""
    if pair.state != ACTIVE:
        raise Refusal("pair-not-active", "Sessions belong to a pair that both have accepted and that has not ended.")


def check_time(state: str, starts_at: datetime, now: datetime) -> None:
    """Raises ``invalid``: a session ahead starts later than now and within a year, a held one started already."""
    if state == HELD and starts_at > now:
        raise _wrong("starts_at", "not-past", "A session that was held started before now.")
    if state in AHEAD and not now < starts_at <= now + FURTHEST:
        raise _wrong("starts_at", "not-within-a-year", "Give a time from now on, within a year.")
    if state in (HELD, CANCELLED) and starts_at < now - FURTHEST:
        raise _wrong("starts_at", "not-within-a-year", "Give a time within the last year.")


def _wrong(field: str, code: str, message: str) -> Refusal:
    return Refusal("invalid", errors=[wrong(field, code, message)])
