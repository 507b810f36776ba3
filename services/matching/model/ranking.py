"""Ranks mentors for a need: pure rules, no clock, no I/O.

Every mentor is compared (`shelf`); the score is a weighted sum of parts from 0 to 1. The texts and skills decide;
money, days and languages order mentors who fit equally well.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.fit.portraits import Asked
from contracts.fit.topics import Numbers
from services.matching.model.shelf import Compared, Rows, Shelf

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"topics": 0.75, "words": 0.05, "meaning": 0.075, "budget": 0.05, "availability": 0.05, "languages": 0.025}
)
"""Measured on the labelled set (docs/matching.md): the first three by nDCG, the others small enough to cost none."""
SOON_DAYS: Final = 30  # days; a mentor available later than this is not eligible
BUDGET_DAYS: Final = 5  # a budget that pays for this many days of a mentor scores 1
DECIMALS: Final = 6
"""Scores are rounded, so that floating-point noise does not break ties."""


@dataclass(frozen=True)
class Need:
    """What a project asks for; the budget is in minor units of its currency, before tax."""

    asked: Asked
    languages: tuple[str, ...]
    budget_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Ranked:
    """A mentor's score from 0 to 1, its ``parts`` before weighting, and what each skill (by its place in the
    vocabulary) contributes to the part ``topics``, largest first."""

    mentor: str
    score: float
    parts: Mapping[str, float]
    by_topic: tuple[tuple[int, float], ...]


class Ranking:
    """The eligible mentors, best first; entries are made when they are asked for."""

    def __init__(
        self, compared: Compared, order: Rows, parts: Mapping[str, Numbers], scores: NDArray[np.float64]
    ) -> None:
        self._compared, self._order, self._parts, self._scores = compared, order, parts, scores

    def __len__(self) -> int:
        return len(self._order)

    def entries(self, first: int = 0, last: int | None = None) -> list[Ranked]:
        """The mentors from place ``first`` up to, without, place ``last``; places are counted from 0."""
        return self._entries(self._order[first:last])

    def _entries(self, places: Rows) -> list[Ranked]:
        found = []
        rows = zip(self._compared.mentors(places), places, self._compared.by_topic(places), strict=True)
        for mentor, place, topics in rows:
            parts = {name: round(float(part[place]), DECIMALS) for name, part in self._parts.items()}
            largest = sorted((one for one in topics if one[1] > 0), key=lambda one: -one[1])
            found.append(Ranked(mentor, round(float(self._scores[place]), DECIMALS), parts, tuple(largest)))
        return found


def rank(shelf: Shelf, need: Need, today: date, seed: str, among: Collection[str] | None = None) -> Ranking:
    """The eligible mentors of the shelf, or those ``among`` them, best first.

    Not eligible are only mentors without a language in common, if any is wanted, and who are not available within
    `SOON_DAYS`. The order depends only on the arguments, and not on the order in which mentors were put on the shelf.
    Equal scores are ordered by lots that seed and mentor draw, so that no id is always favoured.
    """
    compared = shelf.compare(need.asked, among)
    waits = compared.waits(today)
    parts = {
        "topics": compared.topics(),
        "words": compared.words(),
        "meaning": compared.meaning(),
        "budget": compared.budget(need.budget_minor, need.currency, BUDGET_DAYS),
        "availability": np.asarray(1 - waits / (SOON_DAYS + 1), np.float32),
        "languages": compared.languages(need.languages),
    }
    total = np.zeros(len(waits))
    for name, weight in WEIGHTS.items():
        total += weight * parts[name]
    scores = np.round(total, DECIMALS)
    eligible = np.flatnonzero((waits <= SOON_DAYS) & (parts["languages"] > 0))
    order = eligible[np.lexsort((compared.lots(seed)[eligible], -scores[eligible]))]
    return Ranking(compared, order, parts, scores)
