"""The rules of a project's shortlist: how many mentors each wave invites, and how each invitation ends.

Pure: time is an argument, no I/O. A method changes the shortlist and returns what happened, or raises one `Refusal`
named as in docs/api.md. Events may arrive in any order: of the round's events on a mentor, the highest sequence wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.blind import digests
from contracts.facts import InvitationDeclined, Invited, MentorsInvited
from contracts.market import SLOTS
from services.matching.model.brief import Blind, Brief
from services.matching.model.listed import Listed

WAVES_A_WINDOW = 8
LEAST_BETWEEN_WAVES = timedelta(seconds=0.2)
FEW = 10
"""The next wave is doubled if fewer than one in this many invitations was answered."""
MOST_A_WAVE = 1_000
"""Maximum mentors per wave; keeps a ``mentors.invited`` well under 256 KB."""
MOST_TIMES = 5
"""One wave sized by the chance of five invites at most this many times the fixed first wave."""
CLAIMED, QUOTED, FREE = "claimed", "quoted", "free"


@dataclass(frozen=True)
class Standing:
    """A mentor's latest known state in the round: ``claimed``, ``quoted``, or ``free`` after either ended."""

    account: str
    state: str
    sequence: int


@dataclass
class Shortlist:
    """The ranked list and the invitations of one project; ``id`` is the project's.

    Without a ``client`` it is a placeholder, created by an event that arrived before ``project.posted``.

    ``claimed_at`` and ``quoted_at`` are the first times known, by account. ``stated`` are the chances of five quotes as
    computed at each wave, with the phase of the window; ``shown`` is the latest as people read it; ``by_chance``:
    whether waves are sized by it; ``ran_out``: whether the last wave found fewer mentors than it wanted.
    """

    id: str
    client: str | None = None
    clients: list[str] = field(default_factory=list)
    brief: Brief | None = None
    blind: Blind | None = None
    window: timedelta = timedelta(0)
    posted_at: datetime | None = None
    closes_at: datetime | None = None
    auto_extend: bool = False
    extended: bool = False
    reason: str | None = None
    cancelled: bool = False
    looked_at: datetime | None = None
    listed: int = 0
    place: int = 0
    waves: int = 0
    invited: int = 0
    declined: list[str] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    claimed_at: dict[str, datetime] = field(default_factory=dict)
    quoted_at: dict[str, datetime] = field(default_factory=dict)
    stated: list[list[float]] = field(default_factory=list)
    shown: float | None = None
    by_chance: bool = False
    ran_out: bool = False
    next_wave_at: datetime | None = None
    due_at: datetime | None = None
    version: int = 0

    @property
    def over(self) -> bool:
        """Whether the round has ended, as far as matching knows."""
        return self.reason is not None or self.cancelled

    @property
    def end(self) -> str | None:
        """How the window ended: ``full``, ``deadline`` or ``cancelled``; None before."""
        return "cancelled" if self.cancelled else self.reason

    @property
    def known_brief(self) -> Brief:
        """The brief; raises `ValueError` for a placeholder, which has none."""
        if self.brief is None:
            raise ValueError("the project is not known yet")
        return self.brief

    @property
    def quoted(self) -> list[str]:
        """The accounts of the mentors who have submitted quotes."""
        return [standing.account for standing in self.standings if standing.state == QUOTED]

    @property
    def empty_slots(self) -> int:
        """Five minus the current claims and quotes."""
        return max(0, SLOTS - sum(standing.state != FREE for standing in self.standings))

    @property
    def waiting(self) -> int:
        """The number of invitations without an answer."""
        answered = {*self.declined, *(s.account for s in self.standings if s.state != FREE)}
        return max(0, self.invited - len(answered))

    def runs(self, now: datetime) -> bool:
        """Whether mentors may still be invited: the project is known, the round not over and the window open."""
        return self.client is not None and not self.over and self.closes_at is not None and now < self.closes_at

    def post(self, posted: Mapping[str, Any], now: datetime) -> None:
        """Applies ``project.posted``; the first wave is due now. Events of the round that arrived earlier stay."""
        self.client = posted["client"]
        self.clients = posted.get("clients") or [posted["client"]]
        self.brief = Brief(**{field.name: posted[field.name] for field in fields(Brief)})
        self.blind = Blind(**{field.name: list(posted[f"blind_{field.name}"]) for field in fields(Blind)})
        self.window, self.auto_extend = posted["window"], posted["auto_extend"]
        self.posted_at = posted["posted_at"]
        if not self.extended:
            self.closes_at = posted["posted_at"] + posted["window"]
        if self.runs(now):
            self.next_wave_at = now

    def update_standing(self, account: str, state: str, sequence: int) -> None:
        """Applies the round's event on a mentor's slot, unless a later one (by sequence) is known."""
        known = self._standing(account)
        if known and known.sequence >= sequence:
            return
        others = [standing for standing in self.standings if standing is not known]
        self.standings = sorted([*others, Standing(account, state, sequence)], key=lambda one: one.account)

    def note_time(self, account: str, state: str, at: datetime) -> None:
        """Keeps when a mentor first claimed and first quoted, in whatever order the events arrive."""
        times = {CLAIMED: self.claimed_at, QUOTED: self.quoted_at}.get(state)
        if times is not None:
            times[account] = min(at, times.get(account, at))

    def state_chance(self, phase: int, computed: float, shown: float) -> None:
        """Keeps the chance of five quotes as of a wave, to be compared with what becomes of it."""
        self.stated.append([phase, computed])
        self.shown = shown

    def look_again(self, now: datetime) -> None:
        """Fewer may quote than thought: where waves are sized by the chance, one is due now."""
        if self.by_chance and self.runs(now):
            self.due_at = now

    def extend(self, closes_at: datetime, now: datetime) -> None:
        """The window is extended; if no wave was planned, the next one is due now."""
        self.closes_at, self.extended = closes_at, True
        if self.runs(now) and self.next_wave_at is None:
            self.next_wave_at = self.due_at = now

    def close(self, reason: str, quoted: Sequence[str], sequence: int) -> None:
        """The window ended with these mentors' quotes; all open invitations close."""
        for account in quoted:
            self.update_standing(account, QUOTED, sequence)
        self.reason = reason
        self.next_wave_at = self.due_at = None

    def cancel(self) -> None:
        """The client cancelled the project; all open invitations close."""
        self.cancelled = True
        self.next_wave_at = self.due_at = None

    def forget(self) -> None:
        """Every account of the client is erased: stops inviting, and deletes the client's texts and names."""
        if not self.over:
            self.cancel()
        self.brief = self.brief and self.brief.without_words()
        self.blind = self.blind and Blind()

    def wanted(self, base: int, now: datetime) -> int:
        """Number of mentors to invite now: a full wave if due, before that replacements for those who declined."""
        if not self.runs(now):
            return 0
        if self._wave_due(now):
            answered = len({*self.declined, *(standing.account for standing in self.standings)})
            return wave_size(self.empty_slots, base, self.invited, answered)
        return max(0, invitations_needed(self.empty_slots, base) - self.waiting)

    def invite(self, chosen: Sequence[Listed], now: datetime) -> list[Fact]:
        """Records a wave, which may be empty, and plans the next one if the window lasts until then."""
        if self._wave_due(now):
            later = now + max(self.window / WAVES_A_WINDOW, LEAST_BETWEEN_WAVES)
            self.next_wave_at = later if self.runs(later) else None
        self.due_at = self.next_wave_at
        if not chosen:
            return []
        self.waves += 1
        self.invited += len(chosen)
        mentors = [Invited(account=one.account, mentor_id=one.mentor_id) for one in chosen]
        return [MentorsInvited(wave=self.waves, mentors=mentors)]

    def decline(self, account: str, base: int, now: datetime) -> list[Fact]:
        """Declines a mentor's invitation; a replacement may be due now. Repeated, it changes nothing.

        Refused as ``already-quoted`` or ``window-ended``.
        """
        if account in self.quoted:
            raise Refusal("already-quoted", "You have quoted for this project; you may withdraw your quote instead.")
        if account in self.declined:
            return []
        if self.over or self._ended(now):
            raise Refusal("window-ended", "The window of this project has ended.")
        self.declined.append(account)
        if self.runs(now) and self.waiting < invitations_needed(self.empty_slots, base):
            self.due_at = now
        self.look_again(now)
        return [InvitationDeclined(account=account)]

    def state_of(self, account: str, *, seen: bool) -> str:
        """The state of this mentor's invitation, as the API shows it."""
        standing = self._standing(account)
        if standing and standing.state == QUOTED:
            return "quoted"
        if account in self.declined:
            return "declined"
        if self.over:
            return "closed"
        if standing and standing.state == CLAIMED:
            return "claimed"
        return "seen" if seen else "sent"

    def conflicts(self, listed: Listed, secret: bytes) -> bool:
        """Whether the mentor excludes the client, or the client excludes the mentor or their school."""
        blind = self.blind or Blind()
        pairs = (
            (listed.excluded, blind.client),
            ([listed.school], blind.schools),
            ([listed.mentor_id], blind.mentors),
        )
        return any(not set(digests(secret, self.id, names)).isdisjoint(other) for names, other in pairs if other)

    def _wave_due(self, now: datetime) -> bool:
        return self.next_wave_at is not None and self.next_wave_at <= now

    def _ended(self, now: datetime) -> bool:
        """Whether the window has ended by the clock; one that will be extended has not."""
        if self.closes_at is None:
            return True
        more = self.auto_extend and not self.extended and len(self.quoted) < SLOTS
        return now >= self.closes_at + (self.window / 2 if more else timedelta(0))

    def _standing(self, account: str) -> Standing | None:
        return next((standing for standing in self.standings if standing.account == account), None)


def invitations_needed(empty: int, base: int) -> int:
    """Open invitations needed for ``empty`` slots, where ``base`` is the number for all five; at most `MOST_A_WAVE`."""
    return min(ceil(empty * base / SLOTS), MOST_A_WAVE)


def wave_size(empty: int, base: int, invited: int, answered: int) -> int:
    """Size of the next wave: by the empty slots, doubled when few of those invited have answered."""
    size = invitations_needed(empty, base)
    return min(2 * size, MOST_A_WAVE) if answered * FEW < invited else size


def most_at_once(base: int) -> int:
    """Maximum mentors of one wave that is sized by the chance of five."""
    return min(MOST_TIMES * base, MOST_A_WAVE)
