"""One place in eight of a ranked list is a newcomer's, so that mentors without answers get to answer. Pure."""

from collections import deque
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

One = TypeVar("One")

PLACES = 8
"""One place in this many is a newcomer's: 12.5 % of the invitations."""


def reserve_places(
    ranked: Sequence[One], is_new: Callable[[One], bool], is_busy: Callable[[One], bool], seed: str
) -> list[One]:
    """The list with one newcomer in each `PLACES`, at a place drawn by ``seed``; each group keeps its own order.

    Whoever is busy, and would hardly be invited, takes no place of the eight. Once either group runs out, the other
    follows. The list is drawn once, so that waves just walk down it.
    """
    new, known = deque(one for one in ranked if is_new(one)), deque(one for one in ranked if not is_new(one))
    found: list[One] = []

    def take(group: deque[One]) -> None:
        while group:
            found.append(group.popleft())
            if not is_busy(found[-1]):
                return

    while new and known:
        place = sha256(f"{seed}:{len(found)}".encode()).digest()[0] % PLACES
        for number in range(PLACES):
            take(new if number == place else known)
    return [*found, *new, *known]
