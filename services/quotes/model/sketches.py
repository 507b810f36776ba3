"""Sketches of proposals: they tell how much two texts resemble each other, and nothing of what is in them. Pure.

A text is the set of its sequences of three words, each hashed with a secret key. Its sketch is the smallest hashes of
the set: two sketches estimate the share of sequences that the texts have in common (A. Broder, On the resemblance and
containment of documents, 1997), with a standard error of at most 0.05. Without the key nobody can try texts against a
sketch, and with it only whole sequences.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.scan import WORD, fold, word_set

SEQUENCE = 3
SIZE = 128
"""Hashes in a sketch."""
PROBES = 16
"""The smallest hashes by which similar texts are looked up: of pairs that share half of their sequences, this misses
one in 65 000."""
STEPS = ((0.9, "all"), (0.7, "most"), (0.5, "half"))
"""Resemblance in coarse steps: at least so much, and its name. Less is no copy."""
LEAST_VARIETY = 0.5
"""A text in which more than half of the sequences are repeats is repetitive."""
LEAST_WORDS = 20
"""A proposal, which has 200 characters at least, with fewer different words than this is filler."""
LOREM = word_set("""
    lorem ipsum dolor amet consectetur consectetuer adipiscing elit tempor incididunt labore dolore magna aliqua enim
    veniam nostrud exercitation ullamco laboris nisi aliquip commodo consequat aute irure reprehenderit voluptate velit
    esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat proident culpa deserunt mollit laborum
""")
MOST_LOREM = 0.3
"""The share of a printer's dummy text from which on a text is filler."""


@dataclass(frozen=True)
class Sketch:
    """The smallest hashes of a text, sorted, and what is odd about the text alone."""

    hashes: tuple[int, ...]
    repetitive: bool = False
    filler: bool = False

    @property
    def probes(self) -> tuple[int, ...]:
        """The hashes by which similar texts are looked up."""
        return self.hashes[:PROBES]


def sketch(text: str, secret: bytes) -> Sketch:
    """The sketch of a text, in time linear in its length."""
    words = _words(text)
    sequences = _sequences(words)
    distinct = set(sequences)
    hashes = sorted(_hash(sequence, secret) for sequence in distinct)[:SIZE]
    repetitive = bool(sequences) and len(distinct) < LEAST_VARIETY * len(sequences)
    return Sketch(tuple(hashes), repetitive, _is_filler(words))


def all_hashes(text: str, secret: bytes) -> frozenset[int]:
    """The hashes of all sequences of a text that is no secret, for `share_within`."""
    return frozenset(_hash(sequence, secret) for sequence in set(_sequences(_words(text))))


def resemblance(one: Sketch, other: Sketch) -> float:
    """The estimated share of sequences that two texts have in common, of all that they have; from 0 to 1."""
    mine, theirs = set(one.hashes), set(other.hashes)
    smallest = sorted(mine | theirs)[:SIZE]
    return sum(value in mine and value in theirs for value in smallest) / len(smallest) if smallest else 0.0


def may_be_copy(one: frozenset[int], other: Sketch) -> bool:
    """Whether the resemblance of two texts may reach the least step. It costs a tenth of `resemblance`."""
    shared = len(one.intersection(other.hashes))
    return shared >= STEPS[-1][0] * min(SIZE, len(one) + len(other.hashes) - shared)


def share_within(one: Sketch, hashes: Iterable[int]) -> float:
    """The estimated share of a text's sequences that occur in another text, given all hashes of that one."""
    known = set(hashes)
    return sum(value in known for value in one.hashes) / len(one.hashes) if one.hashes else 0.0


def step_of(similarity: float) -> str | None:
    """The name of the step, or None for texts that are no copies."""
    return next((name for least, name in STEPS if similarity >= least), None)


def _words(text: str) -> list[str]:
    return WORD.findall(fold(text).text)


def _sequences(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + SEQUENCE]) for start in range(len(words) - SEQUENCE + 1)]


def _hash(sequence: tuple[str, ...], secret: bytes) -> int:
    """63 bits, which MongoDB stores as a signed integer."""
    digest = hashlib.blake2b(" ".join(sequence).encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def _is_filler(words: list[str]) -> bool:
    counted = Counter(words)
    dummy = sum(times for word, times in counted.items() if word in LOREM)
    return len(counted) < LEAST_WORDS or dummy >= MOST_LOREM * len(words)
