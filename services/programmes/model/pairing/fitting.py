"""How well each mentor fits each mentee, from the parts that `contracts.fit` shares with matching."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.fit import NEUTRAL, places, sets, skills, texts
from contracts.fit.words import tokens
from services.programmes.model.pairing.problem import Person

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"skills": 0.5, "return": 0.1, "text": 0.15, "languages": 0.05, "place": 0.1, "availability": 0.1}
)
SCALE: Final = 10_000
"""A fit has four decimals, so that sums of fits are exact integers and noise decides nothing."""
ENOUGH_HALF_DAYS: Final = 2
"""Two people with this many half-days in common are as available to each other as can be."""

Fits = NDArray[np.int32]


def fits(mentors: Sequence[Person], mentees: Sequence[Person]) -> Fits:
    """The fit of each mentor (row) and mentee (column), from 0 to `SCALE`."""
    total = np.zeros((len(mentors), len(mentees)), np.float32)
    for part, weight in WEIGHTS.items():
        total += np.float32(weight) * PARTS[part](mentors, mentees)
    return np.rint(np.clip(total, 0, 1) * SCALE).astype(np.int32)


def _skills(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.float32]:
    return skills.covered_matrix([wanted(one) for one in mentees], [offered(one) for one in mentors]).T


def _return(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.float32]:
    """What the mentee can give in return; neutral where one of the two has not stated it."""
    part = skills.covered_matrix([wanted(one) for one in mentors], [offered(one) for one in mentees])
    part[:, [not one.offers for one in mentees]] = NEUTRAL
    return part


def _text(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.float32]:
    return texts.scored_matrix([asked(one) for one in mentees], [profile(one) for one in mentors]).T


def _languages(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.float32]:
    """1 with a language in common: a second one helps nobody, and speaking more of them never lowers a fit."""
    return _counted([one.languages for one in mentors], [one.languages for one in mentees], 1)


def _place(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.float32]:
    ours, theirs = ([(one.place, one.timezone) for one in side] for side in (mentors, mentees))
    return places.nearness_matrix(ours, theirs)


def _availability(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.float32]:
    return _counted([one.availability for one in mentors], [one.availability for one in mentees], ENOUGH_HALF_DAYS)


def _counted(ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]], enough: int) -> NDArray[np.float32]:
    part = np.minimum(sets.common(ours, theirs) / np.float32(enough), 1)
    part[~sets.stated(ours, theirs)] = NEUTRAL
    return part


def wanted(person: Person) -> list[str]:
    """The skills that a person wants, as ids where the vocabulary has them."""
    return skills.resolved(person.wants)


def offered(person: Person) -> list[str]:
    """The skills that a person offers, as ids where the vocabulary has them."""
    return skills.resolved(person.offers)


def asked(mentee: Person) -> frozenset[str]:
    """The words by which a mentor's text is searched: the names of the wanted skills, and what the mentee writes."""
    written = " ".join((*mentee.wants, mentee.about))
    return frozenset(texts.topical(wanted(mentee)) | {token for token, _ in tokens(written) if token})


def profile(mentor: Person) -> list[tuple[str, str]]:
    """The words of a mentor that are searched."""
    return tokens("\n".join((mentor.about, *(word for word in mentor.offers if not skills.known(word)))))


PARTS: Final = MappingProxyType(
    {
        "skills": _skills,
        "return": _return,
        "text": _text,
        "languages": _languages,
        "place": _place,
        "availability": _availability,
    }
)
