"""Runs of digit groups in a folded text, such as the five pairs of a telephone number, and what stands between them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_DIGITS = re.compile(r"[0-9]+")
_GAP = re.compile(
    r"[\s.,;\-/|\\·•_~*()']{1,7}|(?:&nbsp;|&#160;|<br ?/?>\s?)"
    r"|[\s(\[]{1,3}(?:point|dot|tiret|dash|slash|barre|virgule|espace|space|underscore)[\s)\]]{1,3}"
)
_LONGEST_GAP = 20


@dataclass(frozen=True, slots=True)
class Run:
    """Digit groups with only separators between them. `gaps[i]` stands between the groups `i` and `i + 1`."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def runs(text: str) -> Iterator[Run]:
    """The longest runs in a folded text, in its order."""
    run = Run()
    for match in _DIGITS.finditer(text):
        start = match.start()
        if run.ends:
            last = run.ends[-1]
            if start - last <= _LONGEST_GAP and _GAP.fullmatch(text, last, start):
                run.gaps.append(text[last:start])
            else:
                yield run
                run = Run()
        run.starts.append(start)
        run.ends.append(match.end())
        run.groups.append(match.group())
    if run.ends:
        yield run


def is_uniform(gaps: Sequence[str]) -> bool:
    """Whether the separators are one and the same, apart from the first one and from a line break in place of one."""
    signs = [gap.strip() for gap in gaps if "\n" not in gap]
    return len(set(signs)) < 2 or len(set(signs[1:])) < 2


def is_series(groups: Sequence[str]) -> bool:
    """Whether the groups are numbers at small, equal distances: "08 09 10 11 12", "05, 10, 15, 20"."""
    steps = {int(after) - int(before) for before, after in pairwise(groups)}
    return len(groups) > 3 and len(steps) == 1 and 0 < abs(steps.pop()) <= 20


def is_date(groups: Sequence[str], gaps: Sequence[str]) -> bool:
    """Whether the groups begin with a date: "01.02.2026-…", "01 02 2026 10", or "01/02/26 10 30"."""
    if len(groups) < 3 or len(groups[0]) != 2 or len(groups[1]) != 2 or int(groups[1]) > 12 or int(groups[0]) > 31:
        return False
    if len(groups[2]) == 4 and groups[2][:2] in ("19", "20"):
        return True
    return len(groups[2]) == 2 and gaps[0] == gaps[1] != " " and len(gaps) > 2 and gaps[2] != gaps[0]


def is_amount(groups: Sequence[str]) -> bool:
    """Whether the groups are written like a large amount: "612 345 678"."""
    return len(groups) > 1 and len(groups[0]) < 4 and all(len(group) == 3 for group in groups[1:])
