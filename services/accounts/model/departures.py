"""A departure: a person asked for the erasure of the account, and may still change their mind. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.facts import Fact, Refusal
from contracts.facts import DepartureAsked

AGAIN = timedelta(days=1)
"""After which a refused departure that nobody may stop is asked again."""


@dataclass(frozen=True)
class Departure:
    """One account's departure. ``id`` is that of the question to projects, which decides from ``at`` on.

    ``asked``: projects has the question, so that nobody can stop it. ``insists``: the account was erased before, and a
    restored backup brought it back; a refusal only postpones its erasure.
    """

    account: str
    id: str
    requested_at: datetime
    at: datetime
    asked: bool = False
    insists: bool = False
    version: int = 0

    @property
    def due_at(self) -> datetime | None:
        """When to ask projects; None while the answer is awaited."""
        return None if self.asked else self.at

    def ask(self) -> tuple["Departure", list[Fact]]:
        """The time to change one's mind is over: asks projects."""
        return replace(self, asked=True), [DepartureAsked(departure=self.id)]

    def postpone(self, question: str, now: datetime) -> "Departure":
        """Refused, but it insists: asks again later, under another id."""
        return replace(self, id=question, at=now + AGAIN, asked=False)

    def check_stoppable(self) -> None:
        """Raises ``erasure-begun`` once projects has been asked."""
        if self.asked or self.insists:
            raise Refusal("erasure-begun", "The time to change your mind is over.")


def begin_departure(account: str, question: str, delay: timedelta, now: datetime, insists: bool = False) -> Departure:
    """A departure that can be stopped for ``delay``."""
    return Departure(account, question, requested_at=now, at=now + delay, insists=insists)
