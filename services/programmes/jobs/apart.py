"""Runs a solver in a process of its own, so that it neither blocks the worker's threads nor outlives the worker."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

NICENESS = 10
"""The solver gives way to the worker's relay and consumer."""
BEAT_S = 0.5
"""Seconds between two reports of progress."""
END_WITHIN_S = 2.0

Progress = Callable[[float], None]
Solver = Callable[[Any, Progress], Any]
"""A function of a module that solves a problem and reports its progress from 0 to 1."""


class Died(Exception):
    """The solver's process ended without a result; the text is the name of its error, if it had one."""


class Stopped(Exception):
    """The solver was ended because nobody wants its result any more."""


def solve_apart(solver: Solver, problem: Any, beat: Callable[[float], bool]) -> Any:
    """The solver's result. ``beat`` gets the progress every `BEAT_S`; if it returns False, the solver is ended.

    Raises `Died`, and `Stopped` if ``beat`` returned False.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(solver, problem, theirs), daemon=True, name="solver")
    child.start()
    theirs.close()
    try:
        return _listen(ours, beat)
    finally:
        ours.close()
        _end(child)


def _listen(ours: Connection, beat: Callable[[float], bool]) -> Any:
    progress, due = 0.0, time.monotonic()
    while True:
        left = due - time.monotonic()
        if left <= 0:
            if not beat(progress):
                raise Stopped
            due = time.monotonic() + BEAT_S
            continue
        try:
            if not ours.poll(left):
                continue
            what, value = ours.recv()
        except (EOFError, OSError) as error:
            raise Died("") from error
        if what == "done":
            return value
        if what == "failed":
            raise Died(value)
        progress = value


def _end(child: SpawnProcess) -> None:
    """Ends the child, which by now has sent its result or is not wanted any more."""
    child.terminate()
    child.join(END_WITHIN_S)
    if child.is_alive():
        child.kill()
        child.join()


def _run(solver: Solver, problem: Any, theirs: Connection) -> None:
    """The child: solves and sends the result. It ends when its parent does, however that ended."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to the parent too, which ends this process
    os.nice(NICENESS)
    last = [-1.0]

    def report(progress: float) -> None:
        if progress - last[0] >= 0.01:  # a solver may report often; the pipe must not fill up
            last[0] = progress
            theirs.send(("progress", progress))

    try:
        theirs.send(("done", solver(problem, report)))
    except Exception as error:  # its text may hold people's data, and stays here
        theirs.send(("failed", type(error).__name__))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
