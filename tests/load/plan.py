"""When projects arrive, and which story each of them is: decided before the clock starts, from a seed. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

A_DAY_S = 86_400
BASELINE = 100
"""Projects a day, each with its five quotes and all that goes with it."""
LADDER = (BASELINE, 10 * BASELINE, 100 * BASELINE, 1_000 * BASELINE)
LEAST = 4
"""Projects of a level whose own rate would bring fewer in its time."""
SHORTEST_GAP_S = 10.0
"""Between two projects of such a level: longer than a story, so that they do not overlap, as they would not."""
SHARES = {"full": 0.80, "deadline": 0.12, "few": 0.05, "cancelled": 0.03}
"""How projects end: at the fifth quote, at the deadline with five, at the deadline with three, by the client."""


@dataclass(frozen=True)
class Level:
    """One rate of arrivals. ``starts`` are seconds from its beginning; ``stories`` says what each project becomes."""

    a_day: int
    seconds: float
    starts: tuple[float, ...]
    stories: tuple[str, ...]
    required: bool

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.a_day:,} a day".replace(",", " ")

    @property
    def idle_cut(self) -> float:
        """How many times shorter the pauses are than at the rate itself; 1 where nothing was cut."""
        return max(1.0, A_DAY_S / self.a_day * len(self.starts) / self.seconds)


def level(a_day: int, seconds: float, seed: int, *, required: bool, least: int = LEAST) -> Level:
    """Arrivals at so many projects a day for so many seconds.

    A Poisson process of a given number of arrivals is as many moments drawn evenly (Ross, Stochastic Processes,
    2.3). Where the rate brings fewer than ``least``, that many come one after the other, and only idle time is cut.
    """
    lots = random.Random(f"{seed}:{a_day}")
    count = round(a_day / A_DAY_S * seconds)
    if count < least:
        starts = [SHORTEST_GAP_S * number for number in range(least)]
        return Level(a_day, SHORTEST_GAP_S * least, tuple(starts), mixed(least, lots), required)
    starts = sorted(lots.uniform(0, seconds) for _ in range(count))
    return Level(a_day, seconds, tuple(starts), mixed(count, lots), required)


def mixed(count: int, lots: random.Random) -> tuple[str, ...]:
    """The kinds of stories in their shares, whole numbers by largest remainder, in an order by chance."""
    exact = {kind: share * count for kind, share in SHARES.items()}
    counts = {kind: int(number) for kind, number in exact.items()}
    short = count - sum(counts.values())
    for kind in sorted(exact, key=lambda kind: counts[kind] - exact[kind])[:short]:
        counts[kind] += 1
    kinds = [kind for kind, number in counts.items() for _ in range(number)]
    lots.shuffle(kinds)
    return tuple(kinds)


def ladder(seconds: float, levels: Sequence[int], steps: Sequence[int], seed: int) -> list[Level]:
    """The levels that must hold, then the steps that are to find the end."""
    rising = [*((rate, True) for rate in levels), *((rate, False) for rate in steps)]
    return [level(rate, seconds, seed, required=required) for rate, required in rising]
