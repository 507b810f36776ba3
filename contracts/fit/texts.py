"""The words that a profile shares with a need, as a reason shows them. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from contracts import vocabulary
from contracts.fit.words import tokens

Words = Sequence[tuple[str, str]]
"""A text as `words.tokens` returns it: each word as a token and as it is spelled."""


def topical(skills: Iterable[str]) -> set[str]:
    """The tokens of the names of these skills, in both languages."""
    return {token for name in vocabulary.terms(skills) for token, _ in tokens(name)}


def found(query: Collection[str], profile: Words) -> dict[str, str]:
    """The tokens of the query that the profile has, each as it is spelled there first."""
    return {token: word for token, word in reversed(profile) if token in query}


def shown(words: Mapping[str, str], first: Collection[str], frequency: Mapping[str, int], most: int) -> tuple[str, ...]:
    """At most ``most`` matched words: tokens of ``first`` first, then the rarest."""
    order = sorted(words, key=lambda token: (token not in first, frequency[token], token))[:most]
    return tuple(words[token] for token in order)
