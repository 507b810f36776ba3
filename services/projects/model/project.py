"""The rules of a project: posting, the end of its window, the choice, completion. Pure: time is an argument, no I/O.

Methods change the project and return its events, or raise one `Refusal` named as in docs/api.md.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal, wrong
from contracts.facts import (
    ProjectAwarded,
    ProjectCancelled,
    ProjectCompleted,
    ProjectExpired,
    ProjectRefused,
    ProjectReopened,
    ProjectShared,
    ReviewsShown,
)
from contracts.market import DAYS_ARE_MEANT_IN, ENDED_BY
from contracts.wordings import SHOWN

ENDED = ("cancelled", "refused", "unfilled", "expired")
AWARDED = ("awarded", "completed")
STATES = ("collecting", "choosing", *AWARDED, *ENDED)
CLIENT, MODERATION, DEPARTED = ENDED_BY
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
    client_shown: str = SHOWN[0]
    choose_until: datetime | None = None
    refused_for: str | None = None
    askers: int = 0
    awarded_at: datetime | None = None
    completed_at: datetime | None = None
    ended_by: str | None = None
    moderated_for: str | None = None
    """What its client alone reads of why an operator cancelled it; the mentors read ``cancelled_for``."""
    reviews_due: datetime | None = None
    """When the only review shows although the other side is silent."""
    relaunched_as: str | None = None
    abandoned: bool = False
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """The ids of quotes whose mentors have left."""
    order_lost: bool = False
    """Whether it has no order although it was awarded, and gets none any more."""
    version: int = 0

    def confirm(self, places: Iterable[tuple[str, int, int]]) -> None:
        """Records the places (field, start, end) of its texts that the client said are not itself."""
        self.confirmed += [{"field": name, "start": start, "end": end} for name, start, end in places]

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
        """When time alone changes it: the choice lapses, or the only review shows. None if there is neither."""
        return self.choose_until if self.state == "choosing" else self.reviews_due

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
        self,
        reason: str,
        at: datetime,
        quotes: Sequence[Mapping[str, str]],
        choice_period: timedelta,
        gone: Collection[str] = (),
    ) -> list[Fact]:
        """The quotes service closed the round: the client has ``choice_period`` to choose, unless there are no quotes.

        A project that was cancelled concurrently stays cancelled; one whose client is erased is refused. Quotes of
        mentors who are ``gone`` cannot be chosen, and the client, who was told of them, hears how many remain.
        """
        if self.state == "collecting":
            received = [quote for quote in quotes if quote["account"] not in gone]
            self.left = [quote["quote_id"] for quote in quotes if quote["account"] in gone]
            self.ended = {"at": at, "reason": reason, "quotes": len(received)}
            self.received = [dict(quote) for quote in received]
            self.state, self.choose_until = ("choosing", at + choice_period) if received else ("unfilled", None)
            if self.abandoned and received:
                return self.refuse(ABANDONED, at, DEPARTED)
            if len(received) < len(quotes) and not self.abandoned:
                last = next(quote["account"] for quote in reversed(quotes) if quote["account"] in gone)
                return [ProjectReopened(account=last, quotes=len(received), choose_until=self.choose_until)]
        return []

    def abandon(self, now: datetime) -> list[Fact]:
        """The client was erased: ends the project if open, and erases its texts.

        An awarded project is completed, because no client is left to do so and the mentor must be freed.
        """
        facts = []
        self.cancelled_for = self.refused_for = self.ended_by = self.moderated_for = None
        if self.state == "collecting" and now < self.collects_until:
            facts = self.cancel(ABANDONED, now, DEPARTED)
        elif self.state == "choosing" and self.choose_until is not None and now < self.choose_until:
            facts = self.refuse(ABANDONED, now, DEPARTED)
        elif self.state == "awarded":
            facts = self._complete(now)
        self.abandoned = True
        facts += self.share([])
        self.title = self.brief = ""
        self.confirmed = []
        self.excluded_mentors, self.excluded_schools = [], []
        self._silence("client")
        return facts

    def remove_mentor(self, account: str) -> bool:
        """The mentor was erased: drops their quote and erases their review. Returns whether anything changed."""
        lost = [quote["quote_id"] for quote in self.received if quote["account"] == account]
        for quote_id in lost:
            self.lose_quote(quote_id)
        if account == self.chosen:
            self._silence("mentor")
        return bool(lost) or account == self.chosen

    def lose_quote(self, quote_id: str) -> None:
        """The quote's mentor has left: it can no longer be chosen."""
        self.received = [quote for quote in self.received if quote["quote_id"] != quote_id]
        self.left = [*self.left, quote_id]

    def _silence(self, side: str) -> None:
        self.reviews = [{**review, "comment": ""} if review["by"] == side else review for review in self.reviews]

    def cancel(self, reason: str, now: datetime, by: str = CLIENT) -> list[Fact]:
        """Cancels the project while quotes are being collected; ``by`` is one of `contracts.market.ENDED_BY`.

        Raises ``already-awarded``, ``already-ended``; ``window-ended`` from the deadline on.
        """
        self.check_collecting(now)
        self.state, self.cancelled_for, self.ended_by = "cancelled", reason, by
        return [ProjectCancelled(reason=reason, by=by)]

    def accept(self, quote_id: str, now: datetime, gone: Collection[str] = ()) -> list[Fact]:
        """Accepts a quote. Only the first acceptance wins; repeating it is idempotent. ``gone`` are accounts that left.

        Raises ``window-open``, ``already-awarded``, ``already-ended``, ``mentor-left``, ``unknown-quote``,
        ``quote-lapsed`` after the quote's last day; ``unavailable`` between the deadline and the event that closes the
        window.
        """
        if self.state in AWARDED and self.quote_id == quote_id:
            return []
        self._check_unfinished()
        self._check_choosing(now)
        chosen = next((quote for quote in self.received if quote["quote_id"] == quote_id), None)
        if quote_id in self.left or (chosen is not None and chosen["account"] in gone):
            raise Refusal("mentor-left", "This mentor has left Relève; please choose another quote.")
        if chosen is None:
            message = "This is not one of the project's quotes."
            raise Refusal("unknown-quote", message, errors=[wrong("quote_id", "unknown-quote", message)])
        last_day = chosen.get("valid_until")
        if last_day and now.astimezone(DAYS_ARE_MEANT_IN).date() > date.fromisoformat(last_day):
            extra = {"params": {"valid_until": last_day}}
            raise Refusal("quote-lapsed", f"This quote was valid until {last_day}.", extra=extra)
        self.state, self.quote_id, self.chosen, self.awarded_at = "awarded", quote_id, chosen["account"], now
        return [ProjectAwarded(quote_id=quote_id, account=self.chosen, client=self.client)]

    def refuse(self, reason: str, now: datetime, by: str = CLIENT) -> list[Fact]:
        """Refuses all quotes; every mentor reads the reason.

        Raises ``window-open``, ``already-awarded``, ``already-ended``; ``unavailable`` as in `accept`.
        """
        self._check_unfinished()
        self._check_choosing(now)
        self.state, self.refused_for, self.ended_by = "refused", reason, by
        return [ProjectRefused(reason=reason, by=by)]

    def pass_time(self, now: datetime, review_period: timedelta) -> list[Fact]:
        """Lapses the choice, or shows the only review, once its period is over."""
        if self.due_at is None or now < self.due_at:
            return []
        if self.state == "choosing":
            self.state = "expired"
            return [ProjectExpired()]
        if self.shown_reviews(now, review_period) is None:  # the setting was raised meanwhile
            self.reviews_due = self.reviews_at(review_period)
            return []
        return self._show_reviews()

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

    def complete(self, actor: str, rating: int, comment: str, now: datetime, period: timedelta) -> list[Fact]:
        """Adds one side's review; the client's review completes the project. ``period`` as in `shown_reviews`.

        Raises ``not-awarded`` before the award, ``already-reviewed`` the second time.
        """
        if self.state not in AWARDED:
            raise Refusal("not-awarded", "There is nothing to complete yet.")
        side = self.side_of(actor)
        if any(review["by"] == side for review in self.reviews):
            raise Refusal("already-reviewed", "You have already reviewed this project; a review cannot be changed.")
        self.reviews.append({"by": side, "rating": rating, "comment": comment, "at": now})
        facts = [] if side == "mentor" or self.state == "completed" else self._complete(now)
        if len(self.reviews) > 1:
            return facts + self._show_reviews()
        self.reviews_due = now + period
        return facts

    def _show_reviews(self) -> list[Fact]:
        assert self.chosen is not None, "a reviewed project has a chosen mentor"
        self.reviews_due = None
        return [ReviewsShown(account=self.chosen, reviews=len(self.reviews))]

    def side_of(self, account: str) -> str:
        """The side on which an account that may see the client reviews: ``client`` or ``mentor``."""
        return "client" if account in self.clients else "mentor"

    def review_of(self, account: str) -> dict[str, Any] | None:
        """The review of this account's side, if there is one."""
        return next((review for review in self.reviews if review["by"] == self.side_of(account)), None)

    def _complete(self, now: datetime) -> list[Fact]:
        assert self.chosen is not None, "an awarded project has a chosen mentor"
        self.state, self.completed_at = "completed", now
        return [ProjectCompleted(account=self.chosen, client=self.client)]

    def shown_reviews(self, now: datetime, period: timedelta) -> list[dict[str, Any]] | None:
        """The reviews, once both sides have reviewed or ``period`` after the first; None before."""
        shown_at = self.reviews_at(period)
        return self.reviews if shown_at and now >= shown_at else None

    def reviews_at(self, period: timedelta) -> datetime | None:
        """When the reviews show: at the second, or ``period`` after the first; None without one."""
        if not self.reviews:
            return None
        first, last = self.reviews[0]["at"], self.reviews[-1]["at"]
        return last if len(self.reviews) > 1 else first + period

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
        message = f"Give a duration from {least} to {most} (days, h:mm:ss)."
        seconds = {"min": least.total_seconds(), "max": most.total_seconds()}
        raise Refusal("invalid", errors=[wrong("window", "duration-out-of-range", message, **seconds)])
