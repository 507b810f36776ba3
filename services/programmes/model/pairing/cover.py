"""Covers as many people as possible, without regard to fit: augmenting paths, from any solution on (Berge 1957).

Each row has one column at most, and each column as many rows as it has places.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ALONE = -1


def first_short(
    columns_of: NDArray[np.int64], allowed: NDArray[np.bool_], places: NDArray[np.int64], rows: Sequence[int]
) -> list[int]:
    """Covers these rows one after another, changing ``columns_of`` (each row's column, or `ALONE`).

    Stops at the first that cannot be covered, and returns all rows that compete with it: together they are one more
    than the places that they can have (Hall 1935). Empty if every row is covered.
    """
    left = places - np.bincount(columns_of[columns_of != ALONE], minlength=len(places))
    for row in rows:
        if columns_of[row] == ALONE:
            short = _cover(row, columns_of, allowed, left)
            if short:
                return short
    return []


def _cover(row: int, columns_of: NDArray[np.int64], allowed: NDArray[np.bool_], left: NDArray[np.int64]) -> list[int]:
    """Covers one row along the shortest path; if there is none, returns all rows that were reached."""
    reached_by = np.full(len(left), ALONE, np.int64)
    seen, new = np.zeros(len(columns_of), bool), np.array([row])
    seen[row] = True
    while len(new):
        first = allowed[new]
        columns = np.flatnonzero(first.any(axis=0) & (reached_by == ALONE))
        reached_by[columns] = new[first[:, columns].argmax(axis=0)]
        free = columns[left[columns] > 0]
        if len(free):
            _exchange(row, int(free[0]), columns_of, reached_by)
            left[free[0]] -= 1
            return []
        holders = np.zeros(len(left) + 1, bool)  # the last place is for rows without a column
        holders[columns] = True
        new = np.flatnonzero(holders[columns_of] & ~seen)
        seen[new] = True
    return [int(one) for one in np.flatnonzero(seen)]


def _exchange(row: int, column: int, columns_of: NDArray[np.int64], reached_by: NDArray[np.int64]) -> None:
    """Gives the column to the row that reached it, that row's column to the one before, and so on to the first."""
    while True:
        owner = int(reached_by[column])
        column, columns_of[owner] = int(columns_of[owner]), column
        if owner == row:
            return
