"""How a text writes the letters of a name: word boundaries, capitals, the beginning of a sentence, a title."""

import re
from collections.abc import Sequence

from contracts.scan import Folded
from services.projects.model.leaks.words import TITLES

_TITLE_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_]{1,12})(\.?)\s{0,2}$")
_INITIAL_BETWEEN = re.compile(r"(?<![^\W_])([^\W\d_]{1,12})(\.?)\s{1,2}[^\W\d_](?:\.|\w{1,14})\s{1,2}$")
_FIRST_UNSPACED = "\u0e00"
_OPENING = " \t\"'«“‹([{*_#>-–•"
_ENDS_SENTENCE = ".!?:;\n\r…"


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
    return folded.written[position - 1].islower() and folded.written[position].isupper()


def _unspaced(character: str) -> bool:
    """Whether the character's script is written without spaces: every position is then a boundary."""
    return "\u0e00" <= character <= "\u0eff" or "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def inner_boundaries(folded: Folded, start: int, end: int, written: str) -> Sequence[int]:
    """Positions inside the run of letters and digits [start, end), as it is written, where a word may begin."""
    one_case = written.islower() or written[1:].islower() or written.isupper()
    whole = folded.starts[end - 1] - folded.starts[start] == end - 1 - start  # nothing invisible in it
    if one_case and whole and written.isalpha() and (written.isascii() or max(written) < _FIRST_UNSPACED):
        return ()  # fast path for an ordinary word
    return [k for k in range(start + 1, end) if is_boundary(folded, k)]


def is_word_in_capitals(folded: Folded, start: int, end: int) -> bool:
    """Whether [start, end) is a whole word, written in capitals."""
    before, after = folded.text[start - 1 : start], folded.text[end : end + 1]
    return folded.capitals(start, end) and not before.isalnum() and not after.isalnum()


def begins_with_capital(folded: Folded, start: int) -> bool:
    """Whether the word at `start` begins with a capital, or with a letter of a script without case."""
    written = folded.written[start]
    return written.isupper() or written.istitle() or written.upper() == written.lower()


def begins_sentence(folded: Folded, start: int) -> bool:
    """Whether a sentence, a line or a heading may begin at `start`: a capital there says nothing."""
    text = folded.text
    while start and text[start - 1] in _OPENING:
        start -= 1
    return not start or text[start - 1] in _ENDS_SENTENCE


def is_after_title(folded: Folded, start: int) -> bool:
    """Whether there is a capital at `start` with a title or an initial before it, or a title and a first name."""
    if not folded.written[start].isupper():
        return False
    low = max(0, start - 32)
    if before := _TITLE_BEFORE.search(folded.text, max(0, start - 16), start):
        capital = folded.written[before.start(1)].isupper()
        if _is_title(folded, before):
            return True
        if capital and before[2] and len(before[1]) == 1:
            return True
    between = _INITIAL_BETWEEN.search(folded.text, low, start)
    return bool(between) and _is_title(folded, between)


def _is_title(folded: Folded, match: re.Match[str] | None) -> bool:
    if match is None or match[1] not in TITLES or match.end() <= match.end(1):
        return False
    return folded.written[match.start(1)].isupper() or len(match[1]) > 2
