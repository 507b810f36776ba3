"""Places in a text, and several of them made one where they overlap."""

from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[int, int, str]
"""Start, end and kind of a place, in a text that the context tells (a folded one, mostly)."""


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A place in a text: code points [start, end) of the original, what it is, and what stands there."""

    start: int
    end: int
    kind: str
    text: str


def merge(text: str, leaks: Iterable[Span]) -> list[Leak]:
    """Sorted, with overlaps made one (the kind of its longest part; the first given where equal)."""
    groups: list[list[Span]] = []
    reach = 0
    for leak in sorted(leaks, key=lambda leak: leak[0]):
        start, end, _ = leak
        if groups and start < reach:
            groups[-1].append(leak)
        else:
            groups.append([leak])
        reach = max(reach, end)
    return [_union(text, group) for group in groups]


def _union(text: str, group: list[Span]) -> Leak:
    start, end = group[0][0], max(end for _, end, _ in group)
    _, _, kind = max(group, key=lambda leak: leak[1] - leak[0])
    return Leak(start, end, kind, text[start:end])
