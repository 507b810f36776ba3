"""The job that carries out requests to solve, one after another, off the threads that handle events and deadlines."""

import threading
import time
from collections.abc import Callable
from typing import Any

from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.ids import new_id
from chassis.mongo import is_outage
from chassis.unit import UnitOfWork
from services.programmes import store
from services.programmes.commands import solving
from services.programmes.config import Config
from services.programmes.jobs.apart import BEAT_S, Stopped, solve_apart

POLL_S = 0.5
SMALL = 200
"""Up to this many people are paired in the job's own thread, in less time than another process takes to start."""


def solve_requests(work: UnitOfWork, config: Config, stop: threading.Event) -> None:
    """Solves until ``stop`` is set; during an outage of the database it waits."""
    desk = Desk(work, config, stop)
    while not stop.is_set():
        try:
            while not stop.is_set() and desk.solve_one():
                pass
        except PyMongoError as error:
            telemetry.log.warning("solving_waits", error=telemetry.error_name(error))
        stop.wait(POLL_S)


class Desk:
    """Solves requests one by one."""

    def __init__(self, work: UnitOfWork, config: Config, stop: threading.Event, small: int = SMALL) -> None:
        self._work, self._config, self._stop, self._small = work, config, stop, small

    def solve_one(self) -> bool:
        """Solves the request that has waited longest; returns False when none is due."""
        solve_id, claim = store.due_solve(self._work.database, self._work.now()), new_id()
        if solve_id is None:
            return False
        try:
            task = self._work.run(lambda unit: solving.begin(unit, solve_id, claim, self._config))
            if task is not None:
                self._carry_out(task)
        except Stopped:
            store.release_claim(self._work.database, solve_id, claim, self._work.now())
        except Exception as error:
            if is_outage(error):
                raise  # it is tried again when the claim ends
            name, place = telemetry.error_name(error), telemetry.error_place(error)
            telemetry.log.error("solving_failed", solve=solve_id, error=name, place=place)
            self._work.run(lambda unit: solving.give_up(unit, solve_id, claim))
        return True

    def _carry_out(self, task: solving.Task) -> None:
        result = self._solve(task)
        kept = self._work.run(lambda unit: solving.finish(unit, task, result, self._config))
        telemetry.log.info("solved", solve=task.solve.id, kind=task.solve.kind, people=task.people, kept=kept)

    def _solve(self, task: solving.Task) -> Any:
        extend = self._extend(task)
        if task.people > self._small:
            return solve_apart(task.work.solve, task.problem, extend)
        due = [time.monotonic() + BEAT_S]

        def report(progress: float) -> None:
            if time.monotonic() >= due[0]:
                due[0] = time.monotonic() + BEAT_S
                if not extend(progress):
                    raise Stopped

        return task.work.solve(task.problem, report)

    def _extend(self, task: solving.Task) -> Callable[[float], bool]:
        """Keeps the claim; the result is False once the worker stops or the claim is lost."""

        def extend(progress: float) -> bool:
            if self._stop.is_set():
                return False
            return store.extend_claim(self._work.database, task.solve.id, task.claim, progress, self._work.now())

        return extend
