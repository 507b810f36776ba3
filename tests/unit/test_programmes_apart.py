"""A solver in a process of its own: its result, its progress, its errors, and its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.programmes.jobs.apart import NICENESS, Died, Progress, Stopped, solve_apart
from tests.kit.waiting import until

NICEST = 19
"""The system's limit."""


def add(numbers: list[int], report: Progress) -> tuple[int, int, int]:
    report(0.25)
    time.sleep(0.8)  # longer than a beat
    return sum(numbers), os.getpid(), os.nice(0)


def fail(text: str, _report: Progress) -> None:
    raise ValueError(text)


def never_end(_problem: None, report: Progress) -> None:
    report(os.getpid() / 1e9)
    time.sleep(600)


def die(_problem: None, _report: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_result_and_progress_come_from_another_nicer_process() -> None:
    beats: list[float] = []

    def beat(progress: float) -> bool:
        beats.append(progress)
        return True

    total, pid, niceness = solve_apart(add, [1, 2, 3], beat)
    assert (total, niceness) == (6, min(os.nice(0) + NICENESS, NICEST))
    assert pid != os.getpid()
    assert beats[0] == 0.0
    assert beats[-1] == 0.25


@pytest.mark.parametrize(("solver", "name"), [(fail, "ValueError"), (die, "")])
def test_error_of_the_solver_leaves_only_its_name(solver: object, name: str) -> None:
    with pytest.raises(Died) as died:
        solve_apart(solver, "a name that must not leave", lambda _: True)  # type: ignore[arg-type]
    assert str(died.value) == name


def test_solver_ends_when_nobody_wants_its_result() -> None:
    pids: list[int] = []

    def beat(progress: float) -> bool:
        pids.extend([round(progress * 1e9)] if progress else [])
        return not pids

    with pytest.raises(Stopped):
        solve_apart(never_end, None, beat)
    assert not is_running(pids[0])


def test_solver_ends_with_a_worker_that_is_killed() -> None:
    """The worker is a process that starts a solver, says its id and is killed."""
    script = (
        "from services.programmes.jobs.apart import solve_apart\n"
        "from tests.unit.test_programmes_apart import never_end\n"
        "if __name__ == '__main__':\n"
        "    def beat(progress):\n"
        "        if progress: print(round(progress * 1e9), flush=True)\n"
        "        return True\n"
        "    solve_apart(never_end, None, beat)\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        solver = int(worker.stdout.readline())
        worker.kill()
    until(lambda: not is_running(solver))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
