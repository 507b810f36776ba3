"""Which skills a text speaks of, by its words and by its meaning, whether or not it names them. Pure.

Both judges give each skill a number; each is set to mean 0 and deviation 1 over the vocabulary, so that neither
outweighs the other, and they are added.
"""

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.fit.meanings import meanings, middle
from contracts.fit.thesaurus import evidence
from contracts.fit.words import tokens
from contracts.vocabulary import SKILLS

Numbers = NDArray[np.float32]

PLACES: Final = {skill: place for place, skill in enumerate(SKILLS)}
"""The place of each skill in the arrays here."""
WORDS: Final = 1.3
"""Weight of the words against the meaning."""
CHOSEN: Final = 1.2
"""What choosing a topic adds, in deviations: much where the text is near it, little where the text is far from it."""
NAMED: Final = 1.5
"""What a topic gains whose name the text says."""
SHARPNESS: Final = 0.7
"""How fast the weight of a topic falls with its distance from the nearest one."""
MOST: Final = 30
"""Topics of one need that count; the others are noise."""


def closeness(text: str, vector: Numbers) -> Numbers:
    """How near the text is to each skill, in deviations from the mean; ``vector`` is its embedding."""
    return standard(by_meaning(vector) + np.float32(WORDS) * by_words(text))


def by_words(text: str) -> Numbers:
    """How near the words of the text are to each skill, in deviations."""
    found = {token for token, _ in tokens(text)}
    total = np.zeros(len(SKILLS), np.float32)
    for token in sorted(found):
        total += evidence(token)
    return standard(total)


def by_meaning(vector: Numbers) -> Numbers:
    """How near the meaning of the text is to each skill, in deviations."""
    return standard(meanings() @ (vector - middle()))


def asked(near: Numbers, chosen: Collection[str], named: Collection[str]) -> Numbers:
    """The weights, which add up to 1, of the topics that a need asks for: by its text, which names some of them, and by
    the choice of topics. Without a text (``near`` is 0) only those chosen count; all weights are 0 if none is."""
    if not near.any():
        alone = np.zeros_like(near)
        places = _places(chosen)
        alone[places] = 1 / np.float32(len(places) or 1)
        return alone
    nearness = near.copy()
    for topics, more in ((chosen, CHOSEN), (named, NAMED)):
        nearness[_places(topics)] += np.float32(more)
    weights = np.exp(np.float32(SHARPNESS) * (nearness - nearness.max()))
    weights[np.argsort(-weights, kind="stable")[MOST:]] = 0
    found: Numbers = weights / weights.sum()
    return found


def standard(numbers: Numbers) -> Numbers:
    """The numbers with mean 0 and deviation 1; all 0 if they do not differ."""
    deviation = float(numbers.std())
    found: Numbers = (numbers - numbers.mean()) / np.float32(deviation or 1.0)
    return found


def _places(topics: Collection[str]) -> list[int]:
    """The places of the topics that the vocabulary has."""
    return [PLACES[topic] for topic in dict.fromkeys(topics) if topic in PLACES]
