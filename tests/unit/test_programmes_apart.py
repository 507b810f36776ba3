"""A solver in a process of its own: its result, its progress, its errors, and its end."""

import os
import signal
import time

import pytest

from services.programmes.jobs.apart import NICENESS, Died, Progress, Stopped, solve_apart


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
    assert (total, niceness - os.nice(0)) == (6, NICENESS)
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
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
