"""What notify knows of a project, and whom it has reminded. Pure: time is an argument, no I/O.

It only accumulates what the events contain, so the result is the same in any order of arrival. The notifications are a
function of it alone (`audience.notices_of`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.market import DAYS_ARE_MEANT_IN, SLOTS

NEAR_SHARE = 4
"""A reminder is due when this part of the window, or of a claim, is left: a quarter."""
NEAR_MOST = timedelta(hours=6)
REMIND_AFTER = (2, 5)
"""Working days after the window's end at which a client that has not chosen is reminded."""
SATURDAY = 5


@dataclass
class Project:
    """A projection of a project's events; before ``project.posted`` a placeholder without title and client."""

    id: str
    title: str = ""
    clients: list[str] = field(default_factory=list)
    posted_at: datetime | None = None
    window: timedelta = timedelta(0)
    close_early: bool = True
    auto_extend: bool = False
    extended_to: datetime | None = None
    invited: list[str] = field(default_factory=list)
    invited_at: dict[str, datetime] = field(default_factory=dict)
    declined: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answered: dict[str, datetime] = field(default_factory=dict)
    quoted: list[str] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    ended: dict[str, Any] | None = None
    cancelled: str | None = None
    cancelled_by: str | None = None
    refused: str | None = None
    expired: bool = False
    nudged: list[int] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    """The mentors who left before or after they were chosen, with the number of quotes that remained then.

    A mentor who had left by the window's end stands for all who had.
    """
    completed: bool = False
    completed_at: datetime | None = None
    """None too for a project that was completed before this was kept: nobody is told of that any more."""
    reviews_shown: list[int] = field(default_factory=list)
    """How many reviews showed, each time that some did."""
    reminded: dict[str, list[str]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    leases: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """The claims that are running: the mentor, ``at`` and ``until``."""
    claims_ending: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """The mentors who were reminded ``at`` that their claim ends, and ``until`` when; there is one claim per mentor."""
    told: list[str] = field(default_factory=list)
    """The accounts for which the last change was news (`sights.news`)."""
    version: int = 0

    def post(self, data: Mapping[str, Any]) -> None:
        """project.posted"""
        self.title = data["title"]
        self.clients = self.clients or sorted(data.get("clients") or [data["client"]])
        self.posted_at, self.window = data["posted_at"], data["window"]
        self.close_early, self.auto_extend = data["close_early"], data["auto_extend"]

    def share(self, clients: Sequence[str], ended: bool) -> None:
        """project.shared: the accounts notified as the client. One that joins after the project ended gets nothing."""
        self.clients = sorted(set(clients) & set(self.clients) if ended else clients)

    def invite(self, accounts: Sequence[str], at: datetime | None = None) -> None:
        """mentors.invited; ``at`` is the time, if known. The earliest one is kept."""
        self.invited = _with(self.invited, accounts)
        if at is not None:
            self.invited_at |= {account: min(at, self.invited_at.get(account, at)) for account in accounts}

    def ask(self, question_id: str) -> None:
        """question.asked"""
        self.asked = _with(self.asked, [question_id])

    def answer(self, question_id: str, at: datetime) -> None:
        """question.answered"""
        self.answered[question_id] = min(at, self.answered.get(question_id, at))

    def decline(self, account: str, at: datetime) -> None:
        """invitation.declined"""
        self.declined = _with(self.declined, [account])
        self._never_reminded([account], at)

    def cancel(self, reason: str, by: str | None, at: datetime) -> None:
        """project.cancelled"""
        self.cancelled, self.cancelled_by = reason, by
        self._never_reminded(list(self.claims_ending), at)

    def complete(self, at: datetime) -> None:
        """project.completed"""
        self.completed, self.completed_at = True, at

    def show_reviews(self, reviews: int) -> None:
        """reviews.shown"""
        self.reviews_shown = _with(self.reviews_shown, [reviews])

    def claim(self, account: str, at: datetime, until: datetime) -> None:
        """slot.claimed"""
        self.claimed = _with(self.claimed, [account])
        self.leases = {**self.leases, account: {"at": at, "until": until}}

    def release(self, account: str, at: datetime) -> None:
        """slot.released, or a quote under the claim"""
        self._never_reminded([account], at)
        self.claimed = [other for other in self.claimed if other != account]
        self.leases = {other: lease for other, lease in self.leases.items() if other != account}

    def _never_reminded(self, accounts: Sequence[str], at: datetime) -> None:
        """Forgets the reminders of claims that had ended before: their events were on the way."""
        false = [one for one in accounts if one in self.claims_ending and at <= self.claims_ending[one]["at"]]
        self.claims_ending = {one: told for one, told in self.claims_ending.items() if one not in false}

    def receive(self, account: str, received: int, at: datetime) -> None:
        """quote.submitted"""
        self.release(account, at)
        self.quoted = _with(self.quoted, [account])
        self.received = _with(self.received, [received])

    def withdraw(self, account: str) -> None:
        """quote.withdrawn: this mentor may quote again, and be reminded."""
        self.quoted = [other for other in self.quoted if other != account]

    def end(self, reason: str, accounts: Sequence[str], at: datetime) -> None:
        """window.closed: the final list of mentors who quoted; a quote may have been withdrawn earlier."""
        self.ended = {"reason": reason, "quoted": sorted(accounts), "at": at}
        self._never_reminded(list(self.claims_ending), at)

    def settle(self, outcomes: Mapping[str, str]) -> None:
        """quotes.settled or project.awarded: how each mentor's quote ended."""
        self.outcomes |= outcomes

    def reopen(self, account: str, quotes: int) -> None:
        """project.reopened: this mentor's outcome no longer counts; the client has this many quotes left."""
        self.left[account] = quotes

    @property
    def offered(self) -> int:
        """How many quotes the client had to choose from, without those of mentors who left before they were chosen."""
        lost = [quotes for account, quotes in self.left.items() if self.outcomes.get(account) != "accepted"]
        return min(lost, default=len(self.ended["quoted"]) if self.ended else 0)

    @property
    def decided(self) -> Mapping[str, str]:
        """How each mentor's quote ended, without those who left."""
        return {account: outcome for account, outcome in self.outcomes.items() if account not in self.left}

    @property
    def chosen(self) -> list[str]:
        """The mentor whose quote was accepted, if there is one who has not left."""
        return [account for account, outcome in self.decided.items() if outcome == "accepted"]

    def remind(self, now: datetime) -> None:
        """The deadline of `due_at`: reminds mentors who could still quote, or whose claim ends, or the client."""
        if self._near_at is not None and self._near_at <= now:
            late = self.over(now) or SLOTS in self.received
            waiting = set(self.invited) - set(self.declined) - set(self.quoted)
            self.reminded[str(self._step)] = [] if late else sorted(waiting)
        for account in [account for account, at in self._claims_near.items() if at <= now]:
            lease = self.leases.pop(account)  # one reminder of each claim, none of one that is over
            if now < lease["until"] and not self.over(now):
                self.claims_ending[account] = {"at": now, "until": lease["until"]}
        due = [days for days, at in self._nudges if at <= now]
        self.nudged = _with(self.nudged, due[-1:])  # after an outage one reminder, not one for each day missed

    @property
    def closes_at(self) -> datetime | None:
        """The window's end as notifications state it; None while the project is a placeholder."""
        return self.extended_to or (self.posted_at + self.window if self.posted_at else None)

    @property
    def due_at(self) -> datetime | None:
        """When the next reminder is due; None if there is none."""
        nudges = [at for _, at in self._nudges]
        times = [at for at in (self._near_at, *self._claims_near.values(), *nudges) if at is not None]
        return min(times, default=None)

    @property
    def _near_at(self) -> datetime | None:
        """When to remind of the window's end: a quarter of the window before it, six hours at most."""
        if self.closes_at is None or self.ended or self.cancelled is not None or str(self._step) in self.reminded:
            return None
        return self.closes_at - min(self.window / NEAR_SHARE, NEAR_MOST)

    @property
    def _claims_near(self) -> Mapping[str, datetime]:
        """When to remind each mentor of the end of their claim: a quarter of the claim before it."""
        if self.closes_at is None or self.ended or self.cancelled is not None:
            return {}
        running = {account: lease for account, lease in self.leases.items() if account not in self.declined}
        return {one: lease["until"] - (lease["until"] - lease["at"]) / NEAR_SHARE for one, lease in running.items()}

    @property
    def _nudges(self) -> list[tuple[int, datetime]]:
        """The remaining reminders to choose, as working days after the window's end and time."""
        if not self.ended or not self.ended["quoted"] or self._choice_over:
            return []
        latest = max(self.nudged, default=0)
        return [(days, working_days_after(self.ended["at"], days)) for days in REMIND_AFTER if days > latest]

    @property
    def _choice_over(self) -> bool:
        ended = self.cancelled is not None or self.refused is not None or self.expired
        return ended or bool(self.decided) or 0 in self.left.values()

    def over(self, now: datetime) -> bool:
        """Whether quotes are no longer accepted. A window that will be extended is not over before its extension."""
        if self.ended or self.cancelled is not None:
            return True
        extension = self.window / 2 if self.auto_extend and not self.extended_to else timedelta(0)
        return self.closes_at is not None and now >= self.closes_at + extension

    @property
    def _step(self) -> int:
        return 1 if self.extended_to else 0


def working_days_after(moment: datetime, days: int) -> datetime:
    """``moment`` plus ``days`` working days (Monday to Friday), at the same time of day in Paris."""
    local = moment.astimezone(DAYS_ARE_MEANT_IN)
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < SATURDAY
    return local.astimezone(UTC)


def _with(known: list[Any], more: Sequence[Any]) -> list[Any]:
    """Sorted and without duplicates, so that the order of arrival does not matter."""
    return sorted({*known, *more})
