"""Waits for a proposal, so that a small programme is answered at once and a large one with its progress."""

import threading
import time

from chassis.http.drain import THIS_PROCESS
from chassis.mongo import Documents
from services.programmes import store
from services.programmes.model.solves import Solve

AT_ONCE = 4
"""Requests of a process that wait at the same time; others are told at once that the solver is at work. Each takes one
of the threads that answer requests."""
FIRST_S, LAST_S = 0.05, 0.5
"""Pauses between two looks: they grow, because what is not there soon takes longer."""

_places = threading.BoundedSemaphore(AT_ONCE)


def wait_for_solve(database: Documents, programme_id: str, within_s: float) -> Solve | None:
    """The programme's newest request, once it is finished or ``within_s`` seconds are over."""
    until, pause = time.monotonic() + within_s, FIRST_S
    if not _places.acquire(blocking=False):
        return store.latest_solve(database, programme_id)
    try:
        while True:
            solve = store.latest_solve(database, programme_id)
            left = until - time.monotonic()
            if solve is None or not solve.unfinished or left <= 0 or THIS_PROCESS.begun:
                return solve
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, LAST_S)
    finally:
        _places.release()
