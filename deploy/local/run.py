"""Runs Relève on this machine: `python deploy/local/run.py up|demo|story`.

up     starts everything and runs until Ctrl-C; with a new data folder, it plays the story and creates sample
       accounts
demo   starts everything, plays the story and exits: 0 if every step succeeded
story  plays the story against the system that `up` runs
"""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # replaces this folder, whose modules must not be imported by accident

from contracts.parts import PARTS  # noqa: E402
from deploy.local import welcome  # noqa: E402
from deploy.local.ports import is_free  # noqa: E402 - needs the line above
from deploy.local.process import StartError  # noqa: E402
from deploy.local.running import NothingRuns, data_folder, running  # noqa: E402
from deploy.local.system import System  # noqa: E402

DEFAULT_PORT = 8080


def say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str]) -> int:
    """Runs the command; returns its exit status: 0, or 1 after printing one line that says what to do."""
    if arguments not in (["up"], ["demo"], ["story"]):
        say(__doc__ or "")
        return 2
    settings = {name: value for name, value in os.environ.items() if name.startswith("RELEVE_")}
    data = data_folder(settings)
    settings.pop("RELEVE_DATA", None)
    try:
        if arguments == ["story"]:
            return 0 if tell(data) else 1
        return bring_up(data, settings, stay=arguments == ["up"])
    except (StartError, NothingRuns) as error:
        say(f"  ✗ {error}")
        return 1


def bring_up(data: Path, settings: dict[str, str], stay: bool) -> int:
    """Starts everything; returns after the story or, with `stay`, after a signal."""
    port = _port(settings.pop("RELEVE_PORT", str(DEFAULT_PORT)))
    is_new = not data.exists() or not any(data.iterdir())
    ended = threading.Event()
    system = System(data, port, settings, say=say, ready=Progress())
    say("Relève starts")
    _on_signals(_interrupt)
    try:
        with system:
            held = _play()(system.url, system.kafka, say) if is_new or not stay else True
            if is_new and stay and held:
                make_samples(system)
            _on_signals(lambda number, frame: ended.set())
            if stay:
                for line in welcome.lines(port, data, system.mails, system.logs):
                    say(line)
            while stay and not ended.wait(0.2) and not system.failed.is_set():
                pass
            say("Relève stops")
        say("Relève has stopped")
        return 1 if system.failed.is_set() or not (held or stay) else 0
    except KeyboardInterrupt:
        say("Relève was stopped before it ran")
        return 130


def make_samples(system: System) -> None:
    """Creates sample accounts with a project in every state. Failures are printed and do not stop the system."""
    from httpx import HTTPError
    from pymongo.errors import PyMongoError

    from services.accounts.operator import InUse
    from stories import samples

    say(f"People to look around as ({samples.LIMIT_S:.0f} s at most)")
    soon = {"RELEVE_CHOICE_PERIOD": "PT2S"}
    try:
        projects = samples.make(system.url, say, lambda: system.with_settings("projects-worker", soon))
        hire(system, samples.OPERATOR, samples.PASSWORD)
    except (AssertionError, HTTPError, OSError, StartError, PyMongoError, InUse) as error:
        say(f"  ✗ They could not be made, and are missing below: {type(error).__name__}: {error}")
        return
    welcome.keep(
        system.data,
        {
            "password": samples.PASSWORD,
            "client": samples.CLIENT,
            "mentor": samples.MENTOR,
            "others": samples.OTHER_MENTORS,
            "operator": samples.OPERATOR,
            "projects": projects,
        },
    )


def hire(system: System, email: str, password: str) -> None:
    """Creates an operator, as their command does at a terminal. Raises PyMongoError and `InUse`."""
    from chassis.mongo import connect
    from chassis.unit import UnitOfWork
    from contracts.events import CONTRACT
    from services.accounts import operator
    from services.accounts.clients.hashing import Passwords

    database = connect(system.mongo_uri, system.settings.get("RELEVE_DB_PREFIX", "releve_") + "accounts", app="run")
    cheap = Passwords(time_cost=1, memory_kib=64)  # everybody can read the password of a sample account
    try:
        operator.add(UnitOfWork(database, "accounts", CONTRACT), cheap, email, password, timedelta())
    finally:
        database.client.close()


class Progress:
    """Prints what is ready; a service is, once all its processes are."""

    TITLES: ClassVar = {"mongo": "MongoDB", "kafka": "Kafka", "gateway": "gateway"}

    def __init__(self) -> None:
        self._sides: Counter[str] = Counter()
        self._wanted = {part.name: len(part.sides) for part in PARTS}

    def __call__(self, name: str, seconds: float) -> None:
        service, _, side = name.partition("-")
        self._sides[service] += bool(side)
        title = service if self._sides[service] == self._wanted.get(service) else self.TITLES.get(name)
        if title:
            say(f"  ✓ {title} {seconds:.1f} s")


def tell(data: Path) -> bool:
    """Plays the story against the system that runs on `data`; raises `NothingRuns`."""
    state = running(data)
    return _play()(state["url"], state["kafka"], say)


def _play() -> Callable[[str, str, Callable[[str], None]], bool]:
    from stories.nestle_waters import play

    return play


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StartError(f"RELEVE_PORT is a port from 1 to 65535, not {text!r}.")
    if not is_free(int(text)):
        raise StartError(
            f"Port {text} is in use by another program: stop that one, or choose another, "
            f"RELEVE_PORT={int(text) + 1} for instance."
        )
    return int(text)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _on_signals(signal.SIG_IGN)  # ignore further signals during the orderly shutdown
    raise KeyboardInterrupt


def _on_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
