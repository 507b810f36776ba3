"""Whether one person more could have a pair: an augmenting path from this person to somebody with a place left.

Along the path, pairs are exchanged: everybody else on it keeps as many pairs as before, and the last one gets one more
(Berge 1957).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.board import Cell


@dataclass(frozen=True)
class Paths:
    """Seen from one side: rows are people of the side of the person who has no pair, columns those of the other side.

    ``left`` are the places that the columns have left. Only ``movable`` pairs may be exchanged.
    """

    pairs: NDArray[np.bool_]
    movable: NDArray[np.bool_]
    left: NDArray[np.int64]

    def exists(
        self,
        row: int,
        allowed: NDArray[np.bool_],
        *,
        first: NDArray[np.bool_] | None = None,
        unlocked: Cell | None = None,
    ) -> bool:
        """Whether a path starts at this row. ``first`` replaces the row's own allowed columns, and the pair
        ``unlocked`` may be exchanged too."""
        free = self.left > 0
        reach = (allowed[row] if first is None else first) & ~self.pairs[row]
        seen, rows = np.zeros(len(free), bool), np.zeros(len(self.pairs), bool)
        rows[row] = True
        while True:
            reach &= ~seen
            if not reach.any():
                return False
            if (reach & free).any():
                return True
            seen |= reach
            others = self.movable[:, reach].any(axis=1) & ~rows
            if unlocked is not None and reach[unlocked[1]]:
                others[unlocked[0]] = True
            rows |= others
            # What a row reaches by an allowed pair that it does not have.
            reach = (allowed[others] & ~self.pairs[others]).any(axis=0) if others.any() else np.zeros(len(free), bool)


def paths_of(
    shape: tuple[int, int], cells: Sequence[Cell], locked: Sequence[Cell], left: NDArray[np.int64], *, flipped: bool
) -> Paths:
    """The paths of a solution, for its rows or, ``flipped``, for its columns."""
    pairs, fixed = np.zeros(shape, bool), np.zeros(shape, bool)
    for cell in cells:
        pairs[cell] = True
    for cell in locked:
        fixed[cell] = True
    movable = pairs & ~fixed
    return Paths(pairs.T, movable.T, left) if flipped else Paths(pairs, movable, left)
