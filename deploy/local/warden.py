"""Ends every process group its launcher named, once that launcher is gone, however it went.

Runs as a process of its own and reads `+PID` and `-PID` lines; the end of that pipe is the launcher's end.
A death signal set on each child would hang on the launching *thread*, and miss the children's own children.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 10.0
"""Seconds between the polite signal and the last one."""


def _signal(groups: Iterable[int], number: int) -> set[int]:
    """Sends `number` to each group and returns those that still exist."""
    alive = set()
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue
        alive.add(group)
    return alive


def main() -> None:
    """Keeps the list until the pipe ends, then stops what is left on it."""
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    alive = _signal(groups, signal.SIGTERM)
    until = time.monotonic() + GRACE
    while alive and time.monotonic() < until:
        time.sleep(0.1)
        alive = _signal(alive, 0)
    _signal(alive, signal.SIGKILL)


if __name__ == "__main__":
    main()
