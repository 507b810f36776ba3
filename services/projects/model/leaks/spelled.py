"""Finds needles whose letters a text spells exactly, in any case, spacing and punctuation."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

from contracts.scan import WORD, Folded
from services.projects.model.leaks.forms import When
from services.projects.model.leaks.index import Index, Needle, Way
from services.projects.model.leaks.lexed import Lexed
from services.projects.model.leaks.ordinary import is_known
from services.projects.model.leaks.places import (
    begins_sentence,
    begins_with_capital,
    inner_boundaries,
    is_after_title,
    is_boundary,
    is_word_in_capitals,
)
from services.projects.model.leaks.spacing import Spacing
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.words import FUNCTION, GENERIC, PARTICLES


def spelled(text: Lexed, index: Index) -> Iterator[Place]:
    """At each position where a word may begin, the longest needle that means the client for certain, or may."""
    folded = text.folded
    positions: list[int] = []  # of each letter or digit, in the folded text
    starts: list[int] = []  # of those that may begin a name, counted in letters
    for start, end in zip(text.starts, text.ends, strict=True):
        starts.append(len(positions))
        if inner := inner_boundaries(folded, start, end, text.written[start:end]):
            starts += [len(positions) + k - start for k in inner]
        positions.extend(range(start, end))
    letters = "".join(text.said)
    spacing = cache(partial(Spacing, folded.text, positions))  # costly, and seldom needed
    for start in index.begin(letters, starts):
        doubtful: Place | None = None
        for length in index.at(letters, start):
            needle = index.get(letters[start : start + length]) if start + length <= len(letters) else None
            if needle is None:
                continue
            place = _place(folded, positions, start, needle, spacing)
            if place and place.certain:
                yield place
                break
            doubtful = doubtful or place
        else:
            if doubtful:
                yield doubtful
    yield from _single_letters(folded, index)


def _single_letters(folded: Folded, index: Index) -> Iterator[Place]:
    for letter in (letters for letters in index.needles if len(letters) == 1):
        for match in re.finditer(re.escape(letter), folded.text):
            if is_word_in_capitals(folded, *match.span()):
                yield Place(*match.span(), index.needles[letter].kind, index.needles[letter].ways[0].sure)


def _place(
    folded: Folded, positions: Sequence[int], start: int, needle: Needle, spacing: Callable[[], Spacing]
) -> Place | None:
    """The place of a needle whose letters begin at ``start``; None if what is written there means nobody."""
    length = len(needle.letters)
    first, end = positions[start], positions[start + length - 1] + 1
    if needle.kind != "person" and "," in folded.text[first:end]:
        return None  # "un canal, plus un autre"
    plural = False
    if not is_boundary(folded, end):
        plural = length >= 4 and folded.text[end] in "sx" and is_boundary(folded, end + 1)
        if not plural:
            return None
    for way in needle.ways:
        if end - first > length and not spacing().fits(start, length, way.breaks):
            continue
        words = [positions[start + k] for k in (0, *way.breaks)]
        if _is_written(folded, first, end, words, way, plural=plural):
            return Place(first, end + plural, needle.kind, way.sure and not _falls_apart(folded, first, end, way))
    return None


def _falls_apart(folded: Folded, first: int, end: int, way: Way) -> bool:
    """Whether a name of one word is written as ordinary words, not all with a capital: "soft line" for Softline."""
    if way.breaks:
        return False
    parts = [(first + part.start(), part[0]) for part in WORD.finditer(folded.text[first:end])]
    ordinary = all(len(said) > 1 and is_known(said) for _, said in parts)
    return len(parts) > 1 and ordinary and not all(begins_with_capital(folded, at) for at, _ in parts)


def _is_written(folded: Folded, first: int, end: int, words: list[int], way: Way, *, plural: bool) -> bool:
    when = way.when
    if when is When.ALWAYS:
        return way.sure or not plural or begins_with_capital(folded, first)
    if when is When.TITLED:
        return is_after_title(folded, first)
    if when is When.CAPITALS:
        return not plural and is_word_in_capitals(folded, first, end)
    if when in (When.GLUED, When.CAPITALISED):
        letters = folded.text[first:end]
        if len(words) > 1 and letters.isalnum() and not is_known(letters):
            return True
        if when is When.GLUED:
            return False
    ends = [*words[1:], end]
    said = {k: "".join(c for c in folded.text[k:stop] if c.isalnum()) for k, stop in zip(words, ends, strict=True)}
    own = [k for k in words if said[k] not in PARTICLES and said[k] not in FUNCTION]
    own = [k for k in own if said[k] not in GENERIC] or own  # "la ville de Rennes"
    if not all(begins_with_capital(folded, k) for k in own or words):
        return False
    return when is When.CAPITALISED or folded.capitals(first, end) or not begins_sentence(folded, first)
