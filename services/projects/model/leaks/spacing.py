"""Checks, in constant time for any range of a text, whether letters are spaced as in a written name."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

_SEPARATORS = frozenset(" \t\n\r-_.'&+/|*·,`\"()")  # may occur within a name; must not contain a character of MASK
_LONGEST_GAP = 4
_BROKEN_LINE = ("-", "-\n", "-\r\n", "- \n")
_SIGNS = ("'", "-")
_ELISIONS = frozenset(("l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "a", "y", "o"))
_SLIPS = (" ", "_", "'")


class Spacing:
    """The gaps between adjacent letters of one text: gap ``k`` is between letters ``k`` and ``k + 1``."""

    def __init__(self, text: str, places: Sequence[int]) -> None:
        self._text, self._places = text, places
        self._gaps = [text[before + 1 : after] if after - before > 1 else "" for before, after in pairwise(places)]
        bad = (len(gap) > _LONGEST_GAP or not _SEPARATORS.issuperset(gap) for gap in self._gaps)
        self._bad = [0, *accumulate(bad)]
        self._filled = [0, *accumulate(map(bool, self._gaps))]
        self._next_filled = _next_filled(self._gaps)
        self._same_until = _same_until(self._gaps)

    def _is_elision(self, gap: int, left: int) -> bool:
        """Whether the letters before a gap may be a word that lost its vowel, or too few to be part of a name."""
        return left < 6 and "".join(self._text[place] for place in self._places[gap - left + 1 : gap + 1]) in _ELISIONS

    def fits(self, start: int, length: int, breaks: Sequence[int]) -> bool:
        """Whether ``length`` letters from ``start`` on can be a name with word boundaries at ``breaks``.

        Between words any short gap is allowed. Within a word, the gaps are empty or all the same. Once in the whole
        name there may also be a hyphen (a line break) or, in a long name, a space.
        """
        last = start + length - 1  # one past the last gap
        if not self._filled[last] - self._filled[start]:
            return True
        if self._bad[last] - self._bad[start] or (length == 2 and not breaks):
            return False  # a two-letter word has a single gap, which is always "the same"
        odd = -1
        for begin, end in pairwise([0, *breaks, length]):
            first, stop = start + begin, start + end - 1
            if stop - first < 2 or self._same_until[first] >= stop:
                continue  # all alike
            if odd >= 0 or self._filled[stop] - self._filled[first] != 1:
                return False
            odd = self._next_filled[first]
        if odd < 0:
            return True
        gap, left = self._gaps[odd], odd - start + 1
        if gap in _BROKEN_LINE:
            return length >= 5
        if gap in _SLIPS and left >= 3 and length - left >= 3 and length >= 7:
            return True
        return gap in _SIGNS and length >= 5 and not self._is_elision(odd, left)


def _next_filled(gaps: Sequence[str]) -> list[int]:
    """For each gap, the first non-empty one at or after it."""
    found, following = [0] * len(gaps), len(gaps)
    for k in range(len(gaps) - 1, -1, -1):
        following = k if gaps[k] else following
        found[k] = following
    return found


def _same_until(gaps: Sequence[str]) -> list[int]:
    """For each gap, the first later one that differs from it."""
    found, end = [0] * len(gaps), len(gaps)
    for k in range(len(gaps) - 1, -1, -1):
        if k + 1 < len(gaps) and gaps[k] != gaps[k + 1]:
            end = k + 1
        found[k] = end
    return found
