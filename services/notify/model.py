"""Who is told what. Pure: time is an argument, no I/O.

A project's projection only ever gathers what the events say, so it is the same in whatever order they came;
`Project.news` is a function of it alone. A notification that an older event, coming later, contradicts is
no longer in it, and is taken back.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from contracts.market import DAYS_ARE_MEANT_IN, SLOTS

NEAR_SHARE = 4
NEAR_MOST = timedelta(hours=6)
REMIND_AFTER = (2, 5)
"""Working days after the window's end at which a client that has not chosen is reminded."""
SATURDAY = 5
KINDS = (
    "invited",
    "deadline-near",
    "round-over",
    "question-asked",
    "question-answered",
    "quote-received",
    "window-ended",
    "project-unfilled",
    "chosen",
    "not-chosen",
    "project-cancelled",
    "project-refused",
    "project-expired",
    "choice-reminder",
)
NEEDED = frozenset(
    {"invited", "deadline-near", "window-ended", "project-unfilled", "chosen", "project-cancelled", "choice-reminder"}
)
"""What the window and the choice need: it cannot be switched off in-app."""


@dataclass(frozen=True)
class QuietHours:
    """When mails wait, by the person's own clock; ``start`` may be later than ``end``, over midnight."""

    on: bool
    start: time = time(20)
    end: time = time(8)


@dataclass(frozen=True)
class News:
    """One notification to be: ``data`` is what its text needs; ``step`` tells repetitions of a kind apart."""

    kind: str
    project_id: str
    account: str
    data: Mapping[str, Any]
    step: int | str = 0

    @property
    def id(self) -> str:
        """The same news has the same id, in whatever order and however often it is found: nobody is told twice."""
        key = "\n".join((self.kind, self.project_id, self.account, str(self.step)))
        return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:18]).decode()

    @property
    def mailed(self) -> bool:
        """A mail for everything but the first four quotes."""
        return self.kind != "quote-received" or self.step == SLOTS


