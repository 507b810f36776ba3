"""Asking for new partners. The worker's job finds them, with every other pair left as it is."""

from collections.abc import Sequence

from chassis.unit import Unit
from services.programmes import store
from services.programmes.model.pairs import Pair
from services.programmes.model.solves import REMATCH, Solve, rematch_id


def rematch(unit: Unit, pair: Pair, waiting: Sequence[str]) -> None:
    """Asks for another partner for these participants of a pair that has ended; the caller stores the pair."""
    pair.waiting, pair.unsettled = list(waiting), True
    request_rematch(unit, pair.programme)


def request_rematch(unit: Unit, programme_id: str) -> None:
    """Asks the worker to settle the programme's ended pairs."""
    solve_id = rematch_id(programme_id)
    solve = store.find_solve(unit, solve_id) or Solve(solve_id, programme_id, REMATCH, unit.now)
    solve.want(unit.now)
    store.save_solve(unit, solve)
