"""Checks whether matching letters are really a name: word boundaries, capitals, a title."""

import re

from contracts.scan import Folded
from services.projects.model.leaks.words import TITLES

_TITLE_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]{1,12})(\.?)\s{0,2}$")


def is_boundary(folded: Folded, position: int) -> bool:
    """Whether a word may begin or end before `position` of the folded text."""
    text = folded.text
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if not (before.isalnum() and after.isalnum()):
        return True
    if before.isdigit() != after.isdigit() or _unspaced(before) or _unspaced(after):
        return True
    start, end = folded.starts[position], folded.ends[position - 1]
    if start > end:  # something invisible stands between
        return True
    return folded.original[folded.starts[position - 1]].islower() and folded.original[start].isupper()


def _unspaced(character: str) -> bool:
    """Whether the character's script is written without spaces: every position is then a boundary."""
    return "\u0e00" <= character <= "\u0eff" or "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def inner_boundaries(folded: Folded, start: int, end: int) -> list[int]:
    """Positions inside the run of letters and digits [start, end) where a word may begin."""
    written = folded.slice(start, end)
    one_case = written.islower() or written.isupper() or written[1:].islower()
    if one_case and written.isalpha() and written.isascii():
        return []  # fast path for an ordinary word
    return [k for k in range(start + 1, end) if is_boundary(folded, k)]


def is_word_in_capitals(folded: Folded, start: int, end: int) -> bool:
    """Whether [start, end) is a whole word, written in capitals."""
    before, after = folded.text[start - 1 : start], folded.text[end : end + 1]
    return folded.slice(start, end).isupper() and not before.isalnum() and not after.isalnum()


def is_after_title(folded: Folded, start: int) -> bool:
    """Whether there is a capital at `start` with a title or an initial before it."""
    before = _TITLE_BEFORE.search(folded.text, max(0, start - 16), start)
    if not before or not folded.slice(start, start + 1).isupper():
        return False
    word, stop = before.groups()
    capital = folded.slice(before.start(1), before.start(1) + 1).isupper()
    if word in TITLES and before.end() > before.end(1):
        return capital or len(word) > 2
    return capital and bool(stop) and len(word) == 1
