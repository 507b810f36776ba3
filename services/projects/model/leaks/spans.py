"""Places of a text that may name the client, and how they are put together."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from contracts.scan import merge


class Place(NamedTuple):
    """A span of a text, its kind, and whether it means the client for certain."""

    start: int
    end: int
    kind: str
    certain: bool


def united(text: str, places: Iterable[Place]) -> list[Place]:
    """The places in order, overlapping ones merged; doubtful ones that overlap a certain one are left out."""
    found = list(places)
    sure = [Place(*leak, True) for leak in _merged(text, found, certain=True)]
    unsure = [Place(*leak, False) for leak in _merged(text, found, certain=False)]
    return sorted([*sure, *(place for place in unsure if not _overlaps(place, sure))])


def _merged(text: str, places: list[Place], *, certain: bool) -> list[tuple[int, int, str]]:
    spans = [place[:3] for place in places if place.certain is certain]
    return [(leak.start, leak.end, leak.kind) for leak in merge(text, spans)]


def _overlaps(place: Place, others: list[Place]) -> bool:
    """Whether the place overlaps one of the others, which are in order and disjoint."""
    after = bisect_left(others, place.end, key=lambda other: other.start)
    return after > 0 and others[after - 1].end > place.start
