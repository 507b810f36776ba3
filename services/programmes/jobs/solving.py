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
from contracts.fit.encoder import Encoder, small_e5
from services.programmes import store
from services.programmes.commands import solving
from services.programmes.config import Config
from services.programmes.jobs.apart import BEAT_S, Stopped, solve_apart
from services.programmes.jobs.reading import read_texts

POLL_S = 0.5
READING = 0.8
"""The share of the progress when all texts are read, if any had to be."""
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
    """Solves requests one by one. ``encoder`` gives the model that reads texts, and is called only if there are any."""

    def __init__(
        self,
        work: UnitOfWork,
        config: Config,
        stop: threading.Event,
        small: int = SMALL,
        encoder: Callable[[], Encoder] = small_e5,
    ) -> None:
        self._work, self._config, self._stop, self._small, self._encoder = work, config, stop, small, encoder

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
        telemetry.log.info("solved", solve=task.solve.id, kind=task.solve.kind, people=len(task.people), kept=kept)

    def _solve(self, task: solving.Task) -> Any:
        extend = self._extend(task)
        seen = read_texts(
            self._work, task.solve.programme, task.people, self._encoder, lambda share: extend(READING * share)
        )
        problem = task.work.inform(task.problem, seen)
        if len(task.people) > self._small:
            return solve_apart(task.work.solve, problem, extend)
        due = [time.monotonic() + BEAT_S]

        def report(progress: float) -> None:
            if time.monotonic() >= due[0]:
                due[0] = time.monotonic() + BEAT_S
                if not extend(progress):
                    raise Stopped

        return task.work.solve(problem, report)

    def _extend(self, task: solving.Task) -> Callable[[float], bool]:
        """Keeps the claim and shows the progress, which never falls; the result is False once the worker stops or the
        claim is lost."""
        shown = 0.0

        def extend(progress: float) -> bool:
            nonlocal shown
            if self._stop.is_set():
                return False
            shown = max(shown, progress)
            return store.extend_claim(self._work.database, task.solve.id, task.claim, shown, self._work.now())

        return extend
