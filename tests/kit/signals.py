"""What a machine does to a process of `deploy.local.process`: it is killed, or stands still for a while.

Each reaches all that the process started, and does nothing where it has ended.
"""

import os
import signal
from contextlib import suppress

from deploy.local.process import Process


def crash(process: Process) -> None:
    """Sends SIGKILL, and leaves the rest to whoever watches the process."""
    _send(process, signal.SIGKILL)


def pause(process: Process) -> None:
    """Sends SIGSTOP: until `resume` it keeps its ports, connections and locks."""
    _send(process, signal.SIGSTOP)


def resume(process: Process) -> None:
    """Sends SIGCONT."""
    _send(process, signal.SIGCONT)


def _send(process: Process, number: int) -> None:
    if (pid := process.pid) is not None:  # the number of one that has ended may be another's by now
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
