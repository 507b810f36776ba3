"""Rules that cannot all hold: the smallest sets of them."""

from collections import defaultdict

from services.programmes.model.pairing.board import Board, Cell
from services.programmes.model.pairing.obstacles import BIT, CODES
from services.programmes.model.pairing.proposal import Conflict, Demand
from services.programmes.model.pairing.shortage import CAPACITY, LOCK


def conflicts_of_locks(board: Board) -> tuple[Conflict, ...]:
    """What locked pairs contradict: a rule, or somebody's capacity. Each set is the smallest of its kind."""
    locked = board.cells(board.problem.locked)
    found = []
    for cell in locked:
        rules = [code for code in CODES if board.obstacles[cell] & BIT[code]]
        found += [Conflict((_lock(board, cell), Demand(code, board.couple(cell)))) for code in rules]
    for axis, (people, capacities) in enumerate(zip(board.people, (board.places, board.needs), strict=True)):
        locks = defaultdict(list)
        for cell in locked:
            locks[cell[axis]].append(cell)
        for place, cells in locks.items():
            capacity = int(capacities[place])
            if len(cells) > capacity:
                limit = Demand(CAPACITY, (people[place].id,), capacity)
                found.append(Conflict((*(_lock(board, cell) for cell in cells[: capacity + 1]), limit)))
    return tuple(sorted(found, key=lambda one: len(one.demands)))


def _lock(board: Board, cell: Cell) -> Demand:
    return Demand(LOCK, board.couple(cell))
