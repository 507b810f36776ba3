"""Covers people by pairs as a linear assignment of slots (Crouse 2016, in scipy), exactly.

Each person who must be covered has one *primary* slot, and *extra* slots are for further pairs. A pair of two primary
slots covers two people, one of a primary and an extra slot covers one; two extra slots are never paired, since nobody
gains from it. No couple appears twice in the best assignment, because one pair of primary slots covers as many people.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.board import Cell

BOTH, ONE = 5, 2
"""What a pair is worth that covers two people or one: 3 for each of them, minus 1 for the pair.

So most people are covered, by the fewest pairs. Two solutions differ by alternating paths, and none of them changes the
number of pairs by more than one: 3 and 1 are as good as larger factors."""


FORBIDDEN = -np.inf
"""The weight of a pair that must not be."""


@dataclass(frozen=True)
class Slots:
    """For the rows, or for the columns: who must be covered, and how many extra pairs each may have."""

    primary: NDArray[np.bool_]
    extra: NDArray[np.int64]

    @property
    def count(self) -> int:
        """The number of all slots."""
        return int(self.primary.sum() + self.extra.sum())

    @property
    def places(self) -> NDArray[np.int64]:
        """The row or column of each slot, primary ones first."""
        return np.concatenate([np.flatnonzero(self.primary), np.repeat(np.arange(len(self.extra)), self.extra)])

    def at_most(self, most: int) -> "Slots":
        """These slots with at most so many extra ones for each."""
        return replace(self, extra=np.minimum(self.extra, most))

    def enough(self, used: NDArray[np.int64], full: "Slots") -> "Slots":
        """Twice the extra slots of everybody who used all of theirs, as far as ``full`` has more."""
        tight = (used >= self.extra) & (self.extra < full.extra)
        return replace(self, extra=np.where(tight, np.minimum(2 * self.extra, full.extra), self.extra))


def assign(rows: Slots, columns: Slots, weights: NDArray[np.float64], step: float) -> list[tuple[int, Cell]]:
    """The best pairs, each with `BOTH` or `ONE`. A weight is below ``step``, and `FORBIDDEN` where a pair is."""
    from scipy.optimize import linear_sum_assignment  # takes half a second, and most processes pair nobody

    values = weights[rows.places]
    if len(columns.places) != values.shape[1] or columns.extra.any():
        values = values[:, columns.places]
    first_row, first_column = int(rows.primary.sum()), int(columns.primary.sum())
    values[:first_row, :first_column] += BOTH * step
    values[:first_row, first_column:] += ONE * step
    values[first_row:, :first_column] += ONE * step
    values[first_row:, first_column:] = 0
    np.maximum(values, 0, out=values)
    found_rows, found_columns = linear_sum_assignment(values, maximize=True)
    paired = values[found_rows, found_columns] > 0
    found_rows, found_columns = found_rows[paired], found_columns[paired]
    worth = np.where((found_rows < first_row) & (found_columns < first_column), BOTH, ONE)
    cells = zip(rows.places[found_rows].tolist(), columns.places[found_columns].tolist(), strict=True)
    return list(zip(worth.tolist(), cells, strict=True))


class Growing:
    """`assign` for any capacities, without a slot for each place.

    It starts with one extra slot each. A slot that stays empty shows that more of them would change nothing, because
    the capacity does not bind; whoever uses all gets more, until nobody does. Later calls start with what has grown.
    """

    def __init__(self, rows: Slots, columns: Slots) -> None:
        self._rows, self._columns = rows, columns
        self._some_rows, self._some_columns = rows.at_most(1), columns.at_most(1)

    def assign(self, weights: NDArray[np.float64], step: float) -> list[tuple[int, Cell]]:
        """The best pairs for these weights."""
        while True:
            found = assign(self._some_rows, self._some_columns, weights, step)
            before = self._some_rows.count, self._some_columns.count
            self._some_rows = self._some_rows.enough(_used(found, 0, self._rows), self._rows)
            self._some_columns = self._some_columns.enough(_used(found, 1, self._columns), self._columns)
            if (self._some_rows.count, self._some_columns.count) == before:
                return found


def _used(found: list[tuple[int, Cell]], axis: int, slots: Slots) -> NDArray[np.int64]:
    pairs = np.bincount([cell[axis] for _, cell in found], minlength=len(slots.extra))
    return pairs - slots.primary
