"""The rules of a project's shortlist: how many are invited when, and how each invitation ends.

Pure: time is an argument, no I/O. A method changes the shortlist and returns what happened, or raises one `Refusal`
named as in docs/api.md. News may come in any order: what the round says of a mentor counts by its sequence.
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
from services.matching.model.ranking import Need

WAVES_A_WINDOW = 8
LEAST_BETWEEN_WAVES = timedelta(seconds=0.2)
FEW = 10
"""Fewer than one answer in so many invitations, and the next wave is doubled."""
MOST_A_WAVE = 1_000
"""Keeps one ``mentors.invited`` well under 256 KB."""
CLAIMED, QUOTED, FREE = "claimed", "quoted", "free"


@dataclass(frozen=True)
class Standing:
    """The last that the round said of a mentor: a claim, a quote, or neither any more."""

    account: str
    state: str
    sequence: int


@dataclass
class Shortlist:
    """The ranked list and the invitations of one project; ``id`` is the project's.

    Without a ``client`` it is a placeholder, made by news that came before the project's own.
    """

    id: str
    client: str | None = None
    clients: list[str] = field(default_factory=list)
    brief: Brief | None = None
    blind: Blind | None = None
    window: timedelta = timedelta(0)
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
    next_wave_at: datetime | None = None
    due_at: datetime | None = None
    version: int = 0

    @property
    def over(self) -> bool:
        """Whether the round has ended, as far as is known here."""
        return self.reason is not None or self.cancelled

    @property
    def known_brief(self) -> Brief:
        """The brief; `ValueError` for a placeholder, which has none."""
        if self.brief is None:
            raise ValueError("the project is not known yet")
        return self.brief

    @property
    def need(self) -> Need:
        """What the ranking goes by."""
        return self.known_brief.need

    @property
    def quoted(self) -> list[str]:
        """The accounts of the mentors whose quotes are in."""
        return [standing.account for standing in self.standings if standing.state == QUOTED]

    @property
    def empty_slots(self) -> int:
        """Five, less the live claims and quotes."""
        return max(0, SLOTS - sum(standing.state != FREE for standing in self.standings))

    @property
    def waiting(self) -> int:
        """Invitations without an answer."""
        answered = {*self.declined, *(s.account for s in self.standings if s.state != FREE)}
        return max(0, self.invited - len(answered))

    def runs(self, now: datetime) -> bool:
        """Whether somebody may still be invited."""
        return self.client is not None and not self.over and self.closes_at is not None and now < self.closes_at

    def post(self, posted: Mapping[str, Any], now: datetime) -> None:
        """The project itself, with its first wave due now; what is known already of its round stays."""
        self.client = posted["client"]
        self.clients = posted.get("clients") or [posted["client"]]
        self.brief = Brief(**{field.name: posted[field.name] for field in fields(Brief)})
        self.blind = Blind(**{field.name: list(posted[f"blind_{field.name}"]) for field in fields(Blind)})
        self.window, self.auto_extend = posted["window"], posted["auto_extend"]
        if not self.extended:
            self.closes_at = posted["posted_at"] + posted["window"]
        if self.runs(now):
            self.next_wave_at = now

    def hear(self, account: str, state: str, sequence: int) -> None:
        """What the round says of a mentor's slot; older news than is known changes nothing."""
        known = self._standing(account)
        if known and known.sequence >= sequence:
            return
        others = [standing for standing in self.standings if standing is not known]
        self.standings = sorted([*others, Standing(account, state, sequence)], key=lambda one: one.account)

    def extend(self, closes_at: datetime, now: datetime) -> None:
        """The window goes on: the next wave is due at once where none was to come."""
        self.closes_at, self.extended = closes_at, True
        if self.runs(now) and self.next_wave_at is None:
            self.next_wave_at = self.due_at = now

    def close(self, reason: str, quoted: Sequence[str], sequence: int) -> None:
        """The window ended with these mentors' quotes; no invitation stays open."""
        for account in quoted:
            self.hear(account, QUOTED, sequence)
        self.reason = reason
        self.next_wave_at = self.due_at = None

    def cancel(self) -> None:
        """The client took the project back; no invitation stays open."""
        self.cancelled = True
        self.next_wave_at = self.due_at = None

    def forget(self) -> None:
        """The client is gone for good: nobody else is invited, and what it wrote goes."""
        if not self.over:
            self.cancel()
        self.brief = self.brief and self.brief.without_words()
        self.blind = self.blind and Blind()

    def wanted(self, base: int, now: datetime) -> int:
        """How many to invite now: a whole wave when its time has come, before that what declined mentors left free."""
        if not self.runs(now):
            return 0
        if self._wave_due(now):
            answered = len({*self.declined, *(standing.account for standing in self.standings)})
            return wave_size(self.empty_slots, base, self.invited, answered)
        return max(0, enough(self.empty_slots, base) - self.waiting)

    def invite(self, chosen: Sequence[Listed], now: datetime) -> list[Fact]:
        """A wave goes out, perhaps to nobody; the next one is planned while the window lasts."""
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
        """A mentor would rather not: another may be invited at once. Repeated, nothing more happens.

        ``already-quoted``, ``window-ended``.
        """
        if account in self.quoted:
            raise Refusal("already-quoted", "You have quoted for this project; you may withdraw your quote instead.")
        if account in self.declined:
            return []
        if self.over or self._ended(now):
            raise Refusal("window-ended", "The window of this project has ended.")
        self.declined.append(account)
        if self.runs(now) and self.waiting < enough(self.empty_slots, base):
            self.due_at = now
        return [InvitationDeclined(account=account)]

    def state_of(self, account: str, *, seen: bool) -> str:
        """Where this mentor's invitation stands."""
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
        """Whether the client and this mentor are not to meet, as far as both have said."""
        said = self.blind or Blind()
        pairs = (
            (listed.excluded, said.client),
            ([listed.school], said.schools),
            ([listed.mentor_id], said.mentors),
        )
        return any(not set(digests(secret, self.id, names)).isdisjoint(blind) for names, blind in pairs if blind)

    def _wave_due(self, now: datetime) -> bool:
        return self.next_wave_at is not None and self.next_wave_at <= now

    def _ended(self, now: datetime) -> bool:
        """By the clock; a round that will be extended goes on in between."""
        if self.closes_at is None:
            return True
        more = self.auto_extend and not self.extended and len(self.quoted) < SLOTS
        return now >= self.closes_at + (self.window / 2 if more else timedelta(0))

    def _standing(self, account: str) -> Standing | None:
        return next((standing for standing in self.standings if standing.account == account), None)


def enough(empty: int, base: int) -> int:
    """How many open invitations so many empty slots ask for, where ``base`` stands for all five."""
    return min(ceil(empty * base / SLOTS), MOST_A_WAVE)


def wave_size(empty: int, base: int, invited: int, answered: int) -> int:
    """How many the next wave invites: by the empty slots, twice as many when few of those invited have answered."""
    size = enough(empty, base)
    return min(2 * size, MOST_A_WAVE) if answered * FEW < invited else size
