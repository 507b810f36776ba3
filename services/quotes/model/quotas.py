"""How many claims and quotes a mentor may have, over all rounds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.facts import Refusal, seconds_until

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOST_OFFERS = 5
"""Quotes of a mentor in one round, withdrawn ones included: each tells the client and may move the others' chances."""


@dataclass(frozen=True)
class Quotas:
    """Limits for one mentor; zero means none.

    ``open_claims``: slots held at a time without a quote; ``lapsed_claims``: claims of rounds opened within a week that
    expired without a quote, after which no more may be made; ``quotes_a_day``: quotes submitted within 24 hours.
    """

    open_claims: int
    lapsed_claims: int
    quotes_a_day: int

    def check_claim(self, expiries: Sequence[datetime], lapsed: Sequence[datetime], now: datetime) -> None:
        """Refuses one more claim as ``too-many-claims``.

        ``expiries`` are the times at which the mentor's claims expire; ``lapsed`` are the openings of the rounds in
        which a claim of the last week expired.
        """
        if self.open_claims and len(expiries) >= self.open_claims:
            detail = f"You hold {len(expiries)} slots already; hand in a quote, or wait until a claim expires."
            free = sorted(expiries)[-self.open_claims]
            raise Refusal("too-many-claims", detail, retry_after=seconds_until(free - now))
        if self.lapsed_claims and len(lapsed) >= self.lapsed_claims:
            detail = "Your last claims expired without a quote. You may still quote while a slot is free."
            free = sorted(lapsed)[-self.lapsed_claims] + WEEK
            raise Refusal("too-many-claims", detail, retry_after=seconds_until(free - now))

    def check_quote(self, submitted: Sequence[datetime], in_this_round: int, now: datetime) -> None:
        """Refuses one more quote as ``quotes-spent`` or ``too-many-quotes``.

        ``submitted`` are the times of the mentor's quotes of the last day; ``in_this_round`` counts all of a round.
        """
        if in_this_round >= MOST_OFFERS:
            raise Refusal("quotes-spent", f"You have handed in {in_this_round} quotes for this project.",
                          extra={"params": {"quotes": in_this_round}})
        if self.quotes_a_day and len(submitted) >= self.quotes_a_day:
            detail = f"You may hand in {self.quotes_a_day} quotes within a day."
            free = sorted(submitted)[-self.quotes_a_day] + DAY
            raise Refusal("too-many-quotes", detail, retry_after=seconds_until(free - now))
