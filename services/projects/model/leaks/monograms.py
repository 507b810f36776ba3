"""Finds initials written as one word ("SG", "CNdR", "#teamSG"), and beside words of the name ("B.C. Vaudoise")."""

import re
from collections.abc import Iterable, Iterator, Sequence

from contracts.scan import Folded, fold
from services.projects.model.leaks.derived import are_words
from services.projects.model.leaks.initials import Unit, partial_initials, units, whole_initials
from services.projects.model.leaks.letters import USUAL
from services.projects.model.leaks.lexed import Lexed
from services.projects.model.leaks.ordinary import is_common
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.words import ACRONYMS, FUNCTION, PARTICLES

_SHORT = 4
"""Maximum length of a name that is looked for inside camel case as initials are."""
_LEAST_SMALL = 3
"""Least length of initials that count in small letters."""
_DIGITS = "0123456789"
_AHEAD = 40
_SMALL = rf"(?:(?:{'|'.join(sorted(PARTICLES, key=len, reverse=True))})[ '])?"
_GAP = r"[ '\-]{1,2}" + _SMALL
_SAINTS = {"saint": ("saint", "st"), "sainte": ("sainte", "ste")}

Joint = tuple[re.Pattern[str], re.Pattern[str]]
"""What stands before a word of the name, and after it."""


class Monograms:
    """The initials of names, and the few letters that the client goes by."""

    def __init__(self, names: Iterable[str]) -> None:
        names = list(names)
        found = {letters for name in names for letters in (*whole_initials(name), *partial_initials(name))}
        self._bare = {letters for letters in found if letters not in USUAL and letters not in ACRONYMS}
        own = {fold(name).text.strip() for name in names}
        self._glued = self._bare | {name for name in own if 2 <= len(name) <= _SHORT and name.isalpha()}
        self._joints: dict[str, list[Joint]] = {}
        for name in names:
            for word, joint in _joints([unit for unit in units(name) if not unit.optional]):
                self._joints.setdefault(word, []).append(joint)

    def find(self, text: Lexed) -> Iterator[Place]:
        """The places of initials: all of them may mean something else."""
        for k in text.notable:
            word = text.said[k]
            if text.capital[k] and word in self._joints:
                yield from _beside(text, k, self._joints[word])
            start, bare = text.starts[k], word.rstrip(_DIGITS)
            if bare in self._bare and (bare == word or len(bare) >= _LEAST_SMALL) and self._is_meant(text, k, bare):
                yield Place(start, start + len(bare), "name", False)
            elif text.strange[k] and (place := self._inside(text, k)):
                yield place

    def _is_meant(self, text: Lexed, k: int, bare: str) -> bool:
        """Whether letters are written as initials: in capitals, "CNdR", or small if they are no word."""
        written = text.written[text.starts[k] : text.starts[k] + len(bare)]
        if written.islower():
            return len(bare) >= _LEAST_SMALL
        capitals = sum(c.isupper() for c in written)
        if capitals < 2 or written[-1].islower():
            return False
        if capitals < len(bare) or not (is_common(bare) or bare in FUNCTION):
            return True
        near = [j for j in (k - 1, k + 1) if 0 <= j < len(text.said) and len(text.said[j]) > 1]
        return not all(text.written[text.starts[j] : text.ends[j]].isupper() for j in near)

    def _inside(self, text: Lexed, k: int) -> Place | None:
        """Initials in camel case ("SGFamily", "TeamSG"), or in a hashtag in small letters beside ordinary words."""
        start, word = text.starts[k], text.said[k]
        written = text.written
        if written[start : text.ends[k]].islower():
            return self._in_tag(text.folded, start, word)
        high = start
        while high < text.ends[k] and written[high].isupper():
            high += 1
        low = end = start + len(word.rstrip(_DIGITS))
        while low > start and written[low - 1].isupper():
            low -= 1
        for first, last in ((start, high), (start, high - 1), (low, end)):
            if 2 <= last - first < end - start and text.folded.text[first:last] in self._glued:
                return Place(first, last, "name", False)
        return None

    def _in_tag(self, folded: Folded, start: int, letters: str) -> Place | None:
        if not start or folded.text[start - 1] != "#":
            return None
        several = are_words(letters)  # "#lesjeunes", which two letters may be in the middle of
        for initials in self._glued:
            at = -1 if several and len(initials) < _LEAST_SMALL else letters.find(initials)
            if at >= 0 and are_words(letters[:at]) and are_words(letters[at + len(initials) :]):
                return Place(start + at, start + at + len(initials), "name", False)
        return None


def _joints(own: Sequence[Unit]) -> Iterator[tuple[str, Joint]]:
    """A word of the name, with what stands before and after it if the words on one side are initials."""
    for k in range(1, len(own)):
        first, last = own[:k], own[k:]
        rest = "".join(_GAP + re.escape(unit.said) for unit in last[1:])
        before = rf"(?<![^\W_])(?P<initials>{_letters(first)})[ '\-]{{0,2}}{_SMALL}$"
        yield last[0].said, (re.compile(before), re.compile(rf"{rest}(?![^\W_])"))
        rest = "".join(_GAP + re.escape(unit.said) for unit in first[1:])
        after = rf"{rest}[ '\-]{{1,2}}{_SMALL}(?P<initials>{_letters(last)})(?![^\W_])"
        for word in _SAINTS.get(first[0].said, (first[0].said,)):
            yield word, (re.compile("$"), re.compile(after))


def _letters(some: Sequence[Unit]) -> str:
    """Initials with or without dots; a single one only with its dot."""
    if len(some) == 1:
        return re.escape(some[0].letters) + r"\."
    return r"\.?[ \-&+]{0,2}".join(re.escape(unit.letters) for unit in some) + r"\.?"


def _beside(text: Lexed, k: int, joints: Iterable[Joint]) -> Iterator[Place]:
    start, end, folded = text.starts[k], text.ends[k], text.folded
    for before, after in joints:
        left = before.search(folded.text, max(0, start - _AHEAD), start)
        right = after.match(folded.text, end)
        if left and right:
            with_initials = left if "initials" in before.groupindex else right
            if text.written[with_initials.start("initials")].isupper():
                yield Place(left.start(), right.end(), "name", False)
