"""How good an order of mentors is, judged by the grades of the labelled set. Pure.

nDCG is normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002) with the gain 2^grade - 1: 1 for the best
possible order, and mistakes at the top cost most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.matching.labelled import GOOD

FIRST: Final = 12
"""Places that the measure looks at."""
TOP: Final = 5
"""Places in which a profile that lists everything would be noticed."""
WITHIN: Final = (12, 20, 500)
"""Lengths of the list within which a good mentor should be; 500 is the longest that matching keeps of a project."""
RESAMPLES: Final = 10_000
SEED: Final = 97
CONFIDENCE: Final = (2.5, 97.5)
"""Percentiles of the 95 % intervals."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """The order that a ranking gave one brief: its nDCG, its good mentors, how many of them are not ``within`` the
    first places that `WITHIN` counts, and whether a stuffer is in the first `TOP`."""

    ndcg: float
    good: int
    missed: tuple[int, ...]
    stuffed: bool


def judged(order: Sequence[str], grades: Mapping[str, int], stuffers: frozenset[str]) -> Judged:
    """Judges the order of one brief, best first. Who has no grade has 0; who is not in the order was left out."""
    good = {mentor for mentor, grade in grades.items() if grade >= GOOD}
    missed = tuple(len(good.difference(order[:length])) for length in WITHIN)
    return Judged(ndcg(order, grades), len(good), missed, not stuffers.isdisjoint(order[:TOP]))


def ndcg(order: Sequence[str], grades: Mapping[str, int], first: int = FIRST) -> float:
    """nDCG of the first places; 1 if nobody has a grade, because no order is better."""
    best = gained(sorted(grades.values(), reverse=True)[:first])
    return gained([grades.get(mentor, 0) for mentor in order[:first]]) / best if best else 1.0


def gained(grades: Sequence[int]) -> float:
    """The discounted cumulative gain of these grades in this order."""
    places = np.arange(2, len(grades) + 2)
    return float(((2.0 ** np.array(grades, float) - 1) / np.log2(places)).sum())


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def estimated(values: Sequence[float] | Values) -> Estimate:
    """The mean over briefs with its bootstrap interval: briefs are drawn again with replacement, always the same way.
    Of differences between two rankings over the same briefs, it is the paired bootstrap."""
    known = np.asarray(values, float)
    chance = np.random.default_rng(SEED)
    means = known[chance.integers(len(known), size=(RESAMPLES, len(known)))].mean(axis=1)
    low, high = np.percentile(means, CONFIDENCE)
    return Estimate(float(known.mean()), float(low), float(high))
