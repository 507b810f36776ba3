"""Asking for new partners. The worker's job finds them, with every other pair left as it is."""

from chassis.unit import Unit
from services.programmes import store
from services.programmes.model.solves import REMATCH, Solve, rematch_id


def request_rematch(unit: Unit, programme_id: str) -> None:
    """Asks the worker to settle the programme's ``unsettled`` pairs, whose ``waiting`` need other partners."""
    solve_id = rematch_id(programme_id)
    solve = store.find_solve(unit, solve_id) or Solve(solve_id, programme_id, REMATCH, unit.now)
    solve.want(unit.now)
    store.save_solve(unit, solve)
