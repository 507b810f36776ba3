"""Why a side cannot be covered: the smallest set of rules that leaves too few places for some of its people.

QuickXplain (Junker 2004) finds a set of which no rule can be missed. If there are few rules, all smaller sets are tried
too, so that the set is a smallest one.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.board import Board, Cell
from services.programmes.model.pairing.cover import ALONE, first_short
from services.programmes.model.pairing.obstacles import BIT, CODES
from services.programmes.model.pairing.proposal import Conflict, Demand
from services.programmes.model.participants import MENTEE

COVER, CAPACITY, LOCK = "cover", "capacity", "lock"
FEW: Final = 12
"""Up to this many rules, every smaller set is tried."""
MANY: Final = 30
"""More locks, or more people with a capacity of their own, count as one rule."""


def shortages(board: Board, cells: Sequence[Cell]) -> tuple[Conflict, ...]:
    """For each side that must be covered and is not, a smallest set of rules that cannot all hold."""
    found = []
    for side in board.problem.sides:
        axis = 1 if side == MENTEE else 0
        if len({cell[axis] for cell in cells}) < len(board.people[axis]):
            found.append(_Side(board, cells, axis).conflict())
    return tuple(found)


class _Side:
    """The board seen from the side that must be covered: its people are rows, those of the other side columns."""

    def __init__(self, board: Board, cells: Sequence[Cell], axis: int) -> None:
        self._side = ("mentor", "mentee")[axis]
        self._ours, self._theirs = board.people[axis], board.people[1 - axis]
        self._obstacles = board.obstacles.T if axis else board.obstacles
        own, other = (board.places, board.needs)[axis], (board.places, board.needs)[1 - axis]
        self._own, self._places, self._locked = own, other, board.cells(board.problem.locked)
        self._couples = [board.couple(cell) for cell in self._locked]
        if axis:
            self._locked = [(column, row) for row, column in self._locked]
        self._solution = np.full(len(self._ours), ALONE, np.int64)
        for cell in cells:
            self._solution[cell[axis]] = cell[1 - axis]
        rules = board.problem.rules
        self._common = rules.capacity if axis else rules.mentee_capacity

    def conflict(self) -> Conflict:
        """A smallest set of rules because of which not everybody of this side can be covered."""
        demands = self._demands()
        kept = self._explained([], False, demands)
        if len(demands) <= FEW:
            smaller = (chosen for size in range(len(kept)) for chosen in combinations(demands, size))
            kept = next((list(chosen) for chosen in smaller if self._short(chosen)), kept)
        people = tuple(sorted(self._ours[row].id for row in self._short(kept)))
        return Conflict((Demand(COVER, people, len(people), self._side), *sorted(kept, key=demands.index)))

    def _demands(self) -> list[Demand]:
        """Every rule that could be given up."""
        found = [Demand(code) for code in CODES if (self._obstacles & BIT[code]).any()]
        if any(one.capacity is None for one in self._theirs):
            found.append(Demand(CAPACITY, number=self._common, value="common"))
        own = [
            Demand(CAPACITY, (one.id,), int(places))
            for one, places in zip(self._theirs, self._places, strict=True)
            if one.capacity is not None
        ]
        none = [Demand(CAPACITY, (self._ours[row].id,), 0) for row in np.flatnonzero(self._own <= 0).tolist()]
        locks = [Demand(LOCK, couple) for couple in self._couples]
        own = own if len(own) <= MANY else [Demand(CAPACITY, value="own")]
        return [*found, *none, *own, *(locks if len(locks) <= MANY else [Demand(LOCK)])]

    def _explained(self, background: list[Demand], changed: bool, demands: list[Demand]) -> list[Demand]:
        """A set of these demands that leaves people short together with the background, and no smaller part of it."""
        if changed and self._short(background):
            return []
        if len(demands) <= 1:
            return demands
        half = len(demands) // 2
        left, right = demands[:half], demands[half:]
        second = self._explained([*background, *left], True, right)
        first = self._explained([*background, *second], bool(second), left)
        return [*first, *second]

    def _short(self, active: Iterable[Demand]) -> list[int]:
        """The people who together have too few places if only these demands hold; empty if everybody can be covered."""
        held = list(active)
        allowed, own, places, locked = self._relaxed(held)
        if (own <= 0).any():
            return [int(np.flatnonzero(own <= 0)[0])]
        columns_of, rows = self._solution.copy(), np.ones(len(own), bool)
        for row, column in locked:
            rows[row] = False
            columns_of[row] = ALONE
            places[column] -= 1
        return first_short(columns_of, allowed, places, np.flatnonzero(rows).tolist())

    def _relaxed(
        self, active: list[Demand]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], list[Cell]]:
        """Allowed pairs, places of both sides and locked pairs, if only these demands hold."""
        bits = sum(BIT[one.code] for one in active if one.code in BIT)
        capacities = {(one.value, one.people) for one in active if one.code == CAPACITY}
        numbered = zip(self._ours, self._own, strict=True)
        own = np.array([0 if n <= 0 and ("", (one.id,)) in capacities else 1 for one, n in numbered])
        places = np.full(len(self._theirs), len(self._ours), np.int64)
        for column, one in enumerate(self._theirs):
            holds = {("common", ())} if one.capacity is None else {("own", ()), ("", (one.id,))}
            if holds & capacities:
                places[column] = self._places[column]
        locks = {one.people for one in active if one.code == LOCK}
        locked = [
            cell for cell, couple in zip(self._locked, self._couples, strict=True) if couple in locks or () in locks
        ]
        return (self._obstacles & np.uint8(bits)) == 0, own, places, locked