@dataclass
class Project:
    """What notify knows of a project; before ``project.posted`` a placeholder without title and client."""

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
    refused: str | None = None
    expired: bool = False
    nudged: list[int] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    completed: bool = False
    reminded: dict[str, list[str]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    version: int = 0

    def post(self, data: Mapping[str, Any]) -> None:
        """project.posted"""
        self.title = data["title"]
        self.clients = self.clients or sorted(data.get("clients") or [data["client"]])
        self.posted_at, self.window = data["posted_at"], data["window"]
        self.close_early, self.auto_extend = data["close_early"], data["auto_extend"]

    def share(self, clients: Sequence[str], ended: bool) -> None:
        """project.shared: who is told as the client. Whoever joins when all is over is told nothing any more."""
        self.clients = sorted(set(clients) & set(self.clients) if ended else clients)

    def invite(self, accounts: Sequence[str], at: datetime | None = None) -> None:
        """mentors.invited; ``at`` is when, if that is known: the first time holds."""
        self.invited = _with(self.invited, accounts)
        if at is not None:
            self.invited_at |= {account: min(at, self.invited_at.get(account, at)) for account in accounts}

    def ask(self, question_id: str) -> None:
        """question.asked"""
        self.asked = _with(self.asked, [question_id])

    def answer(self, question_id: str, at: datetime) -> None:
        """question.answered"""
        self.answered[question_id] = min(at, self.answered.get(question_id, at))

    def decline(self, account: str) -> None:
        """invitation.declined"""
        self.declined = _with(self.declined, [account])

    def receive(self, account: str, received: int) -> None:
        """quote.submitted"""
        self.quoted = _with(self.quoted, [account])
        self.received = _with(self.received, [received])

    def withdraw(self, account: str) -> None:
        """quote.withdrawn: this mentor may quote again, and be reminded."""
        self.quoted = [other for other in self.quoted if other != account]

    def end(self, reason: str, accounts: Sequence[str], at: datetime) -> None:
        """window.closed: only now is it certain who has quoted, because a quote may have been taken back."""
        self.ended = {"reason": reason, "quoted": sorted(accounts), "at": at}

    def settle(self, outcomes: Mapping[str, str]) -> None:
        """quotes.settled or project.awarded: how each mentor's quote ended."""
        self.outcomes |= outcomes

    def remind(self, now: datetime) -> None:
        """The deadline of `due_at`: the mentors who could still quote, or the client who has not chosen."""
        if self._near_at is not None and self._near_at <= now:
            late = self.over(now) or SLOTS in self.received
            waiting = set(self.invited) - set(self.declined) - set(self.quoted)
            self.reminded[str(self._step)] = [] if late else sorted(waiting)
        due = [days for days, at in self._nudges if at <= now]
        self.nudged = _with(self.nudged, due[-1:])  # after an outage once, not once for each day missed

    @property
    def closes_at(self) -> datetime | None:
        """The window's end as mentors are told it; None while the project is a placeholder."""
        return self.extended_to or (self.posted_at + self.window if self.posted_at else None)

    @property
    def due_at(self) -> datetime | None:
        """When somebody is to be reminded next; None when all is said."""
        return min([at for at in (self._near_at, *(at for _, at in self._nudges)) if at is not None], default=None)

    @property
    def _near_at(self) -> datetime | None:
        """When the end is near: a quarter of the window before it, six hours at most."""
        if self.closes_at is None or self.ended or self.cancelled is not None or str(self._step) in self.reminded:
            return None
        return self.closes_at - min(self.window / NEAR_SHARE, NEAR_MOST)

    @property
    def _nudges(self) -> list[tuple[int, datetime]]:
        """The reminders to choose that are still to come, with their times."""
        if not self.ended or not self.ended["quoted"] or self._choice_over:
            return []
        latest = max(self.nudged, default=0)
        return [(days, working_days_after(self.ended["at"], days)) for days in REMIND_AFTER if days > latest]

    @property
    def _choice_over(self) -> bool:
        ended = self.cancelled is not None or self.refused is not None or self.expired
        return ended or bool(self.outcomes)

    def over(self, now: datetime) -> bool:
        """Whether nothing can be handed in any more; a window that will be extended is not over in between."""
        if self.ended or self.cancelled is not None:
            return True
        extension = self.window / 2 if self.auto_extend and not self.extended_to else timedelta(0)
        return self.closes_at is not None and now >= self.closes_at + extension

    def news(self) -> list[News]:
        """Every notification that this project has given cause for so far; none while its title is not known."""
        if self.posted_at is None:
            return []
        first_end = self.posted_at + self.window
        found = [self._tell("invited", account, closes_at=first_end) for account in self.invited]
        found += self._reminders(first_end)
        found += self._questions()
        found += [
            self._tell("quote-received", client, step, received=step)
            for client in self.clients
            for step in self.received
            if step < SLOTS or not self.close_early  # the fifth ends the window, which is news enough
        ]
        found += self._cancellation() if self.cancelled is not None else self._end()
        found += self._choice()
        found += [self._tell("chosen", account) for account, how in self.outcomes.items() if how == "accepted"]
        found += [self._tell("not-chosen", account) for account, how in self.outcomes.items() if how == "not_chosen"]
        return found

    def _reminders(self, first_end: datetime) -> list[News]:
        ends = {"0": first_end, "1": self.extended_to}
        return [
            self._tell("deadline-near", account, int(step), closes_at=ends[step])
            for step, accounts in self.reminded.items()
            for account in accounts
        ]

    def _questions(self) -> list[News]:
        """Whoever is invited later finds the answers with the project, and is not told of each."""
        found = [self._tell("question-asked", client, question) for client in self.clients for question in self.asked]
        waiting = [account for account in self.invited if account not in self.declined]
        return found + [
            self._tell("question-answered", account, question)
            for question, at in self.answered.items()
            for account in waiting
            if self.invited_at.get(account, at) <= at
        ]

    def _end(self) -> list[News]:
        if not self.ended:
            return []
        count = len(self.ended["quoted"])
        gone = set(self.declined) | set(self.ended["quoted"])
        to_clients = [self._tell("project-unfilled", client) for client in self.clients]
        if count:
            reason = self.ended["reason"]
            to_clients = [self._tell("window-ended", client, quotes=count, reason=reason) for client in self.clients]
        return to_clients + [self._tell("round-over", account) for account in self.invited if account not in gone]

    def _choice(self) -> list[News]:
        if not self.ended or self.cancelled is not None:
            return []
        quoted, count = self.ended["quoted"], len(self.ended["quoted"])
        found = [
            self._tell("choice-reminder", client, days, quotes=count) for client in self.clients for days in self.nudged
        ]
        if self.refused is not None:
            found += [self._tell("project-refused", account, reason=self.refused) for account in quoted]
        if self.expired:
            found += [self._tell("project-expired", account) for account in (*self.clients, *quoted)]
        return found

    def _cancellation(self) -> list[News]:
        told = [account for account in self.invited if account in self.quoted or account not in self.declined]
        return [self._tell("project-cancelled", account, reason=self.cancelled) for account in told]

    def _tell(self, kind: str, account: str, step: int | str = 0, **data: Any) -> News:
        return News(kind, self.id, account, {"title": self.title, **data}, step)

    @property
    def _step(self) -> int:
        return 1 if self.extended_to else 0


def working_days_after(moment: datetime, days: int) -> datetime:
    """The same time of day in Paris, so many days from Monday to Friday later."""
    local = moment.astimezone(DAYS_ARE_MEANT_IN)
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < SATURDAY
    return local.astimezone(UTC)


def _with(known: list[Any], more: Sequence[Any]) -> list[Any]:
    """Sorted, each once: the same set is the same list, whatever the order of arrival."""
    return sorted({*known, *more})
