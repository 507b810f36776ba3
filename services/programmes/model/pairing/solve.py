"""Solves a problem to its optimum, and explains the solution."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.board import Board, Cell, Progress, board_of
from services.programmes.model.pairing.conflicts import conflicts_of_locks
from services.programmes.model.pairing.problem import Problem
from services.programmes.model.pairing.proposal import Proposal
from services.programmes.model.pairing.shortage import shortages
from services.programmes.model.pairing.slots import Slots
from services.programmes.model.pairing.stage import Stage
from services.programmes.model.pairing.unpaired import unpaired
from services.programmes.model.pairing.why import paired
from services.programmes.model.participants import MENTEE, MENTOR


def solve(problem: Problem, *, progress: Progress = lambda share: None) -> Proposal:
    """The best proposal; ``progress`` is told a growing share from 0 to 1.

    Locked pairs stand. The side that must be covered gets pairs first: as many of its people as possible; then, on a
    solution again, with the fewest changes; then with the best worst fit; then with the largest sum of fits. The places
    that are left cover people of the other side, by the same order. No new pair is made that covers nobody.
    """
    progress(0.0)
    board = board_of(problem)
    progress(0.3)
    conflicts = conflicts_of_locks(board)
    if conflicts:
        return Proposal(conflicts=conflicts)
    cells = optimum(board, progress=lambda share: progress(0.3 + 0.5 * share))
    found, old = {board.couple(cell) for cell in cells}, problem.current
    pairs = paired(board, cells)
    progress(0.9)
    alone = unpaired(board, cells)
    short = shortages(board, cells)
    progress(1.0)
    return Proposal(
        pairs, alone, tuple(sorted(found - old)) if old else (), tuple(sorted(old - found)), shortages=short
    )


def optimum(board: Board, *, progress: Progress = lambda share: None) -> list[Cell]:
    """The cells of the best solution, sorted; the locks must be free of conflicts."""
    locked = board.cells(board.problem.locked)
    kept = board.cells(board.problem.current)
    sides = board.problem.sides
    cells = _cover(board, locked, kept, sides, lambda share: progress(0.9 * share))
    cells += _unchanged(board, cells, kept)
    if len(sides) == 1:
        other = MENTOR if sides == (MENTEE,) else MENTEE
        cells = _cover(board, cells, kept, (other,), lambda share: progress(0.9 + 0.1 * share))
    return sorted(cells)


def _cover(
    board: Board, fixed: list[Cell], kept: Collection[Cell], sides: Collection[str], progress: Progress
) -> list[Cell]:
    """The fixed pairs, and those that cover the people of these sides who have none yet."""
    rows = _slots(board.places, [row for row, _ in fixed], must=MENTOR in sides)
    columns = _slots(board.needs, [column for _, column in fixed], must=MENTEE in sides)
    return [*fixed, *Stage(rows, columns, board.allowed, board.fits, kept).solve(progress)]


def _unchanged(board: Board, cells: Sequence[Cell], kept: Collection[Cell]) -> list[Cell]:
    """The pairs of the last solution that nobody needs, but that are still possible: they stay."""
    places, needs = board.left(cells)
    found = []
    for row, column in sorted(set(kept) - set(cells), key=lambda cell: (-int(board.fits[cell]), cell)):
        if board.obstacles[row, column] == 0 and places[row] > 0 and needs[column] > 0:
            found.append((row, column))
            places[row], needs[column] = places[row] - 1, needs[column] - 1
    return found


def _slots(capacities: NDArray[np.int64], taken: list[int], *, must: bool) -> Slots:
    pairs = np.bincount(taken, minlength=len(capacities)) if taken else np.zeros(len(capacities), np.int64)
    left = np.maximum(capacities - pairs, 0)
    primary = (pairs == 0) & (left > 0) & must
    return Slots(primary, left - primary)
