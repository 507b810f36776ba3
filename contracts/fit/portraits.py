"""What a person can do, and what somebody asks for, as numbers that are compared. Pure.

A portrait is computed once when a profile is stored, a need once when a brief is. Comparing two takes microseconds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from contracts import vocabulary
from contracts.fit.encoder import WIDTH, Encoder
from contracts.fit.meanings import middle
from contracts.fit.refusals import told, wanted
from contracts.fit.topics import PLACES, Numbers, asked, closeness
from contracts.fit.words import tokens
from contracts.vocabulary import SKILLS

RULES: Final = 1
"""To be raised with any change of what a portrait or need says of the same text: stored ones are then computed anew."""
MOST_READ: Final = 3_000
"""Characters of a text that are read, and of these what follows the first `MOST_ENCODED` for its words only."""
MOST_ENCODED: Final = 1_000
"""Characters of a text that the model reads: some 250 tokens of French. Its time grows with them."""
MOST_DISCLAIMED: Final = 5
"""Sentences that disclaim which are read."""
FOCUSED: Final = 7
"""Listed skills up to which each counts in full. In a list twice as long each counts a quarter, so that a long list is
no merit."""
LISTED_ALONE: Final = 0.8
"""What a listed skill is worth that the texts do not confirm; a confirmed one is worth 1."""
CONFIRMED: Final = 2.0
"""Deviations from the mean at which the texts confirm a skill fully."""
SHOWN: Final = 0.1
"""What each deviation of the texts adds."""
MOST_SHOWN: Final = 4.0
"""The deviations that count."""
DISCLAIMS: Final = 2.5
"""Deviations from which a sentence that disclaims is about a skill."""
DISCLAIMED: Final = 0.1
"""What remains of a skill that the texts disclaim."""
NEARBY: Final = 0.4
"""What a related skill (`vocabulary.related`) lends."""
STRONGEST: Final = 1 + SHOWN * MOST_SHOWN


@dataclass(frozen=True, eq=False)
class Portrait:
    """A person. ``strengths`` has a number from 0 to 1 for each skill of the vocabulary, in its order; ``direction``
    is a unit vector of the texts' meaning, 0 without texts; ``words`` are the tokens of the texts."""

    strengths: Numbers
    direction: Numbers
    words: frozenset[str]


@dataclass(frozen=True, eq=False)
class Asked:
    """A need. ``weights`` of the skills add up to 1, or to 0 if nothing is asked for; ``direction`` and ``words`` as
    in `Portrait`."""

    weights: Numbers
    direction: Numbers
    words: frozenset[str]


@dataclass(frozen=True, eq=False)
class Read:
    """A text: how near it is to each skill (`topics.closeness`), its meaning and its tokens; 0 without a word."""

    near: Numbers
    direction: Numbers
    words: frozenset[str]


_BLANK: Final = Read(np.zeros(len(SKILLS), np.float32), np.zeros(WIDTH, np.float32), frozenset())


def paint(listed: Sequence[str], texts: Sequence[str], encoder: Encoder) -> Portrait:
    """The portrait of a person who lists these skills and writes these texts. Sentences that disclaim a skill take it
    away, whether or not it is listed. Texts without a word are not encoded."""
    parts = [told(text[:MOST_READ]) for text in texts]
    disclaims = [sentence for part in parts for sentence in part.disclaims][:MOST_DISCLAIMED]
    claims, *denied = read(["\n".join(part.claims for part in parts), *disclaims], encoder)
    own = strengths(listed, claims.near)
    for sentence in denied:
        own[sentence.near > DISCLAIMS] *= np.float32(DISCLAIMED)
    lent = np.float32(NEARBY) * (own[None, :] * _related()).max(axis=1)
    return Portrait(np.maximum(own, lent) / np.float32(STRONGEST), claims.direction, claims.words)


def ask(title: str, brief: str, chosen: Collection[str], encoder: Encoder) -> Asked:
    """The need of a brief for which these topics are chosen. What title and brief do not want counts for nothing.
    Texts without a word are not encoded."""
    text = f"{wanted(title[:MOST_READ])}.\n{wanted(brief[:MOST_READ])}"
    (found,) = read([text], encoder)
    return Asked(asked(found.near, chosen, vocabulary.mentioned(text)), found.direction, found.words)


def read(texts: Sequence[str], encoder: Encoder) -> list[Read]:
    """Reads texts. One in which no word counts is not encoded."""
    own = [words(text) for text in texts]
    spoken = [place for place, tokens_of in enumerate(own) if tokens_of]
    found = [_BLANK] * len(texts)
    if spoken:
        vectors = encoder.encode([texts[place][:MOST_ENCODED] for place in spoken])
        for place, vector in zip(spoken, vectors, strict=True):
            found[place] = Read(closeness(texts[place], vector), direction(vector), own[place])
    return found


def strengths(listed: Collection[str], near: Numbers) -> Numbers:
    """The strength in each skill, from 0 to `STRONGEST`: listed ones as far as the texts confirm them, and what the
    texts show; ``near`` is how near they are to each skill (`topics.closeness`)."""
    found = np.float32(SHOWN) * np.clip(near, 0, np.float32(MOST_SHOWN))
    known = [PLACES[skill] for skill in dict.fromkeys(listed) if skill in PLACES]
    if known:
        confirmed = np.clip(near[known] / np.float32(CONFIRMED), 0, 1)
        worth = np.float32(LISTED_ALONE) + np.float32(1 - LISTED_ALONE) * confirmed
        found[known] += np.float32(share_of_one(len(known))) * worth
    return found


def share_of_one(listed: int) -> float:
    """How much each skill of a list of this length counts, from 0 to 1."""
    return min(1, FOCUSED / listed) ** 2


def direction(vector: Numbers) -> Numbers:
    """The meaning of a text without what all texts have in common, as a unit vector."""
    apart = vector - middle()
    found: Numbers = apart / np.float32(np.linalg.norm(apart) or 1.0)
    return found


def words(text: str) -> frozenset[str]:
    """The tokens of a text."""
    return frozenset(token for token, _ in tokens(text))


@cache
def _related() -> Numbers:
    """How closely two different skills are related."""
    return np.array([[vocabulary.related(one, other) if one != other else 0 for other in SKILLS] for one in SKILLS],
                    np.float32)  # fmt: skip
