"""A local process: started in its own session, logged to a file, stopped reliably."""

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
from typing import IO, Self

from deploy.local.forked import Forked

LOG_LIMIT = 10 * 1024 * 1024
"""Size of a log, in bytes, above which the next start renames it to `<name>.log.old`."""

TROUBLE = re.compile(r'"s":"[EF]"|ERROR|FATAL|\[critical\]|\[error\]|Error\b')
"""How logs of the engines and of Python mark a failure."""


class StartError(RuntimeError):
    """A component failed to start. The text is one line that says what to do."""


class _Warden:
    """The pipe to the process that cleans up if this one is killed."""

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

    It runs in its own session, so that a terminal's Ctrl-C does not reach it: the launcher stops processes in order.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], log: Path, *, env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:  # fmt: skip
        self.name, self.command, self.log, self.env, self.cwd = name, command, log, env, cwd
        self.inherits: tuple[int, ...] = ()
        """File descriptors that the process inherits; a lock on one is held until the last such process ends."""
        self.wrap: Callable[[list[str]], list[str]] = lambda usual: usual
        """Maps the usual command to the one to run."""
        self.forks = False
        """Whether an unwrapped `python -m MODULE ...`, with an environment and a folder, is a fork of the process that
        has imported the parts."""
        self._popen: subprocess.Popen[bytes] | Forked | None = None

    @property
    def pid(self) -> int | None:
        """The process id while running, otherwise None."""
        return self._popen.pid if self._popen is not None and self._popen.poll() is None else None

    @property
    def status(self) -> int | None:
        """The exit status once it has ended (negative: the signal's number), else None."""
        return None if self._popen is None else self._popen.poll()

    def start(self) -> None:
        """Starts the command; raises StartError if the executable is missing."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_name(self.log.name + ".old"))
        with self.log.open("ab") as log:
            try:
                self._popen = self._launched(log)
            except OSError as error:
                raise StartError(f"{self.name} cannot be run: {error}") from error
        _warden.tell("+", self._popen.pid)
        if isinstance(self._popen, Forked):
            self._popen.begin()

    def _launched(self, log: IO[bytes]) -> subprocess.Popen[bytes] | Forked:
        usual = [str(part) for part in self.command]
        command = self.wrap(usual)
        if self.forks and self.env is not None and self.cwd is not None and command == usual:
            _python, _m, module, *arguments = command
            return Forked(module, arguments, log=log, env=self.env, cwd=self.cwd, inherits=self.inherits)
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            cwd=self.cwd, pass_fds=self.inherits, env=None if self.env is None else dict(self.env),
        )  # fmt: skip

    def stop(self, grace: float = 15.0) -> None:
        """Sends SIGTERM, and after `grace` seconds kills the process and its children."""
        self.ask_to_end()
        with suppress(StartError):
            self.wait_ended(grace)
        self.kill()

    def ask_to_end(self) -> None:
        """Sends SIGTERM if the process is running."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.terminate()

    def wait_ended(self, seconds: float) -> None:
        """Returns once the process has ended; raises StartError after `seconds`."""
        if self._popen is not None:
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired as error:
                raise StartError(f"{self.name} did not end within {seconds:.0f} s") from error

    def kill(self) -> None:
        """Kills the process and its children immediately, like a power failure."""
        if self._popen is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        _warden.tell("-", self._popen.pid)
        self._popen = None

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str = "ready") -> None:
        """Polls `ready` until it is true; raises StartError if the process ends or after `seconds`."""
        until = time.monotonic() + seconds
        while not ready():
            if self.pid is None:
                raise StartError(f"{self.name} ended with status {self.status} while starting: {self.tail()}")
            if time.monotonic() > until:
                raise StartError(f"{self.name} was not {what} after {seconds:.0f} s: {self.tail()}")
            time.sleep(0.05)

    def tail(self) -> str:
        """The error at the end of the log, on one line, and the path of the log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - 16_384))
                lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        except OSError:
            lines = []
        wrong = [line for line in lines if TROUBLE.search(line)]
        return f"{' | '.join(line[:300] for line in (wrong or lines)[-2:]) or 'it said nothing'} (log: {self.log})"


class Engine:
    """Base class of Mongo, Kafka and Envoy: `start` returns once it serves; leaving `with` stops it."""

    process: Process
    """The engine's process; not set for a cluster (see `members`)."""

    @property
    def members(self) -> "dict[str, Engine]":
        """Its members by the names of their processes; a single engine is its own member."""
        return {self.process.name: self}

    def launch(self) -> None:
        """Starts the process without waiting until it serves; raises StartError."""
        raise NotImplementedError

    def start(self) -> None:
        """Starts the engine; raises StartError with a one-line text."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stops the engine, cleanly if possible."""
        self.process.stop()

    def kill(self) -> None:
        """Kills the engine immediately, like a power failure."""
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
