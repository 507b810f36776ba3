"""The rankings that are compared: each orders the labelled mentors for a posting, best first.

Every ranking leaves out mentors without a language in common, which the ranking under test does too. Equal scores are
ordered by a hash, so that nothing is won by the order in a file.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts import vocabulary
from contracts.fit.encoder import Encoder, Vectors
from contracts.fit.portraits import ask, paint
from contracts.fit.words import tokens
from services.matching.model.ranking import Need, Ranked, rank
from services.matching.model.shelf import Shelf, Traits
from services.matching.model.waves import LEAST_FIT

Row = Mapping[str, Any]
Scores = NDArray[np.float64]
Ranker = Callable[[Row], list[str]]
"""Takes a posting (`labelled.posting`) and returns the ids of the mentors on the list."""

TODAY: Final = date.min
"""Labelled mentors are free at once, so any day will do."""
OUT: Final = -1.0
"""The score of who is not on the list."""


class Remembering:
    """An encoder that encodes each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self._encoder = encoder.name, encoder
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.encode([text])[0]
        return np.stack([self._known[text] for text in texts])


def simple(mentors: Sequence[Row], score: Callable[[Row, Sequence[Row]], Scores]) -> Ranker:
    """A ranking by one score over the mentors with a language in common; `OUT` leaves a mentor out."""

    def order(posting: Row) -> list[str]:
        speaking = [one for one in mentors if not set(posting["languages"]).isdisjoint(one["languages"])]
        scores = score(posting, speaking)
        scored = {one["id"]: value for one, value in zip(speaking, scores, strict=True) if value > OUT}
        return in_order(scored, posting["title"])

    return order


def in_order(scores: Mapping[str, float], seed: str) -> list[str]:
    """The ids by descending score, equal ones by a hash of seed and id."""
    return sorted(scores, key=lambda id: (-scores[id], sha256(f"{seed} {id}".encode()).digest()))


def nothing(_: Row, mentors: Sequence[Row]) -> Scores:
    """Chance: all scores are equal."""
    return np.zeros(len(mentors))


def skills(posting: Row, mentors: Sequence[Row]) -> Scores:
    """The mean nearness of the nearest listed skill to each chosen topic."""
    return np.array([_covered(posting["topics"], one["skills"]) for one in mentors])


def bm25(posting: Row, mentors: Sequence[Row]) -> Scores:
    """BM25 of headline, bio and the names of the skills against title, brief and the names of the topics."""
    texts = [_words(one["headline"], one["bio"], *vocabulary.terms(one["skills"])) for one in mentors]
    return scored(_query(posting), texts)


def november(posting: Row, mentors: Sequence[Row]) -> Scores:
    """The ranking of November 2026 (commit ea55df5), with its condition: who has no skill near a chosen topic is left
    out. All labelled mentors are available at once."""
    near = [any(vocabulary.related(a, b) for a in posting["topics"] for b in one["skills"]) for one in mentors]
    pool = [one for one, is_near in zip(mentors, near, strict=True) if is_near]
    text = scored(_query(posting), [_words(one["headline"], one["bio"]) for one in pool])
    parts = {
        "skills": skills(posting, pool),
        "text": text / (text.max(initial=0) or 1),
        "languages": [len(set(posting["languages"]) & set(one["languages"])) / len(posting["languages"])
                      for one in pool],
        "budget": [_paid(posting["budget"], one.get("day_rate")) for one in pool],
        "availability": np.ones(len(pool)),
    }  # fmt: skip
    found = np.full(len(mentors), OUT)
    found[near] = sum(weight * np.asarray(parts[name]) for name, weight in OF_NOVEMBER.items())
    return found


OF_NOVEMBER: Final = MappingProxyType(
    {"skills": 0.5, "text": 0.2, "languages": 0.1, "budget": 0.1, "availability": 0.1}
)


def scored(query: Collection[str], texts: Sequence[Sequence[str]]) -> Scores:
    """Plain BM25 (Robertson and Zaragoza, 2009) of each text; k1 = 1.5, b = 0.75."""
    counts = [Counter(text) for text in texts]
    lengths = np.array([len(text) for text in texts], float)
    usual = 1.5 * (0.25 + 0.75 * lengths / (lengths.mean() if texts else 1))
    total = np.zeros(len(texts))
    for word in sorted(query):
        times = np.array([count[word] for count in counts], float)
        having = np.count_nonzero(times)
        total += np.log(1 + (len(texts) - having + 0.5) / (having + 0.5)) * times / (times + usual)
    return total


class Current:
    """The ranking under test over these mentors. It reads of a mentor what the service reads."""

    def __init__(self, mentors: Sequence[Row], encoder: Encoder) -> None:
        self.encoder, self._shelf = encoder, Shelf()
        for one in mentors:
            rate = one.get("day_rate") or {}
            traits = Traits(tuple(one["languages"]), rate.get("amount"), rate.get("currency"))
            portrait = paint(one["skills"], [one["headline"], one["bio"]], encoder)
            self._shelf.put(one["id"], "", portrait, traits)

    def compared(self, posting: Row) -> Sequence[Ranked]:
        """Every mentor who meets the conditions, best first, with the parts of the score."""
        asked = ask(posting["title"], posting["brief"], posting["topics"], self.encoder)
        budget = posting["budget"] or {}
        need = Need(asked, tuple(posting["languages"]), budget.get("amount"), budget.get("currency"))
        return rank(self._shelf, need, TODAY, posting["title"]).entries()

    def __call__(self, posting: Row) -> list[str]:
        """The list that matching would keep."""
        return [one.mentor for one in self.compared(posting) if one.parts["topics"] >= LEAST_FIT]

    def scores(self, posting: Row) -> dict[str, float]:
        """The scores by mentor."""
        return {one.mentor: one.score for one in self.compared(posting)}

    def by(self, weights: Mapping[str, float]) -> Ranker:
        """Every mentor who meets the conditions, with other weights of the parts."""

        def order(posting: Row) -> list[str]:
            scores = {one.mentor: sum(weight * one.parts[name] for name, weight in weights.items())
                      for one in self.compared(posting)}  # fmt: skip
            return in_order(scores, posting["title"])

        return order


def baselines(mentors: Sequence[Row]) -> dict[str, Ranker]:
    """What the ranking under test is compared with, by name."""
    by_score = {"random": nothing, "skills": skills, "BM25": bm25, "November": november}
    return {name: simple(mentors, score) for name, score in by_score.items()}


def _covered(topics: Sequence[str], offered: Sequence[str]) -> float:
    nearest = [max((vocabulary.related(topic, skill) for skill in offered), default=0.0) for topic in topics]
    return sum(nearest) / len(nearest)


def _paid(budget: Row | None, rate: Row | None) -> float:
    """How far the budget pays for five days; half if one of the two is unknown."""
    if not budget or not rate or budget["currency"] != rate["currency"]:
        return 0.5
    return min(1.0, budget["amount"] / (5 * rate["amount"])) if rate["amount"] > 0 else 1.0


def _query(posting: Row) -> set[str]:
    return set(_words(posting["title"], posting["brief"], *vocabulary.terms(posting["topics"])))


def _words(*texts: str) -> list[str]:
    return [token for text in texts for token, _ in tokens(text)]
