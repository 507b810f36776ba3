"""Whoever stays without a pair: the rules in the way, and the changes that would help."""

from collections.abc import Sequence

import numpy as np

from services.programmes.model.pairing.board import Board, Cell
from services.programmes.model.pairing.freeing import Freeing
from services.programmes.model.pairing.obstacles import CODES, FULL, Bits
from services.programmes.model.pairing.proposal import Obstacle, Unpaired
from services.programmes.model.participants import MENTEE, MENTOR


def unpaired(board: Board, cells: Sequence[Cell]) -> tuple[Unpaired, ...]:
    """Everybody without a pair, those who must have one first, then by ref."""
    found = []
    for axis, (side, people) in enumerate(zip((MENTOR, MENTEE), board.people, strict=True)):
        alone = sorted({*range(len(people))} - {cell[axis] for cell in cells}, key=lambda place: people[place].ref)
        if not alone:
            continue
        freeing = Freeing(board, cells, side)
        obstacles = board.obstacles if side == MENTOR else board.obstacles.T
        must = side in board.problem.sides
        found += [
            Unpaired(people[place].id, side, must, _counted(obstacles[place]), freeing.changes(place))
            for place in alone
        ]
    return tuple(sorted(found, key=lambda one: not one.must))


def _counted(obstacles: Bits) -> tuple[Obstacle, ...]:
    """Everybody of the other side counted once, by the first rule in the way; the most frequent rule first."""
    first = obstacles & (~obstacles + np.uint8(1))  # the lowest bit
    counts = {code: int((first == 1 << place).sum()) for place, code in enumerate(CODES)}
    counts[FULL] = int((obstacles == 0).sum())
    return tuple(Obstacle(code, count) for code, count in sorted(counts.items(), key=lambda one: -one[1]) if count)
