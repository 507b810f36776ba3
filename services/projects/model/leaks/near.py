"""Finds names of seven letters or more with one typing error: a letter missing, added, replaced or moved."""

import re
from collections.abc import Iterable, Iterator

from services.projects.model.leaks.index import Needle
from services.projects.model.leaks.lexed import Lexed
from services.projects.model.leaks.places import begins_sentence, begins_with_capital
from services.projects.model.leaks.spans import Place

SHORTEST = 7
"""Least length in letters of a name that counts with a typing error."""
_SHORTEST_DOUBLED = 5
"""Least length in letters of a name that counts with a letter doubled, or a doubled one written once."""
_DOUBLED = re.compile(r"(.)\1")
_LONGEST_GAP = 3
_KEPT = 3
"""Letters at one end that the error leaves alone, whatever it is, in a name of `SHORTEST` letters or more."""
_FURTHEST = 2
"""Most places that a letter is moved by: "Wheterfield" for Wetherfield."""

Key = tuple[int, str]


class Near:
    """The names to look for, by their length and the letters at either end."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._heads: dict[Key, list[Needle]] = {}
        self._tails: dict[Key, list[Needle]] = {}
        self._squeezed: dict[str, Needle] = {}
        self._first: set[str] = set()
        """How a name of several words begins."""
        self._longest = self._words = 0
        for needle in needles:
            size = len(needle.letters)
            initial = needle.kind == "person" and 1 in needle.breaks  # "tdupont" is near "et Dupont"
            if size >= _SHORTEST_DOUBLED and needle.certain and needle.kind != "url":
                self._squeezed.setdefault(_squeezed(needle.letters), needle)
            if size < SHORTEST or needle.kind == "url" or not needle.free or initial:
                continue
            self._longest = max(self._longest, size + 1)
            self._words = max(self._words, len(needle.breaks) + 2)
            if needle.breaks:
                self._first.add(needle.letters[:_KEPT])
            for length in (size - 1, size, size + 1):
                self._heads.setdefault((length, needle.letters[:_KEPT]), []).append(needle)
                self._tails.setdefault((length, needle.letters[-_KEPT:]), []).append(needle)

    def find(self, text: Lexed) -> Iterator[Place]:
        """The places where a word or a few words differ from a name by one error.

        One must be no ordinary word; ordinary ones are doubtful, and only with a capital.
        """
        for k in text.notable:
            word, start, end = text.said[k], text.starts[k], text.ends[k]
            if text.strange[k]:
                if (doubled := self._squeezed.get(_squeezed(word))) and doubled.letters != word:
                    yield Place(start, end, doubled.kind, True)
                yield from self._around(text, k)
            elif len(word) >= SHORTEST - 1 and not begins_sentence(text.folded, start):
                yield from (Place(start, end, needle.kind, False) for needle in self._candidates(word))
            if text.capital[k] and word[:_KEPT] in self._first:
                yield from self._ordinary(text, k)

    def _around(self, text: Lexed, at: int) -> Iterator[Place]:
        """Places whose first strange word is number ``at``."""
        first = at
        while first >= 0 and at - first < self._words:
            letters = ""
            for last in range(first, min(len(text.said), first + self._words)):
                letters += text.said[last]
                if len(letters) > self._longest or (last > first and not _adjoin(text, last)):
                    break
                if last >= at:
                    yield from self._in(text, first, last, letters)
            if not first or text.strange[first - 1] or not _adjoin(text, first):
                return
            first -= 1

    def _ordinary(self, text: Lexed, first: int) -> Iterator[Place]:
        """Places of ordinary words with capitals, which an error has made of a name's: "Société Général"."""
        letters = text.said[first]
        for last in range(first + 1, min(len(text.said), first + self._words)):
            letters += text.said[last]
            if len(letters) > self._longest or text.strange[last] or not _adjoin(text, last):
                return
            if text.capital[last]:
                for start, end, kind, _ in self._in(text, first, last, letters):
                    yield Place(start, end, kind, False)

    def _in(self, text: Lexed, first: int, last: int, letters: str) -> Iterator[Place]:
        for needle in self._candidates(letters):
            if _is_beside(needle.letters, letters, text.said[first], text.said[last]):
                continue
            capitals = all(begins_with_capital(text.folded, text.starts[k]) for k in range(first, last + 1))
            sure = needle.certain or (capitals and needle.sure_in_capitals)
            yield Place(text.starts[first], text.ends[last], needle.kind, sure)

    def _candidates(self, letters: str) -> Iterator[Needle]:
        size = len(letters)
        for needles in (self._heads.get((size, letters[:_KEPT])), self._tails.get((size, letters[-_KEPT:]))):
            for needle in needles or ():
                if is_one_error(needle.letters, letters):
                    yield needle


def _squeezed(letters: str) -> str:
    """The letters, doubled ones once."""
    return _DOUBLED.sub(r"\1", letters)


def _adjoin(text: Lexed, k: int) -> bool:
    gap = text.gap(k)
    return len(gap) <= _LONGEST_GAP and "," not in gap


def _is_beside(name: str, letters: str, first: str, last: str) -> bool:
    """Whether the letter too many is a word of its own before or after the name."""
    return (len(first) == 1 and letters[1:] == name) or (len(last) == 1 and letters[:-1] == name)


def is_one_error(name: str, written: str) -> bool:
    """Whether ``written`` differs from the name by one letter, or has one a place or two from where it belongs."""
    if name == written or abs(len(name) - len(written)) > 1:
        return False
    start = 0
    shortest = min(len(name), len(written))
    while start < shortest and name[start] == written[start]:
        start += 1
    end = 0
    while end < shortest - start and name[-1 - end] == written[-1 - end]:
        end += 1
    left, right = name[start : len(name) - end], written[start : len(written) - end]
    if any(c.isdigit() for c in left + right):
        return False
    if len(left) <= 1 and len(right) <= 1:
        return True
    return len(left) == len(right) <= _FURTHEST + 1 and right in (left[1:] + left[0], left[-1] + left[:-1])
