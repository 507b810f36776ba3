"""The part of a score that texts make: BM25 of a profile against a query, and the words that match. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set

import bm25s
import numpy as np
from numpy.typing import NDArray

from contracts import vocabulary
from contracts.fit.words import tokens

Words = Sequence[tuple[str, str]]
"""A text as `words.tokens` returns it: each word as a token and as it is spelled."""


def topical(skills: Iterable[str]) -> set[str]:
    """The tokens of the names of these skills, in both languages."""
    return {token for name in vocabulary.terms(skills) for token, _ in tokens(name)}


def scored(
    query: Set[str], first: Collection[str], profiles: Sequence[Words], most: int
) -> list[tuple[float, tuple[str, ...]]]:
    """For each profile, its BM25 score against the query, scaled to 1 for the best, and at most ``most`` matched words
    as the profile spells them: tokens of ``first`` first, then the rarest."""
    matched = [found(query, profile) for profile in profiles]
    frequency = Counter(token for words in matched for token in words)
    if not frequency:
        return [(0.0, ())] * len(profiles)
    scores = _scaled(_index(profiles, query), sorted(frequency))
    return [(float(score), shown(words, first, frequency, most)) for score, words in zip(scores, matched, strict=True)]


def scored_matrix(queries: Sequence[Set[str]], profiles: Sequence[Words]) -> NDArray[np.float32]:
    """The scores of `scored` for each query (rows) and each profile (columns)."""
    parts = np.zeros((len(queries), len(profiles)), np.float32)
    present = {token for profile in profiles for token, _ in profile if token}
    asked = [sorted(query & present) for query in queries]
    everything = frozenset(token for query in asked for token in query)
    if everything:
        index = _index(profiles, everything)
        for row, query in enumerate(asked):
            if query:
                parts[row] = _scaled(index, query)
    return parts


def found(query: Collection[str], profile: Words) -> dict[str, str]:
    """The tokens of the query that the profile has, each as it is spelled there first."""
    return {token: word for token, word in reversed(profile) if token in query}


def shown(words: Mapping[str, str], first: Collection[str], frequency: Mapping[str, int], most: int) -> tuple[str, ...]:
    """At most ``most`` matched words: tokens of ``first`` first, then the rarest."""
    order = sorted(words, key=lambda token: (token not in first, frequency[token], token))[:most]
    return tuple(words[token] for token in order)


def _index(profiles: Sequence[Words], query: Collection[str]) -> bm25s.BM25:
    index = bm25s.BM25()
    # Other words only add to a profile's length: mapping them to one token gives the same scores faster.
    documents = [[token if token in query else "" for token, _ in profile] for profile in profiles]
    index.index(documents, show_progress=False)
    return index


def _scaled(index: bm25s.BM25, query: list[str]) -> NDArray[np.float64]:
    scores = index.get_scores(query).astype(float)
    return np.clip(scores / (float(scores.max()) or 1.0), 0.0, 1.0)
