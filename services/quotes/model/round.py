"""A round: five slots, claims, sealed quotes, the window.

Methods change the round and return its events, or raise one `Refusal` named as in docs/api.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.facts import (
    QuotesSettled,
    QuoteSubmitted,
    QuoteWithdrawn,
    ReceivedQuote,
    Settled,
    SlotClaimed,
    SlotReleased,
    WindowClosed,
    WindowExtended,
)
from contracts.market import DAYS_ARE_MEANT_IN, SLOTS
from services.quotes.model.slots import Seat, Slot, check_willing, live

CLAIM_LIFE = timedelta(hours=8)
CLAIM_SHARE = 6
LATE_SHARE = 4
"""A round that is not full is at risk, for operators, once less than a quarter of its window is left."""
DEFAULT_CURRENCY = "EUR"


@dataclass
class Round:
    """The five slots of one project and its window. ``id`` is the project's.

    ``title`` is empty in rounds that began before it was kept, and once every account of the client is erased;
    ``ended_for`` is the reason for which the project was cancelled or its quotes refused, by ``ended_by``.

    ``spent_claims`` are the mentors whose claim expired, ``used_claims`` those who quoted under theirs.
    """

    id: str
    clients: list[str]
    currency: str
    window: timedelta
    opened_at: datetime
    closes_at: datetime
    close_early: bool = True
    auto_extend: bool = False
    extended: bool = False
    slots: list[Slot] = field(default_factory=list)
    spent_claims: list[str] = field(default_factory=list)
    used_claims: list[str] = field(default_factory=list)
    reason: str | None = None
    closed_at: datetime | None = None
    digests: list[str] = field(default_factory=list)
    settled: bool = False
    title: str = ""
    ended_by: str | None = None
    ended_for: str | None = None
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether the window has not been closed yet; the deadline may have passed already."""
        return self.reason is None

    @property
    def quotes(self) -> list[Slot]:
        """The live quotes."""
        return [slot for slot in self.slots if slot.quote_id]

    @property
    def accepts_until(self) -> datetime:
        """The effective deadline for quotes: it includes the extension that the round will get if it is not full."""
        if self.auto_extend and not self.extended and len(self.quotes) < SLOTS:
            return self.closes_at + self.window / 2
        return self.closes_at

    @property
    def extends_to(self) -> datetime | None:
        """Until when the client may extend the window by hand, once; None if it may not, or extends by itself.

        A quote that would lapse before the new end keeps the window as it is: its mentor promised it for this one.
        """
        later = self.closes_at + self.window / 2
        day = later.astimezone(DAYS_ARE_MEANT_IN).date().isoformat()
        lapses = any((slot.valid_until or day) < day for slot in self.quotes)
        if not self.open or self.extended or self.auto_extend or len(self.quotes) >= SLOTS or lapses:
            return None
        return later

    @property
    def due_at(self) -> datetime | None:
        """The next deadline: the window's end or the first claim's expiry; None once closed."""
        if not self.open:
            return None
        return min([self.closes_at, *(slot.expires_at for slot in self.slots if slot.expires_at)])

    def offers(self, quote_id: str) -> bool:
        """Whether this quote is one of its live ones."""
        return any(slot.quote_id == quote_id for slot in self.slots)

    def slot_of(self, account: str) -> Slot | None:
        """The mentor's slot, or None."""
        return next((slot for slot in self.slots if slot.account == account), None)

    def claims(self, now: datetime) -> int:
        """Number of slots claimed for quotes that are being written."""
        return len(live(self.slots, now)) - len(self.quotes)

    def slot_free(self, now: datetime) -> bool:
        """Whether a mentor could still take a slot."""
        return self.open and now < self.accepts_until and len(live(self.slots, now)) < SLOTS

    def claim(self, seat: Seat, now: datetime) -> list[Fact]:
        """Claims a slot for eight hours or a sixth of the window, whichever is shorter; once per mentor and round.

        Raises ``window-ended``, ``already-quoted``, ``declined``, ``claim-spent``, ``round-full``. Repeating a claim
        that has not expired is idempotent.
        """
        facts, account = self._advance(now), seat.account
        held = self.slot_of(account)
        if held and held.quote_id:
            raise Refusal("already-quoted", "You have quoted for this project.")
        check_willing(seat)
        if held:
            return facts
        if account in self.spent_claims:
            raise Refusal("claim-spent", "Your claim has expired; you may still quote while a slot is free.")
        if account in self.used_claims:  # or a withdrawn quote would let a mentor hold a slot again and again
            raise Refusal("claim-spent", "You have used your claim; you may still quote while a slot is free.")
        self._check_free()
        expires_at = min(now + min(CLAIM_LIFE, self.window / CLAIM_SHARE), self.accepts_until)
        self.slots.append(Slot(account, seat.mentor_id, expires_at=expires_at))
        return [*facts, SlotClaimed(account=account, expires_at=expires_at)]

    def submit(self, seat: Seat, quote_id: str, digest: str, valid_until: str, now: datetime) -> list[Fact]:
        """Fills a slot with a sealed quote; with ``close_early``, the fifth closes the window.

        Raises ``window-ended``, ``already-quoted``, ``declined``, ``round-full``: the first that applies.
        """
        facts, account = self._advance(now), seat.account
        held = self.slot_of(account)
        if held and held.quote_id:
            raise Refusal("already-quoted", "You have quoted for this project; you may revise your quote.")
        check_willing(seat)
        if held:
            self.slots.remove(held)
            self.used_claims.append(account)
        else:
            self._check_free()
        self.slots.append(Slot(account, seat.mentor_id, None, quote_id, digest, valid_until))
        facts.append(QuoteSubmitted(quote_id=quote_id, account=account, received=len(self.quotes)))
        if len(self.quotes) == SLOTS and self.close_early:
            facts.append(self._close("full", now))
        return facts

    def revise(self, account: str, digest: str, valid_until: str, now: datetime) -> list[Fact]:
        """Updates the digest and last day of the mentor's slot; raises ``window-ended`` once the window is over."""
        facts = self._advance(now)
        held, _ = self._quote_of(account)
        self.slots[self.slots.index(held)] = replace(held, digest=digest, valid_until=valid_until)
        return facts

    def claim_of(self, account: str, now: datetime) -> datetime | None:
        """When the mentor's claim expires; None without one."""
        held = self.slot_of(account)
        return held.expires_at if held and held.expires_at and held.expires_at > now else None

    def follow_clients(self, clients: Sequence[str]) -> None:
        """Sets the accounts that act for the client; with the last one, the client's words go."""
        self.clients = list(clients)
        if not clients:
            self.title, self.ended_for = "", None

    def may_read_end(self, account: str) -> bool:
        """Whether the account reads why the project ended: all if it was cancelled, else its client and who quoted."""
        quoted = any(slot.account == account for slot in self.quotes)
        return self.reason == "cancelled" or account in self.clients or quoted

    def decline(self, account: str) -> list[Fact]:
        """The mentor declined: releases their claim immediately. A quote that was submitted before stays."""
        held = self.slot_of(account)
        if not self.open or held is None or held.quote_id:
            return []
        self.slots.remove(held)
        return [SlotReleased(account=account)]

    def withdraw(self, account: str, now: datetime) -> list[Fact]:
        """Frees the mentor's slot, who may quote again; raises ``window-ended`` once the window is over."""
        facts = self._advance(now)
        held, quote_id = self._quote_of(account)
        self.slots.remove(held)
        return [*facts, QuoteWithdrawn(quote_id=quote_id, account=account)]

    def remove_mentor(self, account: str, now: datetime) -> list[Fact]:
        """The mentor was erased: frees their slot; their quote can no longer be chosen.

        The published digests of a closed round do not change.
        """
        facts = self.pass_time(now)
        held = self.slot_of(account)
        if held is None or self.settled:
            return facts
        if self.open and held.quote_id:
            return facts + self.withdraw(account, now)
        self.slots.remove(held)
        return [*facts, SlotReleased(account=account)] if self.open else facts

    def pass_time(self, now: datetime) -> list[Fact]:
        """Applies what is due: expired claims, the one extension, the end of the window."""
        if not self.open:
            return []
        facts = self._expire_claims(now) + self._extend(now)
        if now >= self.accepts_until:
            facts.append(self._close("deadline", self.closes_at))
        return facts

    def extend(self, now: datetime) -> list[Fact]:
        """The client extends the window by half, once; raises ``window-ended``, ``not-extendable``."""
        facts = self._advance(now)
        later = self.extends_to
        if later is None:
            raise Refusal("not-extendable", "This window cannot be extended by hand.")
        self.closes_at, self.extended = later, True
        return [*facts, WindowExtended(closes_at=later)]

    def cancel(self, now: datetime) -> list[Fact]:
        """The client cancelled the project: destroys the quotes unopened, each with its outcome."""
        if self.settled:
            return []
        received = self.quotes
        self.reason, self.closed_at, self.digests, self.slots = "cancelled", now, [], []
        return self._settle([(slot, "destroyed") for slot in received])

    def award(self, quote_id: str) -> list[Fact]:
        """The client chose: settles that quote as accepted, the others as not chosen."""
        if self.settled:
            return []
        return self._settle([(s, "accepted" if s.quote_id == quote_id else "not_chosen") for s in self.quotes])

    def end_unchosen(self, outcome: str) -> list[Fact]:
        """The client chose no quote: settles all as ``refused``, or as ``lapsed`` if the choice period ended."""
        if self.settled:
            return []
        return self._settle([(slot, outcome) for slot in self.quotes])

    def _settle(self, outcomes: list[tuple[Slot, str]]) -> list[Fact]:
        self.settled = True
        quotes = [
            Settled(quote_id=slot.quote_id, account=slot.account, outcome=outcome)
            for slot, outcome in outcomes
            if slot.quote_id
        ]
        return [QuotesSettled(quotes=quotes)]

    def check_open(self, now: datetime) -> None:
        """Raises ``window-ended`` if the round no longer accepts quotes."""
        if not self.open or now >= self.accepts_until:
            raise Refusal("window-ended", "The window of this project has ended.")

    def _advance(self, now: datetime) -> list[Fact]:
        """Updates the round to ``now``; raises ``window-ended`` as `check_open`."""
        self.check_open(now)
        return self._expire_claims(now) + self._extend(now)

    def _expire_claims(self, now: datetime) -> list[Fact]:
        kept = live(self.slots, now)
        ended = [slot.account for slot in self.slots if slot not in kept]
        self.slots = kept
        self.spent_claims += ended
        return [SlotReleased(account=account) for account in ended]

    def _extend(self, now: datetime) -> list[Fact]:
        if now < self.closes_at or self.accepts_until == self.closes_at:
            return []
        self.closes_at, self.extended = self.accepts_until, True
        return [WindowExtended(closes_at=self.closes_at)]

    def _close(self, reason: str, at: datetime) -> Fact:
        self.slots = self.quotes
        self.reason, self.closed_at = reason, at
        self.digests = sorted(slot.digest or "" for slot in self.slots)
        quotes = [
            ReceivedQuote(
                quote_id=slot.quote_id, account=slot.account, mentor_id=slot.mentor_id, valid_until=slot.valid_until
            )
            for slot in self.slots
            if slot.quote_id
        ]
        return WindowClosed(reason=reason, closed_at=at, quotes=quotes, digests=self.digests)

    def _check_free(self) -> None:
        if len(self.slots) >= SLOTS:
            raise Refusal("round-full", "All five slots are taken; one may become free later.")

    def _quote_of(self, account: str) -> tuple[Slot, str]:
        held = self.slot_of(account)
        if held is None or not held.quote_id:
            raise Refusal("not-found", "You have no live quote in this round.")
        return held, held.quote_id


def open_round(project_id: str, posted: dict[str, Any]) -> Round:
    """The round of a posted project; its window starts at the time of posting."""
    budget = posted.get("budget")
    return Round(
        id=project_id,
        clients=posted.get("clients") or [posted["client"]],
        currency=budget["currency"] if budget else DEFAULT_CURRENCY,
        window=posted["window"],
        opened_at=posted["posted_at"],
        closes_at=posted["posted_at"] + posted["window"],
        close_early=posted["close_early"],
        auto_extend=posted["auto_extend"],
        title=posted.get("title", ""),
    )
