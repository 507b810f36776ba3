"""Telephone numbers: those that a numbering plan knows, and all others in the usual groupings; not prices or dates."""

import re
from collections.abc import Iterator

from contracts.scan.announced import UNIT, is_other
from contracts.scan.dialling import dialled
from contracts.scan.spans import Span

_SEPARATOR = r"\s?[.\-/]\s?|[ ]{1,2}|\t"
_NOT_IN_NUMBER = r"(?<![^\W_])(?<!\d[\-.,:])"
_NATIONAL = rf"{_NOT_IN_NUMBER}(?<!\+)"

_GROUPED = re.compile(rf"{_NATIONAL}\(?(0[1-9]\d{{0,3}}|0)\)?({_SEPARATOR})\d{{2,4}}(?:\2\d{{2,4}}){{1,3}}(?!\d)")
_FIRST_APART = re.compile(rf"{_NATIONAL}(?:0|\(0\) ?)[1-9](?:{_SEPARATOR})\d\d({_SEPARATOR})\d\d\1\d\d\1\d\d(?!\d)")
_COMPACT = re.compile(rf"{_NATIONAL}(?:0[1-9]\d{{8,9}}|0\d{{4}} \d{{6}})(?![^\W_])(?![.,]\d)")
_AMERICAN = re.compile(rf"{_NOT_IN_NUMBER}(?:\(\d{{3}}\) ?\d{{3}}[-. ]|\d{{3}}([-.])\d{{3}}\1)\d{{4}}(?![\d\-.,]\d|\d)")
_FRENCH_ABROAD = re.compile(
    r"(?<![^\W_])(?:\+|\(\+|00)\s?33\)?[ .\-]{0,2}(?:\(0\)\s?)?0?[1-9](?:[ .\-/]{0,3}\d\d){4}(?!\d)"
)
_ABROAD = re.compile(rf"{_NOT_IN_NUMBER}(?:\+\s?|\(\+|00\s?)[1-9]\d{{0,2}}(?:[ .\-/()]{{0,3}}\d){{6,13}}(?!\d)")

_THOUSANDS = re.compile(r"\+\s?\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*$")
_MANY_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){7,}")
_ROOM = 6
_BLOCK_BEFORE = re.compile(r"[0-9]{3,4} $")
_DIGITS = re.compile(r"[0-9]+")
_NO_DIGITS = re.compile(r"(?<=[0-9])[^0-9]+(?=[0-9])")


def phones(text: str) -> Iterator[Span]:
    """The telephone numbers in a folded text."""
    yield from dialled(text)
    for stretch in _MANY_DIGITS.finditer(text):
        yield from _shaped(text, max(0, stretch.start() - _ROOM), stretch.end() + _ROOM)


def _shaped(text: str, first: int, last: int) -> Iterator[Span]:
    """The numbers in [first, last) that have the shape of a telephone number, whether a numbering plan knows them."""
    for start, end in _shapes(text, first, last):
        groups = _DIGITS.findall(text, start, end)
        if not is_other(text, start, groups, _NO_DIGITS.findall(text, start, end)):
            yield start, end, "phone"
    # A French number has a known length, so digits after it belong to another number.
    french = {match.start() for match in _FRENCH_ABROAD.finditer(text, first, last)}
    for match in _ABROAD.finditer(text, first, last):
        if _BLOCK_BEFORE.search(text, max(0, match.start() - 6), match.start()) and match.group().startswith("00"):
            continue  # inside a bank account: "FR62 3400 1001 0027 2524"
        if match.start() not in french and not UNIT.match(text, match.end()) and _international(match.group()):
            yield *match.span(), "phone"


def _shapes(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    for pattern in (_FRENCH_ABROAD, _COMPACT, _FIRST_APART, _AMERICAN):
        for match in pattern.finditer(text, first, last):
            yield match.span()
    for match in _GROUPED.finditer(text, first, last):
        length = _national_length(match.group())
        if length:
            yield match.start(), match.start() + length


def _international(number: str) -> bool:
    """Whether a number after `+` or `00` is long enough, and not a growth figure: "+1 200 000 followers"."""
    digits = sum(c.isdigit() for c in number)
    if not (12 if number.startswith("00") else 8) <= digits <= 16:
        return False
    return not (_THOUSANDS.match(number) and (digits < 11 or number.endswith("000")))


def _national_length(run: str) -> int | None:
    """The length of the number of 9 to 11 digits that a run of digit groups starts with; None for dates and others."""
    matches = list(re.finditer(r"\d+", run))
    groups = [match.group() for match in matches]
    if len(groups) > 2 and len(groups[0]) == len(groups[1]) == 2 and re.fullmatch(r"(?:19|20)\d\d", groups[2]):
        return None  # "01 02 2026 10"
    if groups[0] == "0":
        return matches[3].end() if [len(group) for group in groups[1:4]] == [3, 3, 3] else None
    for wanted in (10, 11, 9):
        total = 0
        for k, group in enumerate(groups):
            total += len(group)
            if total == wanted and k >= 2:
                return matches[k].end()
    return None
