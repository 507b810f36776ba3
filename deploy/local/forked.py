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
TOLD_WITHIN_S = 120.0
"""Seconds until a fork has told its id; the first one waits until the seed has imported every part."""
LOOK_S = 0.02


class Forked:
    """A process that runs ``python -m MODULE ARGUMENTS``, with those calls of `subprocess.Popen` that `Process` uses.

    It leads a session of its own, has the environment ``env`` and no other, works in ``cwd``, writes to ``log``, and
    keeps the descriptors ``inherits`` open. It waits for `begin`, and ends by itself if this launcher ends before.
    Raises OSError if it cannot be forked.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], *, log: IO[bytes], env: Mapping[str, str], cwd: Path,
        inherits: Sequence[int] = (),
    ) -> None:  # fmt: skip
        request = {"module": module, "arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._reading = threading.Lock()
        self._status: int | None = None
        try:
            with theirs:
                _living_seed().ask(request, [theirs.fileno(), log.fileno(), *inherits])
            self._line.settimeout(TOLD_WITHIN_S)
            self.pid = self._told_id()
            self._line.setblocking(False)
        except BaseException:
            self._line.close()  # a fork that waits for `begin` ends
            raise

    def begin(self) -> None:
        """Lets it run. Call this after registering its id with the process that cleans up."""
        with suppress(OSError):  # it has ended
            self._line.send(b"begin")

    def poll(self) -> int | None:
        """The exit status (negative: the signal's number), or None while it runs."""
        with self._reading:
            if self._status is None:
                with suppress(BlockingIOError):
                    told = self._line.recv(100)
                    self._status = int(told) if told else LOST  # all who could write have ended
                    self._line.close()
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

    def _told_id(self) -> int:
        told = self._line.recv(100).decode()
        if not told.startswith("id "):
            raise ConnectionError("the process that forks the others has ended, or the fork at once")
        return int(told.removeprefix("id "))


class _Seed:
    """A process that forks others. It ends with its launcher; what it has forked does not end with it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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

    def ask(self, request: Mapping[str, object], descriptors: Sequence[int]) -> None:
        """Asks for a fork with these descriptors; the first is its line to the launcher. Raises OSError."""
        socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)


_seeds: list[_Seed] = []
_seeding = threading.Lock()


def _living_seed() -> _Seed:
    """This launcher's seed; the first request starts it."""
    with _seeding:
        if not _seeds or not _seeds[-1].lives:
            _seeds[:] = [_Seed()]
        return _seeds[-1]
