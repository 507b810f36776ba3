"""The parts of a score that texts and skills make, from 0 to 1: of many needs and many people at once. Pure.

Each returns a matrix with a row for each need and a column for each person.
"""

from collections.abc import Sequence

import numpy as np

from contracts.fit.portraits import Asked, Portrait
from contracts.fit.sets import incidence
from contracts.fit.thesaurus import thesaurus
from contracts.fit.topics import Numbers


def topics(asked: Sequence[Asked], people: Sequence[Portrait]) -> Numbers:
    """How well each person covers the topics, by their weights."""
    return _products([one.weights for one in asked], [one.strengths for one in people])


def meaning(asked: Sequence[Asked], people: Sequence[Portrait]) -> Numbers:
    """How near the texts of each person are in meaning."""
    return np.clip(_products([one.direction for one in asked], [one.direction for one in people]), 0, 1)


def words(asked: Sequence[Asked], people: Sequence[Portrait]) -> Numbers:
    """The share of the need's words that each person's texts have, by how much the words tell."""
    known = sorted({word for one in asked for word in one.words})
    places = {word: place for place, word in enumerate(known)}
    rarity = np.array([thesaurus().rarity_of(word) for word in known], np.float32)
    wanted = incidence([one.words for one in asked], places) * rarity
    whole = wanted.sum(axis=1, keepdims=True)
    own = incidence([one.words for one in people], places)
    return np.asarray(wanted @ own.T / np.where(whole > 0, whole, 1), np.float32)


def _products(ours: Sequence[Numbers], theirs: Sequence[Numbers]) -> Numbers:
    if not ours or not theirs:
        return np.zeros((len(ours), len(theirs)), np.float32)
    found: Numbers = np.stack(ours) @ np.stack(theirs).T
    return found
