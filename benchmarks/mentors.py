"""Any number of invented mentors and needs, mixed from the labelled ones; always the same. Pure.

A mixture keeps what a comparison costs: how many skills are strong, how many words a text has, how often each occurs.
Whom it finds means nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from contracts.fit.portraits import Asked, Portrait
from contracts.fit.topics import MOST, Numbers
from services.matching.model.shelf import Traits

SEED: Final = 97
LIKE: Final = (0.6, 1.0)
"""The share of the first of two people in a mixture."""
NOISE: Final = 0.03
"""Standard deviation of the noise in each number of a direction; such a number is about 0.05."""
KEPT: Final = 0.8
"""The share of a text's words that a mixture keeps."""
RARE_WORDS: Final = 12
"""Words of a mixture that no labelled text has, of `RARE` different ones."""
RARE: Final = 60_000
LANGUAGES: Final = (("fr",), ("en",), ("fr", "en"), ("de", "en", "fr"), ("es", "fr"))
RATES: Final = (25_000, 90_000)
"""Day rates, in cents."""
LATER: Final = 45
"""A third of the mentors are available in up to this many days."""


def invented(models: Sequence[Portrait], number: int, today: date) -> Iterator[tuple[Portrait, Traits]]:
    """This many mentors."""
    chance = np.random.default_rng(SEED)
    for _ in range(number):
        one, other = (models[place] for place in chance.integers(len(models), size=2))
        share = np.float32(chance.uniform(*LIKE))
        strengths = np.clip(share * one.strengths + (1 - share) * other.strengths, 0, 1)
        direction = _mixed(one.direction, other.direction, share, chance)
        yield Portrait(strengths, direction, _words(one.words, chance)), _traits(chance, today)


def needs(models: Sequence[Asked], number: int) -> Iterator[Asked]:
    """This many needs."""
    chance = np.random.default_rng(SEED + 1)
    for _ in range(number):
        one, other = (models[place] for place in chance.integers(len(models), size=2))
        share = np.float32(chance.uniform(*LIKE))
        weights = share * one.weights + (1 - share) * other.weights
        weights[np.argsort(-weights, kind="stable")[MOST:]] = 0
        direction = _mixed(one.direction, other.direction, share, chance)
        yield Asked(weights / weights.sum(), direction, _words(one.words, chance))


def _mixed(one: Numbers, other: Numbers, share: np.float32, chance: np.random.Generator) -> Numbers:
    noise = chance.normal(0, NOISE, len(one)).astype(np.float32)
    mixed = share * one + (1 - share) * other + noise
    found: Numbers = mixed / np.linalg.norm(mixed)
    return found


def _words(words: frozenset[str], chance: np.random.Generator) -> frozenset[str]:
    known = sorted(words)
    kept = [word for word, drawn in zip(known, chance.random(len(known)), strict=True) if drawn < KEPT]
    return frozenset([*kept, *(f"rare{number}" for number in chance.integers(RARE, size=RARE_WORDS))])


def _traits(chance: np.random.Generator, today: date) -> Traits:
    languages = LANGUAGES[chance.integers(len(LANGUAGES))]
    later = today + timedelta(int(chance.integers(1, LATER))) if chance.random() < 1 / 3 else None
    return Traits(languages, int(chance.integers(*RATES)), "EUR", later)
