"""The load generator beside a measurement: projects a day sent to a running system while something else is measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import say
from deploy.local.process import StartError
from deploy.local.system import ROOT, System

STARTS_WITHIN_S = 300
"""Seconds until all people of the load have signed up."""
WARMS_UP_S = 15
"""Seconds from the first project until rounds and mails are under way."""


class Load:
    """The generator's process, and what it found."""

    def __init__(self, process: "subprocess.Popen[bytes]", out: Path, until: float) -> None:
        self._process, self._out, self._until = process, out, until

    @property
    def sends(self) -> bool:
        """Whether projects still arrive."""
        return self._process.poll() is None and time.monotonic() < self._until

    def found(self) -> Any:
        """The level's figures as in `tests.load`'s report, once it has ended. Raises `StartError` if it has none."""
        status, report = self._process.wait(), self._out / "load.json"
        if not report.exists():
            raise StartError(f"the load ended with status {status} and left no figures")
        return json.loads(report.read_text())["levels"][0]


@contextmanager
def load(system: System, folder: Path, a_day: int, seconds: float) -> Iterator[Load]:
    """Sends ``a_day`` projects a day for ``seconds`` to a system that has `tests.load.target.OWN` as its settings.

    The body begins once rounds and mails are under way. Raises `StartError` if the load does not start.
    """
    out, log = folder / "load", folder / "load.log"
    command = [sys.executable, "-m", "tests.load", "--running", "--levels", str(a_day), "--steps", "", "--seconds",
               str(seconds), "--out", str(out)]  # fmt: skip
    where = {**os.environ, "RELEVE_DATA": str(system.data)}
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=where, stdout=said, stderr=subprocess.STDOUT)
    try:
        say("people of the load sign up")
        until = time.monotonic() + STARTS_WITHIN_S
        while " a day: " not in log.read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise StartError(f"the load did not start: {log.read_text()[-500:]}")
            time.sleep(0.5)
        ends = time.monotonic() + seconds
        time.sleep(WARMS_UP_S)
        yield Load(process, out, ends)
    finally:
        process.terminate()
        process.wait()
