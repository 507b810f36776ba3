"""What single change would let one more person have a pair. Each change that is returned was tested."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.board import Board, Cell
from services.programmes.model.pairing.changes import ALLOW, CAPACITY, RULE, SPOKEN, UNLOCK
from services.programmes.model.pairing.obstacles import BIT, COMPANY, FORBIDDEN, LANGUAGE, LINE, TEAM
from services.programmes.model.pairing.paths import paths_of
from services.programmes.model.pairing.proposal import Change
from services.programmes.model.participants import MENTEE

MOST_CHANGES = 3
FEW_ALONE = 50
"""If more people of a side have no pair, each gets one change only: searching for more would take minutes."""
MOST_TRIED = 5
"""Languages and unlocked pairs that are tried for one person."""


class Freeing:
    """The changes that would help the people of one side, in a solution."""

    def __init__(self, board: Board, cells: Sequence[Cell], side: str) -> None:
        flipped = side == MENTEE
        self._locked = board.cells(board.problem.locked)
        rows_left, columns_left = board.left(cells)
        left = rows_left if flipped else columns_left
        # The pairs of the side that must be covered stand: the other side gets the places that they leave.
        fixed = self._locked if side in board.problem.sides else cells
        self._paths = paths_of(board.obstacles.shape, cells, fixed, left, flipped=flipped)
        self._obstacles, self._fits = (board.obstacles.T, board.fits.T) if flipped else (board.obstacles, board.fits)
        mentors, mentees = board.people
        self._ours, self._theirs = (mentees, mentors) if flipped else (mentors, mentees)
        self._own_left, self._left = (columns_left if flipped else rows_left), left
        self._side, self._board = side, board
        self._allowed = self._obstacles == 0
        paired = {cell[1 if flipped else 0] for cell in cells}
        self._most = MOST_CHANGES if len(self._ours) - len(paired) <= FEW_ALONE else 1
        self._active = [code for code in (TEAM, COMPANY, LINE) if (board.obstacles & BIT[code]).any()]
        self._without: dict[str, NDArray[np.bool_]] = {}

    def changes(self, row: int) -> tuple[Change, ...]:
        """Changes for the person of this row, the mildest first: `MOST_CHANGES` at most, or one if many are alone."""
        if self._own_left[row] <= 0:
            return tuple(self._own_capacity(row))
        ways = (self._capacity, self._language, self._allow, self._unlock, self._rules)
        return tuple(islice((change for way in ways for change in way(row)), self._most))

    def _own_capacity(self, row: int) -> Iterator[Change]:
        if self._paths.exists(row, self._allowed):
            yield Change(CAPACITY, person=self._ours[row].id, number=1)

    def _capacity(self, row: int) -> Iterator[Change]:
        """Somebody who fits, but has no place left, takes one person more."""
        column = self._best(row, self._allowed[row] & (self._left <= 0))
        if column is not None:  # the two can be a pair then, beside all others
            person = self._theirs[column]
            yield Change(CAPACITY, person.id, number=self._board.problem.capacity(person) + 1)

    def _language(self, row: int) -> Iterator[Change]:
        """The person also accepts a language of those whom only the language keeps away."""
        only = self._obstacles[row] == BIT[LANGUAGE]
        spoken = Counter(code for column in np.flatnonzero(only) for code in set(self._theirs[column].languages))
        for code, _ in sorted(spoken.items(), key=lambda one: (-one[1], one[0]))[:MOST_TRIED]:
            speaks = np.array([code in one.languages for one in self._theirs], bool)
            if self._paths.exists(row, self._allowed, first=self._allowed[row] | (only & speaks)):
                yield Change(SPOKEN, self._ours[row].id, value=code)
                return

    def _allow(self, row: int) -> Iterator[Change]:
        """A pair that was forbidden by hand is allowed."""
        only = self._obstacles[row] == BIT[FORBIDDEN]
        column = self._best(row, only & (self._left > 0))
        if column is None:
            column = self._best(row, only)
        if column is not None:
            first = self._allowed[row].copy()
            first[column] = True
            if self._paths.exists(row, self._allowed, first=first):
                yield Change(ALLOW, self._ours[row].id, self._theirs[column].id)

    def _unlock(self, row: int) -> Iterator[Change]:
        """One locked pair of somebody who fits is unlocked."""
        cells = [(column, row) for row, column in self._locked] if self._side == MENTEE else self._locked
        near = [(ours, theirs) for ours, theirs in cells if self._allowed[row, theirs]]
        for cell in sorted(near, key=lambda cell: -self._fits[row, cell[1]])[:MOST_TRIED]:
            if self._paths.exists(row, self._allowed, unlocked=cell):
                mentor, mentee = (cell[1], cell[0]) if self._side == MENTEE else cell
                yield Change(UNLOCK, self._board.mentors[mentor].id, self._board.mentees[mentee].id)
                return

    def _rules(self, row: int) -> Iterator[Change]:
        """The programme gives up one of its rules for everybody."""
        for code in self._active:
            if self._paths.exists(row, self._lifted(code)):
                yield Change(RULE, value=code)

    def _lifted(self, code: str) -> NDArray[np.bool_]:
        if code not in self._without:
            self._without[code] = (self._obstacles & ~np.uint8(BIT[code])) == 0
        return self._without[code]

    def _best(self, row: int, among: NDArray[np.bool_]) -> int | None:
        """The column of the best fit among these."""
        fits = np.where(among, self._fits[row], -1)
        column = int(fits.argmax()) if len(fits) else 0
        return column if len(fits) and fits[column] >= 0 else None
