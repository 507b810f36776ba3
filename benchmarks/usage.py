"""Memory and processor use of processes, including their children."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Held:
    """Memory in MiB: resident (shared pages count fully) and proportional (shared pages are divided by their users)."""

    resident: float
    proportional: float


def held(processes: Mapping[str, int]) -> dict[str, Held]:
    """The memory of each process, with its children, by name."""
    found = {}
    for name, pid in processes.items():
        facts = [process.memory_full_info() for process in _tree(pid)]
        found[name] = Held(sum(fact.rss for fact in facts) / 2**20, sum(fact.pss for fact in facts) / 2**20)
    return found


def busy(pids: Iterable[int]) -> Callable[[], tuple[float, float]]:
    """Starts measuring. The returned function gives the cores used since then by these processes and by all others."""
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
