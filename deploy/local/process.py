"""One process of this machine: started in a session of its own, logged to a file, stopped for certain."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

LOG_LIMIT = 10 * 1024 * 1024
"""Bytes of log after which the next start sets the file aside as `<name>.log.old`."""

TROUBLE = re.compile(r'"s":"[EF]"|ERROR|FATAL|\[critical\]|\[error\]|Error\b')
"""What the engines' and Python's own logs mark a failure with."""


class StartError(RuntimeError):
    """Something could not be brought up; the text is one line for a person to act on."""


class _Warden:
    """The pipe to the process that cleans up when this one is killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def tell(self, word: str, pid: int) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                script = Path(__file__).with_name("warden.py")
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(script)], stdin=subprocess.PIPE, text=True,
                    start_new_session=True,
                )  # fmt: skip
            assert self._process.stdin is not None
            self._process.stdin.write(f"{word}{pid}\n")
            self._process.stdin.flush()


_warden = _Warden()


class Process:
    """A command that runs in the background until `stop`.

    Its own session keeps a terminal's Ctrl-C away from it: the launcher alone decides the order of the end.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], log: Path, *, env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:  # fmt: skip
        self.name, self.command, self.log, self.env, self.cwd = name, command, log, env, cwd
        self.inherits: tuple[int, ...] = ()
        """File descriptors it keeps open: a lock on one of them lasts as long as the last such process."""
        self.wrap: Callable[[list[str]], list[str]] = lambda usual: usual
        """Gives the command that is run instead of the usual one."""
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._popen.pid if self._popen is not None and self._popen.poll() is None else None

    @property
    def status(self) -> int | None:
        """The exit status once it has ended (negative: the signal's number), else None."""
        return None if self._popen is None else self._popen.poll()

    def start(self) -> None:
        """Starts the command; raises StartError where the file to run is missing."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_name(self.log.name + ".old"))
        with self.log.open("ab") as log:
            try:
                self._popen = subprocess.Popen(
                    self.wrap([str(part) for part in self.command]), stdin=subprocess.DEVNULL, stdout=log,
                    stderr=subprocess.STDOUT, start_new_session=True, cwd=self.cwd,
                    pass_fds=self.inherits,
                    env=None if self.env is None else dict(self.env),
                )  # fmt: skip
            except OSError as error:
                raise StartError(f"{self.name} cannot be run: {error}") from error
        _warden.tell("+", self._popen.pid)

    def stop(self, grace: float = 15.0) -> None:
        """Asks it to end, and after `grace` seconds ends it and all that it started."""
        self.ask_to_end()
        with suppress(StartError):
            self.wait_ended(grace)
        self.kill()

    def ask_to_end(self) -> None:
        """Sends SIGTERM while it runs."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.terminate()

    def wait_ended(self, seconds: float) -> None:
        """Returns once it has ended; raises StartError where it has not after so long."""
        if self._popen is not None:
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired as error:
                raise StartError(f"{self.name} did not end within {seconds:.0f} s") from error

    def kill(self) -> None:
        """Ends it and all that it started at once, as a power cut would."""
        if self._popen is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        _warden.tell("-", self._popen.pid)
        self._popen = None

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str = "ready") -> None:
        """Polls `ready` until it holds; raises StartError if the process ends or `seconds` pass before."""
        until = time.monotonic() + seconds
        while not ready():
            if self.pid is None:
                raise StartError(f"{self.name} ended with status {self.status} while starting: {self.tail()}")
            if time.monotonic() > until:
                raise StartError(f"{self.name} was not {what} after {seconds:.0f} s: {self.tail()}")
            time.sleep(0.05)

    def tail(self) -> str:
        """What the end of the log says went wrong, on one line, and where the rest is."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - 16_384))
                lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        except OSError:
            lines = []
        wrong = [line for line in lines if TROUBLE.search(line)]
        return f"{' | '.join(line[:300] for line in (wrong or lines)[-2:]) or 'it said nothing'} (log: {self.log})"


class Engine:
    """What Mongo, Kafka and Envoy have in common: `start` returns when it serves; leaving `with` stops it."""

    process: Process
    """Its own, where it is one process (a cluster is none: see `members`)."""

    @property
    def members(self) -> "dict[str, Engine]":
        """The engines that it consists of, by the names of their processes: itself, unless it is a cluster."""
        return {self.process.name: self}

    def launch(self) -> None:
        """Starts its process and returns before it serves; raises StartError."""
        raise NotImplementedError

    def start(self) -> None:
        """Brings it up; raises StartError with one clear line."""
        raise NotImplementedError

    def stop(self) -> None:
        """Brings it down, cleanly if it lets itself."""
        self.process.stop()

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        self.process.kill()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.stop()
