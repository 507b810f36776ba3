"""How well each mentor fits each mentee, from the parts that `contracts.fit` shares with matching."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from contracts.fit import NEUTRAL, parts, places, sets, skills
from contracts.fit.portraits import STRONGEST, Asked, Portrait
from contracts.fit.topics import PLACES, Numbers
from services.programmes.model.pairing.portraits import unread
from services.programmes.model.pairing.problem import NOBODY, Person, Seen

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"skills": 0.4, "text": 0.25, "return": 0.1, "languages": 0.05, "place": 0.1, "availability": 0.1}
)
"""With these a text about other things does not outweigh the skill that a mentee chose (decision 68: figures)."""
TEXT: Final[Mapping[str, float]] = MappingProxyType({"topics": 0.8, "meaning": 0.1, "words": 0.1})
"""What the part of the texts is made of, in the proportions of matching."""
MUCH: Final = 0.3
"""The nearness of texts from which on a mentee's best mentor has the whole part. Below it the texts say little of each
other, and the best one has less."""
SCALE: Final = 10_000
"""A fit has four decimals, so that sums of fits are exact integers and noise decides nothing."""
ENOUGH_HALF_DAYS: Final = 2
"""Two people with this many half-days in common are as available to each other as can be."""

Fits = NDArray[np.int32]


def fits(mentors: Sequence[Person], mentees: Sequence[Person], seen: Mapping[str, Seen] = NOBODY) -> Fits:
    """The fit of each mentor (row) and mentee (column), from 0 to `SCALE`. ``seen`` as in `Problem`."""
    portraits, needs = portraits_of(mentors, seen), needs_of(mentees, seen)
    covered = _skills(mentors, mentees, portraits)
    found = {
        "skills": covered,
        "text": _text(portraits, needs, covered),
        "return": _return(mentors, mentees),
        "languages": _languages(mentors, mentees),
        "place": _place(mentors, mentees),
        "availability": _availability(mentors, mentees),
    }
    total = np.zeros((len(mentors), len(mentees)), np.float32)
    for part, weight in WEIGHTS.items():
        total += np.float32(weight) * found[part]
    return np.rint(np.clip(total, 0, 1) * SCALE).astype(np.int32)


def portraits_of(mentors: Sequence[Person], seen: Mapping[str, Seen]) -> list[Portrait]:
    """The portraits of these mentors."""
    return cast("list[Portrait]", [seen.get(one.id) or unread(one) for one in mentors])


def needs_of(mentees: Sequence[Person], seen: Mapping[str, Seen]) -> list[Asked]:
    """What these mentees ask for."""
    return cast("list[Asked]", [seen.get(one.id) or unread(one) for one in mentees])


def _skills(mentors: Sequence[Person], mentees: Sequence[Person], portraits: Sequence[Portrait]) -> Numbers:
    """How well the mentor covers what the mentee wants, on average; neutral if nothing is wanted.

    A skill of the vocabulary counts as the mentor's strength in it, words of people's own if the mentor has the same.
    """
    chosen = np.zeros((len(mentees), len(PLACES)), np.float32)
    for row, one in enumerate(mentees):
        chosen[row, [PLACES[skill] for skill in wanted(one) if skill in PLACES]] = 1
    strengths = np.array([one.strengths for one in portraits], np.float32).reshape(-1, len(PLACES))
    own = [[skill for skill in wanted(one) if skill not in PLACES] for one in mentees]
    same = skills.covered_matrix(own, [offered(one) for one in mentors])
    counts = np.array([len(words) for words in own], np.float32)[:, None]
    whole = chosen.sum(axis=1, keepdims=True) + counts
    part = (chosen @ np.clip(strengths * np.float32(STRONGEST), 0, 1).T + same * counts) / np.where(whole, whole, 1)
    part[whole[:, 0] == 0] = NEUTRAL
    found: Numbers = part.T
    return found


def _text(portraits: Sequence[Portrait], needs: Sequence[Asked], covered: Numbers) -> Numbers:
    """How near what the mentor shows is to what the mentee writes, scaled to 1 for the mentee's best mentor.

    For a mentee who writes nothing that they want, the skills (``covered``) count in its place.
    """
    near = np.zeros((len(needs), len(portraits)), np.float32)
    for name, weight in TEXT.items():
        near += np.float32(weight) * getattr(parts, name)(needs, portraits)
    best = np.maximum(near.max(axis=1, keepdims=True, initial=0), np.float32(MUCH))
    part: Numbers = (near / best).T
    silent = [not one.words for one in needs]
    part[:, silent] = covered[:, silent]
    return part


def _return(mentors: Sequence[Person], mentees: Sequence[Person]) -> Numbers:
    """What the mentee can give in return; neutral where one of the two has not stated it."""
    part = skills.covered_matrix([wanted(one) for one in mentors], [offered(one) for one in mentees])
    part[:, [not one.offers for one in mentees]] = NEUTRAL
    return part


def _languages(mentors: Sequence[Person], mentees: Sequence[Person]) -> Numbers:
    """1 with a language in common: a second one helps nobody, and speaking more of them never lowers a fit."""
    return _counted([one.languages for one in mentors], [one.languages for one in mentees], 1)


def _place(mentors: Sequence[Person], mentees: Sequence[Person]) -> Numbers:
    ours, theirs = ([(one.place, one.timezone) for one in side] for side in (mentors, mentees))
    return places.nearness_matrix(ours, theirs)


def _availability(mentors: Sequence[Person], mentees: Sequence[Person]) -> Numbers:
    return _counted([one.availability for one in mentors], [one.availability for one in mentees], ENOUGH_HALF_DAYS)


def _counted(ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]], enough: int) -> Numbers:
    part = np.minimum(sets.common(ours, theirs) / np.float32(enough), 1)
    part[~sets.stated(ours, theirs)] = NEUTRAL
    return part


def wanted(person: Person) -> list[str]:
    """The skills that a person wants, as ids where the vocabulary has them."""
    return skills.resolved(person.wants)


def offered(person: Person) -> list[str]:
    """The skills that a person offers, as ids where the vocabulary has them."""
    return skills.resolved(person.offers)
