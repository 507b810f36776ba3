"""The initials of a name: with and without its small words, its legal form, and the words of the trade around it."""

import re
from collections.abc import Iterator, Sequence
from itertools import product, takewhile
from typing import NamedTuple

from anyascii import anyascii

from contracts.scan import WORD, fold
from services.projects.model.leaks.legal import without_legal_forms
from services.projects.model.leaks.words import FUNCTION, GENERAL, GENERIC, PARTICLES

MOST = 8
"""Maximum number of initials."""
_MOST_OPTIONAL = 4
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_LAST_LATIN = "\u024f"
_LEAST_PREFIX = 3


class Unit(NamedTuple):
    """A word of a name. An optional one may be left out of the initials: "de", "of", a word without a capital."""

    said: str
    letters: str
    """Its initial, or all of an acronym."""
    optional: bool
    small: bool
    """It is an article or a preposition, without a capital."""


def units(name: str) -> list[Unit]:
    """The words of a name without its legal forms."""
    written = WORD.findall(_CAMEL.sub(" ", name))
    said = [fold(word).text for word in written]
    kept = without_legal_forms(said)
    first = next((k for k in range(len(said)) if said[k : k + len(kept)] == kept), 0)
    return [_unit(word, capitals=name.isupper()) for word in written[first : first + len(kept)]]


def whole_initials(name: str) -> Iterator[str]:
    """The initials of the whole name; "Compagnie" and "SA" count or do not."""
    for some in _namings(name):
        yield from _variants(some)


def partial_initials(name: str) -> Iterator[str]:
    """The initials of the name without "Group", "Laboratories" and other such words at either end."""
    for some in _namings(name):
        heads = len(list(takewhile(_is_plain, some)))
        tails = len(list(takewhile(_is_plain, reversed(some))))
        for first, last in product(range(heads + 1), range(len(some) - tails, len(some) + 1)):
            if last - first < len(some) and not all(map(_is_plain, some[first:last])):
                yield from _variants(some[first:last])


def first_initials(name: str) -> Iterator[str]:
    """The initials of at least three first words of a longer name."""
    for some in _namings(name):
        own = [unit for unit in some if not unit.optional]
        for count in range(_LEAST_PREFIX, len(own)):
            yield from _joined(own[:count])


def _namings(name: str) -> Iterator[list[Unit]]:
    """The name as it stands, without its legal forms, and in Latin letters."""
    bare = units(name)
    yield bare
    written = WORD.findall(_CAMEL.sub(" ", name))
    if len(written) > len(bare):
        yield [_unit(word, capitals=name.isupper()) for word in written]
    if any(c.isalpha() and c > _LAST_LATIN for c in name):
        latin = anyascii(name)
        yield units(latin)
        yield units(latin.replace("Zh", "J").replace("zh", "j"))


def _unit(written: str, *, capitals: bool) -> Unit:
    said = fold(written).text
    acronym = written.isupper() and 1 < len(said) <= 4 and not capitals
    optional = written.islower() or said in PARTICLES or said in FUNCTION
    small = written.islower() and (said in PARTICLES or said in FUNCTION)
    return Unit(said, said if acronym else said[:1], optional, small)


def _is_plain(unit: Unit) -> bool:
    return unit.optional or unit.said in GENERIC or unit.said in GENERAL


def _variants(some: Sequence[Unit]) -> Iterator[str]:
    """The initials with each choice of the optional words; where these are many, with all or none of them."""
    optional = sum(unit.optional for unit in some)
    choices = product((True, False), repeat=optional) if optional <= _MOST_OPTIONAL else ((True,) * optional, ())
    for choice in choices:
        chosen = iter(choice)
        yield from _joined([unit for unit in some if not unit.optional or next(chosen, False)])


def _joined(some: Sequence[Unit]) -> Iterator[str]:
    if sum(not unit.small for unit in some) < 2:
        return
    for letters in {"".join(unit.letters for unit in some), "".join(unit.said[:1] for unit in some)}:
        if 2 <= len(letters) <= MOST and letters.isalpha():
            yield letters
