"""The load generator wrk: in C, with one thread, so that it takes little of the cores that it shares with its target.

It sends the next request of a connection once the last one is answered.
"""

import json
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("requests.lua")
CONNECTIONS = 32
MISSING = "wrk is not installed: run `make test-tools` as root, or on Debian apt-get install wrk"


class Failed(RuntimeError):
    """wrk is missing, or an answer is not the expected one."""


@dataclass(frozen=True)
class Request:
    """What is sent: to this port of the machine, in the name of each of these Authorization headers in turn."""

    port: int
    method: str
    path: str
    people: Sequence[str] = ()
    body: Any = None


@dataclass(frozen=True)
class Turn:
    """Answers a second, their times in milliseconds, and the cores that wrk itself used."""

    rate: float
    median_ms: float
    p99_ms: float
    own: float


def there() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def send(request: Request, seconds: int, folder: Path) -> Turn:
    """Sends the request over `CONNECTIONS` connections for this number of seconds; `folder` holds its files.

    Raises `Failed` if wrk is missing, if any answer has a status of 400 or more, or if a connection breaks.
    """
    if not there():
        raise Failed(MISSING)
    body, people = folder / "body.json", folder / "people.txt"
    body.write_text(json.dumps(request.body))
    people.write_text("\n".join(request.people))
    files = [str(body) if request.body is not None else "", str(people) if request.people else ""]
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
    command += ["--timeout", "30s", "--script", str(SCRIPT), f"http://127.0.0.1:{request.port}"]
    command += ["--", request.method, request.path, *files]
    before = _spent()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"wrk ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    if found["refused"] or found["broken"] or not found["answers"]:
        raise Failed(f"{request.method} {request.path}: {found}")
    lasted = found["microseconds"] / 1e6
    return Turn(found["answers"] / lasted, found["median"] / 1e3, found["p99"] / 1e3, (_spent() - before) / lasted)


def _spent() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime
