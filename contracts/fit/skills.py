"""The part of a score that skills make: how near the offered skills are to the wanted ones. Pure."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from contracts import vocabulary
from contracts.fit import NEUTRAL


def nearest(skill: str, others: Iterable[str]) -> float:
    """The nearness of the nearest of the others, from 0 to 1 (`vocabulary.related`)."""
    return max((vocabulary.related(skill, other) for other in others), default=0.0)


def covered(wanted: Sequence[str], offered: Collection[str]) -> float:
    """Mean nearness, over the wanted skills, of the nearest offered one; neutral if none is wanted."""
    if not wanted:
        return NEUTRAL
    return sum(nearest(skill, offered) for skill in wanted) / len(wanted)


def covered_matrix(wanted: Sequence[Sequence[str]], offered: Sequence[Collection[str]]) -> NDArray[np.float32]:
    """`covered` for each list of wanted skills (rows) and each list of offered ones (columns)."""
    best = np.full((len(wanted), len(offered)), NEUTRAL, np.float32)
    have = sorted({skill for skills in offered for skill in skills})
    asked = {skill for skills in wanted for skill in skills}
    ask = sorted(skill for skill in asked if skill in vocabulary.SKILLS or skill in set(have))
    near = np.array([[vocabulary.related(one, other) for other in have] for one in ask], np.float32)
    columns = {skill: place for place, skill in enumerate(have)}
    by_person = np.zeros((len(ask) + 1, len(offered)), np.float32)  # the last row: skills that nobody offers
    for person, skills in enumerate(offered):
        if skills and ask:
            by_person[:-1, person] = near[:, [columns[skill] for skill in skills]].max(axis=1)
    rows = {skill: place for place, skill in enumerate(ask)}
    for person, skills in enumerate(wanted):
        if skills:
            best[person] = by_person[[rows.get(skill, len(ask)) for skill in skills]].mean(axis=0)
    return best


def matched(topics: Collection[str], skills: Iterable[str], most: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The skills that are among the topics, and those near one of them, nearest first; at most ``most`` of each."""
    nearness = {skill: nearest(skill, topics) for skill in skills}
    exact = tuple(skill for skill, near in nearness.items() if near == 1)[:most]
    related = (skill for skill, near in nearness.items() if 0 < near < 1)
    return exact, tuple(sorted(related, key=lambda skill: -nearness[skill]))[:most]


def known(word: str) -> str | None:
    """The id of the skill that a word names: an id, or a name or synonym in either language; None if there is none."""
    return word if word in vocabulary.SKILLS else _NAMED.get(_folded(word))


def resolved(words: Iterable[str]) -> list[str]:
    """Skills as people write them, without repetitions: ids where the vocabulary has them, else the folded words."""
    return list(dict.fromkeys(skill for word in words if (skill := known(word) or _folded(word))))


def _folded(word: str) -> str:
    return " ".join(vocabulary.fold(word).split())


_NAMED = {_folded(name): id for id, skill in reversed(vocabulary.SKILLS.items()) for name in skill.names}
