"""How often a mentor was on a round's list, how often invited, and why not: counts by month. Pure.

A round is counted once, when it is over, in the month of its end, and a mentor reads only months that are over: whoever
watches the counts learns of no open round. An exclusion counts as others having come first. With a count of its own, or
as no count at all, it would tell whose projects there are (decision 72).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.matching.model.considered import AWAY, CAP, INVITED, LEFT_OUT, PAUSED
from services.matching.model.profiles import day_of

OTHERS: Final = "others-first"
"""Others were invited before: better fits, mentors who had been invited less, and exclusions on either side."""
TOLD: Final = (INVITED, OTHERS, CAP, PAUSED, AWAY, LEFT_OUT)
"""What became of a mentor on a list, as the mentor may know it. Their sum is how often the mentor was eligible."""
MONTHS: Final = 12
"""Months that a mentor reads; older ones are deleted when the next round is counted."""

Counts = Mapping[str, int]
"""By each of `TOLD`, how often."""


@dataclass(frozen=True)
class Tally:
    """What a round that is over tells: by account, one of `TOLD`. ``month`` is ``YYYY-MM``."""

    project_id: str
    month: str
    codes: Mapping[str, str]


def month_of(now: datetime) -> str:
    """The month in the market's time zone, ``YYYY-MM``."""
    return day_of(now).strftime("%Y-%m")


def earlier(month: str, months: int) -> str:
    """The month so many months before."""
    year, number = map(int, month.split("-"))
    whole = year * 12 + number - 1 - months
    return date(whole // 12, whole % 12 + 1, 1).strftime("%Y-%m")


def tallied(
    project_id: str, listed: Iterable[str], outcomes: Iterable[tuple[str, str]], invited: Iterable[str], now: datetime
) -> Tally:
    """Counts a round that is over. ``listed``: the accounts on its list; ``outcomes``: what waves decided, in order."""
    codes = dict.fromkeys(filter(None, listed), OTHERS)
    codes |= {account: outcome if outcome in TOLD else OTHERS for account, outcome in outcomes if account}
    return Tally(project_id, month_of(now), codes | dict.fromkeys(invited, INVITED))


def ended_months(months: Mapping[str, Counts], now: datetime) -> list[tuple[str, Counts]]:
    """The months that a mentor reads, newest first: those that are over, `MONTHS` at most."""
    this = month_of(now)
    return sorted(((one, months[one]) for one in months if earlier(this, MONTHS) <= one < this), reverse=True)
