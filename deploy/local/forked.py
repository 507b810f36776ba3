"""Python processes that are forks of the seed (deploy/local/seed.py), which has imported every part."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
LOST = 255
"""The status of a process whose end nobody saw, because the seed had ended before."""
LOOK_S = 0.02


class Forked:
    """A process that runs ``python -m MODULE ARGUMENTS``, with those calls of `subprocess.Popen` that `Process` uses.

    It leads a session of its own, has the environment ``env`` and no other, works in ``cwd``, writes to ``log``, and
    keeps the descriptors ``inherits`` open. Raises OSError if it cannot be forked.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], *, log: IO[bytes], env: Mapping[str, str], cwd: Path,
        inherits: Sequence[int] = (),
    ) -> None:  # fmt: skip
        request = {"module": module, "arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        self._seed = _living_seed()
        self.pid = self._seed.fork(request, [log.fileno(), *inherits])
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status (negative: the signal's number), or None while it runs."""
        if self._status is None:
            self._status = self._seed.status(self.pid)
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, once it has ended. Raises `subprocess.TimeoutExpired` after ``timeout`` seconds."""
        until = time.monotonic() + timeout if timeout is not None else None
        while (status := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(LOOK_S)
        return status

    def terminate(self) -> None:
        """Sends SIGTERM if it runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


class _Seed:
    """A process that forks others. It ends with its launcher; what it has forked does not end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended: dict[int, int] = {}
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        hidden = ("RELEVE_", "PYTHONDONTWRITEBYTECODE")  # no settings, and byte code is cached
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.seed", str(theirs.fileno())], cwd=ROOT, stdin=subprocess.DEVNULL,
                start_new_session=True, pass_fds=[theirs.fileno()], env=inherited | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    @property
    def lives(self) -> bool:
        """Whether it can fork."""
        return self._process.poll() is None

    def fork(self, request: Mapping[str, object], descriptors: Sequence[int]) -> int:
        """The id of the new process. Raises OSError if there is none."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
            while (pid := self._hear()) is None:
                pass
            self._ended.pop(pid, None)  # of an earlier process with this id
            return pid

    def status(self, pid: int) -> int | None:
        """The exit status of a process that was forked, or None while it runs."""
        with self._lock:
            with suppress(BlockingIOError, ConnectionError):
                while True:
                    self._hear(socket.MSG_DONTWAIT)
            if not self.lives and not _exists(pid):
                self._ended.setdefault(pid, LOST)
            return self._ended.get(pid)

    def _hear(self, flags: int = 0) -> int | None:
        """Reads one message: the id of a new process, or else the end of one, which it notes. Raises OSError."""
        told = json.loads(self._socket.recv(1024, flags) or "[]")
        match told:
            case [pid]:
                return int(pid)
            case [pid, status]:
                self._ended[pid] = status
                return None
            case _:
                raise ConnectionError("the process that forks the others has ended")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


_seeds: list[_Seed] = []
_seeding = threading.Lock()


def _living_seed() -> _Seed:
    """This launcher's seed; the first request starts it."""
    with _seeding:
        if not _seeds or not _seeds[-1].lives:
            _seeds[:] = [_Seed()]
        return _seeds[-1]
