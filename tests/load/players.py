"""The parent's view of the generator: a process that receives levels and returns results."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import IO, Any, Self

from tests.load.measures import Told
from tests.load.plan import Level

ROOT = Path(__file__).resolve().parents[2]
SIGNS_UP_WITHIN_S = 900.0
BEYOND_S = 240.0
"""Seconds beyond its duration that a level may take before the generator counts as stuck."""


class GeneratorFailed(RuntimeError):
    """The generator could not continue; the text is one line."""


class Players:
    """The generator's process, running within `with`; ``say`` gets its progress lines."""

    def __init__(self, settings: Mapping[str, Any], say: Callable[[str], None]) -> None:
        self._settings, self._say = dict(settings), say
        self._lines: Queue[dict[str, Any] | None] = Queue()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.generator"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, start_new_session=True,  # a terminal's Ctrl-C is for this process, which ends that one
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, name="generator", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        process = self._running()
        try:
            self._input().close()
            process.wait(120 if kind is None else 5)
        except (subprocess.TimeoutExpired, OSError):
            process.kill()
            process.wait()
        self._reader.join(5)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def prepare(self) -> dict[str, Any]:
        """Signs people up and returns their numbers. Raises `GeneratorFailed`."""
        self._send(self._settings)
        ready: dict[str, Any] = self._until("ready", SIGNS_UP_WITHIN_S, Told())
        return ready

    def play(self, level: Level, begins: Callable[[], None] = lambda: None) -> tuple[Told, float]:
        """Plays a level; returns the results and the seconds until its last project had ended.

        ``begins`` is called when its clock starts. Raises `GeneratorFailed`.
        """
        told = Told()
        self._send(asdict(level))
        self._until("begins", SIGNS_UP_WITHIN_S, told)
        begins()
        done = self._until("done", level.seconds + BEYOND_S, told)
        counted = len(told.shots)
        if counted != done["requests"]:
            raise GeneratorFailed(f"Locust counted {done['requests']} requests, and told of {counted}")
        return told, done["seconds"]

    def _running(self) -> "subprocess.Popen[str]":
        assert self._process is not None
        return self._process

    def _input(self) -> IO[str]:
        stdin = self._running().stdin
        assert stdin is not None
        return stdin

    def _send(self, what: Any) -> None:
        try:
            self._input().write(json.dumps(what) + "\n")
            self._input().flush()
        except OSError as error:
            raise GeneratorFailed(f"the generator is gone ({type(error).__name__})") from error

    def _read(self) -> None:
        for line in self._running().stdout or ():
            if line.startswith("{"):
                self._lines.put(json.loads(line))
        self._lines.put(None)

    def _until(self, wanted: str, seconds: float, told: Told) -> Any:
        """Reads lines until one has the key ``wanted``; returns its value."""
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except Empty:
                raise GeneratorFailed(f"the generator said nothing for {seconds:.0f} s") from None
            if line is None:
                raise GeneratorFailed("the generator ended by itself; what it said stands above")
            if wanted in line:
                return line[wanted]
            if "failed" in line:
                raise GeneratorFailed(line["failed"])
            _take(line, told, self._say)


def _take(line: Mapping[str, Any], told: Told, say: Callable[[str], None]) -> None:
    if "shot" in line:
        route, due, took, from_send, wrong = line["shot"]
        told.shots.append((route, due, took, from_send, wrong))
    elif "news" in line:
        kind, due, waited = line["news"]
        told.news.append((kind, due, waited))
    elif "story" in line:
        told.stories.append(line["story"])
    elif "wake" in line:
        told.wakes.append(line["wake"])
    elif "say" in line:
        say(line["say"])
