"""The rules of a project: posting, the end of its window, the choice, completion. Pure: time is an argument, no I/O.

Methods change the project and return its events, or raise one `Refusal` named as in docs/api.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.facts import (
    ProjectAwarded,
    ProjectCancelled,
    ProjectCompleted,
    ProjectExpired,
    ProjectRefused,
    ProjectShared,
)
from contracts.market import DAYS_ARE_MEANT_IN

ENDED = ("cancelled", "refused", "unfilled", "expired")
AWARDED = ("awarded", "completed")
ABANDONED = "Le client a quitté Relève. / The client has left Relève."
"""The reason that mentors read when a client's account is erased."""


@dataclass
class Project:
    """One client's brief, from posting to its end. The client's identity is kept apart, in the vault."""

    id: str
    client: str
    title: str
    brief: str
    topics: list[str]
    languages: list[str]
    budget: dict[str, Any] | None
    window: timedelta
    close_early: bool
    auto_extend: bool
    created_at: datetime
    closes_at: datetime
    organisation: str = ""
    clients: list[str] = field(default_factory=list)
    state: str = "collecting"
    relaunched_from: str | None = None
    ended: dict[str, Any] | None = None
    received: list[dict[str, str]] = field(default_factory=list)
    quote_id: str | None = None
    chosen: str | None = None
    cancelled_for: str | None = None
    reviews: list[dict[str, Any]] = field(default_factory=list)
    excluded_mentors: list[str] = field(default_factory=list)
    excluded_schools: list[str] = field(default_factory=list)
    choose_until: datetime | None = None
    refused_for: str | None = None
    askers: int = 0
    awarded_at: datetime | None = None
    relaunched_as: str | None = None
    abandoned: bool = False
    version: int = 0

    @property
    def collects_until(self) -> datetime:
        """When quotes stop being collected, as far as this service knows.

        A window with auto-extend continues past its deadline until an event from quotes says otherwise, because the
        round still takes quotes in the meantime.
        """
        extended = self.closes_at > self.created_at + self.window
        return self.closes_at + self.window / 2 if self.auto_extend and not extended else self.closes_at

    @property
    def due_at(self) -> datetime | None:
        """When the choice lapses; None while there is no choice to make."""
        return self.choose_until if self.state == "choosing" else None

    def share(self, clients: Sequence[str]) -> list[Fact]:
        """Sets the accounts that act for the client, after its organisation's members changed."""
        others = sorted(clients) != sorted(self.clients)
        self.clients = list(clients)  # in order: `unshared_projects` compares with it
        ended = self.state in (*ENDED, *AWARDED)
        return [ProjectShared(clients=self.clients, ended=ended)] if others else []

    def extend(self, closes_at: datetime) -> list[Fact]:
        """The quotes service extended the window (once at most)."""
        self.closes_at = max(self.closes_at, closes_at)
        return []

    def end_window(
        self, reason: str, at: datetime, received: Sequence[Mapping[str, str]], choice_period: timedelta
    ) -> list[Fact]:
        """The quotes service closed the round: the client has ``choice_period`` to choose, unless there are no quotes.

        A project that was cancelled concurrently stays cancelled; one whose client is erased is refused.
        """
        if self.state == "collecting":
            self.ended = {"at": at, "reason": reason, "quotes": len(received)}
            self.received = [dict(quote) for quote in received]
            self.state, self.choose_until = ("choosing", at + choice_period) if received else ("unfilled", None)
            if self.abandoned and received:
                return self.refuse(ABANDONED, at)
        return []

    def abandon(self, now: datetime) -> list[Fact]:
        """The client was erased: ends the project if open, and erases its texts.

        An awarded project is completed, because no client is left to do so and the mentor must be freed.
        """
        facts = []
        self.cancelled_for = self.refused_for = None
        if self.state == "collecting" and now < self.collects_until:
            facts = self.cancel(ABANDONED, now)
        elif self.state == "choosing" and self.choose_until is not None and now < self.choose_until:
            facts = self.refuse(ABANDONED, now)
        elif self.state == "awarded":
            facts = self._complete()
        self.abandoned = True
        facts += self.share([])
        self.title = self.brief = ""
        self.excluded_mentors, self.excluded_schools = [], []
        self._silence("client")
        return facts

    def remove_mentor(self, account: str) -> bool:
        """The mentor was erased: drops their quote and erases their review. Returns whether anything changed."""
        received = [quote for quote in self.received if quote["account"] != account]
        lost, self.received = len(received) < len(self.received), received
        if account == self.chosen:
            self._silence("mentor")
        return lost or account == self.chosen

    def _silence(self, side: str) -> None:
        self.reviews = [{**review, "comment": ""} if review["by"] == side else review for review in self.reviews]

    def cancel(self, reason: str, now: datetime) -> list[Fact]:
        """Cancels the project while quotes are being collected.

        Raises ``already-awarded``, ``already-ended``; ``window-ended`` from the deadline on.
        """
        self.check_collecting(now)
        self.state, self.cancelled_for = "cancelled", reason
        return [ProjectCancelled(reason=reason)]

    def accept(self, quote_id: str, now: datetime) -> list[Fact]:
        """Accepts a quote. Only the first acceptance wins; repeating it is idempotent.

        Raises ``window-open``, ``already-awarded``, ``already-ended``, ``unknown-quote``, ``quote-lapsed`` after the
        quote's last day; ``unavailable`` between the deadline and the event that closes the window.
        """
        if self.state in AWARDED and self.quote_id == quote_id:
            return []
        self._check_unfinished()
        self._check_choosing(now)
        chosen = next((quote for quote in self.received if quote["quote_id"] == quote_id), None)
        if chosen is None:
            wrong = {"field": "quote_id", "message": "This is not one of the project's quotes."}
            raise Refusal("unknown-quote", wrong["message"], errors=[wrong])
        last_day = chosen.get("valid_until")
        if last_day and now.astimezone(DAYS_ARE_MEANT_IN).date() > date.fromisoformat(last_day):
            raise Refusal("quote-lapsed", f"This quote was valid until {last_day}.")
        self.state, self.quote_id, self.chosen, self.awarded_at = "awarded", quote_id, chosen["account"], now
        return [ProjectAwarded(quote_id=quote_id, account=self.chosen, client=self.client)]

    def refuse(self, reason: str, now: datetime) -> list[Fact]:
        """Refuses all quotes; every mentor reads the reason.

        Raises ``window-open``, ``already-awarded``, ``already-ended``; ``unavailable`` as in `accept`.
        """
        self._check_unfinished()
        self._check_choosing(now)
        self.state, self.refused_for = "refused", reason
        return [ProjectRefused(reason=reason)]

    def pass_time(self, now: datetime) -> list[Fact]:
        """Lapses the choice once its period is over."""
        if self.due_at is None or now < self.due_at:
            return []
        self.state = "expired"
        return [ProjectExpired()]

    def relaunch(self, project_id: str) -> None:
        """Records the relaunch under ``project_id``; once only.

        Raises ``already-relaunched`` with the first relaunch's ``project_id``; ``not-relaunchable`` unless the
        project got no quotes or its choice lapsed.
        """
        if self.relaunched_as:
            extra = {"project_id": self.relaunched_as}
            raise Refusal("already-relaunched", "This project has already been relaunched.", extra=extra)
        if self.state not in ("unfilled", "expired"):
            raise Refusal("not-relaunchable", "Only a project that ended without quotes or a choice can be relaunched.")
        self.relaunched_as = project_id

    def complete(self, actor: str, rating: int, comment: str, now: datetime) -> list[Fact]:
        """Adds one side's review; the client's review completes the project.

        Raises ``not-awarded`` before the award, ``already-reviewed`` the second time.
        """
        if self.state not in AWARDED:
            raise Refusal("not-awarded", "There is nothing to complete yet.")
        side = "client" if actor in self.clients else "mentor"
        if any(review["by"] == side for review in self.reviews):
            raise Refusal("already-reviewed", "You have already reviewed this project; a review cannot be changed.")
        self.reviews.append({"by": side, "rating": rating, "comment": comment, "at": now})
        return [] if side == "mentor" or self.state == "completed" else self._complete()

    def _complete(self) -> list[Fact]:
        assert self.chosen is not None, "an awarded project has a chosen mentor"
        self.state = "completed"
        return [ProjectCompleted(account=self.chosen, client=self.client)]

    def shown_reviews(self, now: datetime, period: timedelta) -> list[dict[str, Any]] | None:
        """The reviews, once both sides have reviewed or ``period`` after the first; None before."""
        if not self.reviews or (len(self.reviews) < 2 and now < self.reviews[0]["at"] + period):
            return None
        return self.reviews

    def may_see_client(self, account: str) -> bool:
        """Whether the account may see who the client is: its members and, once awarded, the chosen mentor."""
        return account in self.clients or (self.state in AWARDED and account == self.chosen)

    def check_collecting(self, now: datetime) -> None:
        """Raises ``already-awarded``, ``already-ended`` or ``window-ended`` unless quotes are being collected."""
        self._check_unfinished()
        if self.state != "collecting" or now >= self.collects_until:
            raise Refusal("window-ended", "The window of this project has ended.")

    def _check_unfinished(self) -> None:
        if self.state in AWARDED:
            raise Refusal("already-awarded", "A quote has been accepted; that is final.")
        if self.state in ENDED:
            raise Refusal("already-ended", "This project has ended.")

    def _check_choosing(self, now: datetime) -> None:
        if self.state == "choosing" and self.choose_until is not None and now >= self.choose_until:
            raise Refusal("already-ended", "The period for choosing a quote has ended.")
        if self.state == "collecting" and now >= self.closes_at:
            raise Refusal("unavailable", "The window has just ended; its quotes will arrive shortly.", retry_after=1)
        if self.state == "collecting":
            raise Refusal("window-open", "You can choose once the window has ended.")


def check_window(window: timedelta, least: timedelta, most: timedelta) -> None:
    """Raises ``invalid`` for a window that is too short or too long."""
    if not least <= window <= most:
        wrong = {"field": "window", "message": f"Give a duration from {least} to {most} (days, h:mm:ss)."}
        raise Refusal("invalid", errors=[wrong])
