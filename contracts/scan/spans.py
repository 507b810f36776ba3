"""Spans of a text, and how overlapping spans are merged."""

from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[int, int, str]
"""Start, end and kind of a span, usually in a folded text."""


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A span of the original text: code points [start, end), its kind, and the text itself."""

    start: int
    end: int
    kind: str
    text: str


def merge(text: str, leaks: Iterable[Span]) -> list[Leak]:
    """Sorts spans and merges overlapping ones. A merged span has the kind of its longest part, the first if equal."""
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
