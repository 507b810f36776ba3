"""Telephone numbers that the numbering plans of `REGIONS` know, in any grouping and with any usual separator."""

import re
from collections.abc import Iterator, Sequence

from phonenumbers import NumberParseException, is_valid_number, parse

from contracts.scan.announced import UNIT, is_announced, is_other
from contracts.scan.groups import Run, is_amount, is_date, is_series, is_uniform, runs
from contracts.scan.regions import REGIONS, is_abroad, is_national, is_number_of
from contracts.scan.spans import Span

_MOST_GROUPS = 15
Windows = list[tuple[int, str]]
_PLUS = re.compile(r"\(?\+\s?\(?$")


def dialled(text: str) -> Iterator[Span]:
    """The telephone numbers in a folded text that a numbering plan knows."""
    for run in runs(text):
        first, phone = 0, False
        while first < len(run.groups):
            last = _end(text, run, first, phone)
            phone = last is not None
            if last is not None:
                yield _start(text, run.starts[first]), run.ends[last], "phone"
            first = (first if last is None else last) + 1


def _start(text: str, start: int) -> int:
    sign = _PLUS.search(text, max(0, start - 4), start)
    if sign:
        return sign.start()
    return start - 1 if text[start - 1 : start] in ("(", "o") else start


def _end(text: str, run: Run, first: int, follows: bool) -> int | None:
    """The index of the last group of the number that starts with the group `first`; None if no number does."""
    start, group = run.starts[first], run.groups[first]
    before = text[start - 1 : start]
    signed = bool(_PLUS.search(text, max(0, start - 4), start))
    if not signed and first and not follows and _is_block(run, first):
        return None
    if signed or group.startswith("00"):
        return _abroad(text, run, first)
    letter_for_zero = before == "o" and not text[start - 2 : start - 1].isalnum() and "1" <= group[0] <= "9"
    if before.isalnum() and not letter_for_zero:
        return None
    if first and not follows and not run.gaps[first - 1].isspace():
        return None  # "12.06.12.34": the middle of something else
    if group == "0" and run.groups[first + 1 : first + 2] in ([], ["0"]):
        return None
    if group[0] == "0" or letter_for_zero:
        return _national(text, run, first, "0" if letter_for_zero else "")
    return _bare(text, run, first)


def _is_block(run: Run, first: int) -> bool:
    """Whether a group stands inside a number in blocks of three or four digits, such as a bank account."""
    size = len(run.groups[first])
    return size in (3, 4) and len(run.groups[first - 1]) == size and run.gaps[first - 1] == " "


def _windows(text: str, run: Run, first: int, least: int, most: int) -> Windows:
    """Ends of the stretches that start at `first` with `least` to `most` digits, longest first, with their digits."""
    found, digits = [], ""
    for last in range(first, min(len(run.groups), first + _MOST_GROUPS)):
        group = run.groups[last]
        in_brackets = group == "0" and text[run.starts[last] - 1] == "(" and text[run.ends[last] :][:1] == ")"
        digits += "" if in_brackets and last > first else group
        if len(digits) > most:
            break
        if len(digits) >= least and _may_end(text, run, last):
            found.append((last, digits))
    return found[::-1]


def _may_end(text: str, run: Run, last: int) -> bool:
    end = run.ends[last]
    if text[end : end + 1].isalnum() or UNIT.match(text, end):
        return False
    if last + 1 == len(run.groups):
        return True
    gap, after = run.gaps[last], run.groups[last + 1]
    return gap[-1:].isspace() or gap.strip() in ("(", "*", "**") or (after[0] == "0" and gap not in (".", ","))


def _abroad(text: str, run: Run, first: int) -> int | None:
    for last, digits in _windows(text, run, first, 8, 17):
        groups = run.groups[first : last + 1]
        digits = digits.removeprefix("00")
        known = is_abroad(digits) or (groups[0][:2] != "00" and _is_known(digits))
        if known and not (is_amount(groups) and digits.endswith("000000")):
            return last
    return None


def _is_known(digits: str) -> bool:
    try:
        return is_valid_number(parse(f"+{digits}"))
    except NumberParseException:
        return False


def _national(text: str, run: Run, first: int, zero: str) -> int | None:
    start = run.starts[first]
    for last, digits in _pairs_first(_windows(text, run, first, 9 - len(zero), 12 - len(zero)), first):
        groups, gaps = [zero + run.groups[first], *run.groups[first + 1 : last + 1]], run.gaps[first:last]
        if not is_national(zero + digits) or not _is_grouped(groups, gaps) or is_date(groups, gaps):
            continue
        if not is_other(text, start, groups, gaps):
            return last
    return None


def _pairs_first(windows: Windows, first: int) -> Windows:
    """The same windows; one of five groups and ten digits comes first, since a pair after it is another number's."""
    return sorted(windows, key=lambda window: (window[0] - first, len(window[1])) != (4, 10))


def _is_grouped(groups: Sequence[str], gaps: Sequence[str]) -> bool:
    """Whether digits are grouped as telephone numbers are: five pairs, one by one, or few groups of two or more."""
    sizes = [len(group) for group in groups]
    if len(sizes) == 1 or set(sizes) == {1}:
        return is_uniform(gaps)
    if sizes[0] == 1 and gaps[0] in (".", ","):
        return False  # a decimal fraction
    return sizes[0] <= 5 and min(sizes[1:]) > 1 and is_uniform(gaps)


def _bare(text: str, run: Run, first: int) -> int | None:
    """A number without a zero or `+`: one that only a telephone is written like, or one after "tel" and the like."""
    sizes = [len(group) for group in run.groups[first : first + 2]]
    if sizes[0] > 11 or sizes == [1, 1]:
        return None
    announced: bool | None = None
    for last, digits in _windows(text, run, first, 6, 13):
        groups, gaps = run.groups[first : last + 1], run.gaps[first:last]
        if announced is None:
            announced = is_announced(text, run.starts[first])
        if not announced and len(digits) < 9:
            break
        if is_date(groups, gaps) or is_series(groups) or not is_uniform(gaps):
            continue
        if _is_unmistakable(groups, gaps, digits):
            return last
        if announced and (is_abroad(digits) or any(is_number_of(region, digits) for region in REGIONS)):
            return last
    return None


def _is_unmistakable(groups: Sequence[str], gaps: Sequence[str], digits: str) -> bool:
    sizes = tuple(len(group) for group in groups)
    if any("," in gap or ";" in gap for gap in gaps):
        return False
    if sizes == (3, 2, 2, 2):
        return is_number_of("ES", digits)
    if sizes == (3, 3, 4):
        return is_number_of("US", digits) or is_number_of("IT", digits)
    if len(digits) < 10 or len(sizes) < 3 or set(sizes) == {2} or is_amount(groups):
        return False
    return len(groups[0]) <= 3 and is_abroad(digits)
