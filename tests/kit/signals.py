"""Signals to a process of `deploy.local.process`: it is killed, or paused for a while.

Each signal reaches all child processes, too, and does nothing if the process has ended.
"""

import os
import signal
from contextlib import suppress

from deploy.local.process import Process


def crash(process: Process) -> None:
    """Sends SIGKILL; the supervisor handles the rest."""
    _send(process, signal.SIGKILL)


def pause(process: Process) -> None:
    """Sends SIGSTOP: until `resume` the process keeps its ports, connections and locks."""
    _send(process, signal.SIGSTOP)


def resume(process: Process) -> None:
    """Sends SIGCONT."""
    _send(process, signal.SIGCONT)


def _send(process: Process, number: int) -> None:
    if (pid := process.pid) is not None:  # the id of an ended process may have been reused
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
