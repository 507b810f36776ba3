"""What the processes hold in memory and take of the processors, their children included."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Held:
    """MiB: resident (what several share is counted in each) and proportional (what is shared is divided)."""

    resident: float
    proportional: float


def held(processes: Mapping[str, int]) -> dict[str, Held]:
    """By name, each process with all that it started."""
    found = {}
    for name, pid in processes.items():
        facts = [process.memory_full_info() for process in _tree(pid)]
        found[name] = Held(sum(fact.rss for fact in facts) / 2**20, sum(fact.pss for fact in facts) / 2**20)
    return found


def busy(pids: Iterable[int]) -> Callable[[], tuple[float, float]]:
    """Begins to measure; what it gives tells how many cores these processes, and all others, took since then."""
    processes = [process for pid in pids for process in _tree(pid)]

    def spent() -> tuple[float, float]:
        machine = psutil.cpu_times()
        idle = machine.idle + machine.iowait + machine.steal
        own = sum(times.user + times.system for times in (process.cpu_times() for process in processes))
        return own, sum(machine) - machine.guest - machine.guest_nice - idle - own

    began, before = time.monotonic(), spent()

    def cores() -> tuple[float, float]:
        seconds, after = time.monotonic() - began, spent()
        return (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds

    return cores


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]
