"""Kills the process groups that its launcher registered, once the launcher has ended for whatever reason.

Runs as its own process and reads `+PID` and `-PID` lines; the pipe is closed when the launcher ends. A parent-death
signal on each child would depend on the launching *thread*, and would miss the children's own children.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL."""


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
    """Keeps the list of groups until the pipe ends, then stops those left."""
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
