"""Carries out requests to solve: what a worker's job reads before a solver runs, and stores after it.

`WORKS` says how each kind of programme solves each kind of request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.solving import pairing, rematching, teams
from services.programmes.commands.solving.work import Run, Work
from services.programmes.config import Config
from services.programmes.model.pairing import Person
from services.programmes.model.programme import CHALLENGE, PAIRING
from services.programmes.model.solves import PROPOSAL, REMATCH, SOLVING, SUPERSEDED, Solve

WORKS: Mapping[tuple[str, str], Work] = {
    (PAIRING, PROPOSAL): pairing.WORK,
    (PAIRING, REMATCH): rematching.WORK,
    (CHALLENGE, PROPOSAL): teams.WORK,
    (CHALLENGE, REMATCH): rematching.WORK,
}
"""By the kind of the programme and the kind of the request."""


@dataclass(frozen=True)
class Task:
    """A request that this worker has claimed. ``seen`` is the number of wishes that its problem takes into account."""

    solve: Solve
    claim: str
    work: Work
    problem: Any
    people: Sequence[Person]
    seen: int


def begin(unit: Unit, solve_id: str, claim: str, config: Config) -> Task | None:
    """Claims a due request and reads its problem; None if there is nothing to do for it any more."""
    solve = store.find_solve(unit, solve_id)
    if solve is None or solve.due_at is None or solve.due_at > unit.now:
        return None
    programme = store.find_programme(unit, solve.programme)
    work = WORKS.get((programme.kind, solve.kind)) if programme else None
    if programme is None or work is None or programme.state not in work.states:
        solve.finish(SUPERSEDED, unit.now)
        store.save_solve(unit, solve)
        return None
    gathered = work.gather(unit, programme, config)
    begun = solve.start(claim, gathered.inputs, unit.now)
    store.save_solve(unit, solve)
    return Task(solve, claim, work, gathered.problem, gathered.people, solve.wanted) if begun else None


def finish(unit: Unit, task: Task, result: Any, config: Config) -> bool:
    """Stores what the solver found; returns False, and stores nothing, if the claim was lost meanwhile."""
    solve = store.find_solve(unit, task.solve.id)
    if solve is None or not solve.held_by(task.claim):
        return False
    programme = store.find_programme(unit, solve.programme)
    if programme is None or programme.state not in task.work.states:
        solve.finish(SUPERSEDED, unit.now)
        store.save_solve(unit, solve)
    else:
        task.work.store(unit, Run(programme, solve, result, task.seen), config)
    return True


def give_up(unit: Unit, solve_id: str, claim: str) -> None:
    """Reading a problem, solving it or storing its result failed: it is tried again soon, or the request has failed."""
    solve = store.find_solve(unit, solve_id)
    if solve is None or not solve.unfinished or (solve.state == SOLVING and not solve.held_by(claim)):
        return
    solve.fail(unit.now)
    store.save_solve(unit, solve)
