"""When projects arrive and which story each follows, decided from a seed before the clock starts. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

A_DAY_S = 86_400
BASELINE = 100
"""The baseline rate in projects a day, each project with its quotes and other requests."""
LADDER = (BASELINE, 10 * BASELINE, 100 * BASELINE, 1_000 * BASELINE)
LEAST = 4
"""Minimum number of projects of a level, if its rate would give fewer."""
SHORTEST_GAP_S = 10.0
"""Seconds between two projects of such a level: longer than a story, so that they do not overlap."""
SHARES = {"full": 0.80, "deadline": 0.12, "few": 0.05, "cancelled": 0.03}
"""How projects end: at the fifth quote, at the deadline with five or with three, cancelled by the client."""


@dataclass(frozen=True)
class Level:
    """One rate of arrivals. ``starts`` are seconds since its start; ``stories`` gives each project's kind."""

    a_day: int
    seconds: float
    starts: tuple[float, ...]
    stories: tuple[str, ...]
    required: bool

    @property
    def name(self) -> str:
        """The rate in words, for reports."""
        return f"{self.a_day:,} a day".replace(",", " ")

    @property
    def idle_cut(self) -> float:
        """The factor by which idle time is shortened; 1 if nothing was cut."""
        return max(1.0, A_DAY_S / self.a_day * len(self.starts) / self.seconds)


def level(a_day: int, seconds: float, seed: int, *, required: bool, least: int = LEAST) -> Level:
    """Arrivals at ``a_day`` projects a day for ``seconds``.

    Given their number, the arrivals of a Poisson process are uniformly distributed (Ross, Stochastic Processes, 2.3).
    If the rate gives fewer than ``least``, that many arrive one after another, and only idle time is cut.
    """
    lots = random.Random(f"{seed}:{a_day}")
    count = round(a_day / A_DAY_S * seconds)
    if count < least:
        starts = [SHORTEST_GAP_S * number for number in range(least)]
        return Level(a_day, SHORTEST_GAP_S * least, tuple(starts), mixed(least, lots), required)
    starts = sorted(lots.uniform(0, seconds) for _ in range(count))
    return Level(a_day, seconds, tuple(starts), mixed(count, lots), required)


def mixed(count: int, lots: random.Random) -> tuple[str, ...]:
    """The kinds of stories in their shares, rounded by largest remainder, in random order."""
    exact = {kind: share * count for kind, share in SHARES.items()}
    counts = {kind: int(number) for kind, number in exact.items()}
    short = count - sum(counts.values())
    for kind in sorted(exact, key=lambda kind: counts[kind] - exact[kind])[:short]:
        counts[kind] += 1
    kinds = [kind for kind, number in counts.items() for _ in range(number)]
    lots.shuffle(kinds)
    return tuple(kinds)


def ladder(seconds: float, levels: Sequence[int], steps: Sequence[int], seed: int) -> list[Level]:
    """The required levels, then the steps that search for the limit."""
    rising = [*((rate, True) for rate in levels), *((rate, False) for rate in steps)]
    return [level(rate, seconds, seed, required=required) for rate, required in rising]
