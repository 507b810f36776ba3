"""The whole marketplace for all stories: started once as by `make run`, or the containers of the rehearsal."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.http.problems import UNNAMED
from chassis.mongo import connect
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from deploy.local.system import System
from services.accounts import operator
from services.accounts.clients.hashing import Passwords
from stories.people import PASSWORD, Person
from stories.timeline import Timeline, Watcher
from tests.kit import waves
from tests.stories.running import CONTAINED, Running, containers

EMBEDDED_ONLY = ("callers", "first_minutes", "outages", "restart", "restore")
"""Stories that stop and start processes of their own system, or read its key; the rehearsal has its own steps."""
collect_ignore = [f"test_{name}.py" for name in EMBEDDED_ONLY] if CONTAINED else []


@contextmanager
def embedded(folder: Path, engines: Mapping[str, str]) -> Iterator[System]:
    """The system with its gateway as local processes; on engines of its own unless these settings name others."""
    settings = {
        **engines,
        "RELEVE_WAVE_SIZE": "120",  # so that one wave invites a hundred mentors
        **waves.FIXED,
        "RELEVE_SILENCE": "PT24S",  # so that a story sees a nudge, eight seconds after two cancelled sessions
        "RELEVE_HASH_TIME_COST": "1",
        "RELEVE_HASH_MEMORY_KIB": "64",
    }
    with System(folder, settings=settings) as running:
        yield running


def unnamed_refusals(logs: Path) -> list[str]:
    """Refusals logged during all stories that the API's document does not name for their route."""
    return [line for log in logs.glob("*-http.log") for line in log.read_text().splitlines() if UNNAMED in line]


if CONTAINED:

    @pytest.fixture(scope="package")
    def system() -> Iterator[Running]:
        """The running containers."""
        running = containers()
        yield running
        assert unnamed_refusals(running.logs) == []

else:

    @pytest.fixture(scope="package")
    def system(tmp_path_factory: pytest.TempPathFactory, mongo_uri: str, kafka: str) -> Iterator[System]:
        """Local processes, which stories may stop and start."""
        engines = {"RELEVE_MONGO_URI": mongo_uri, "RELEVE_KAFKA": kafka}
        with embedded(tmp_path_factory.mktemp("system"), engines) as running:
            yield running
        assert unnamed_refusals(running.logs) == []


def make_operator(system: Running) -> Person:
    """An operator, created with the command line next to the database."""
    database = connect(system.mongo_uri, "releve_accounts", app="test")
    person = Person(system.url, "operator", "Ops")
    work = UnitOfWork(database, "accounts", CONTRACT)
    operator.add(work, Passwords(1, 64), person.email, PASSWORD, timedelta(hours=1))
    database.client.close()
    person.sign_in()
    return person


@pytest.fixture
def boss(system: Running) -> Iterator[Person]:
    """An operator."""
    person = make_operator(system)
    yield person
    person.http.close()


@pytest.fixture
def watcher(system: Running) -> Iterator[Watcher]:
    """All events since the start of the test."""
    watching = Watcher(system.kafka)
    yield watching
    watching.close()


@pytest.fixture
def timeline(watcher: Watcher) -> Timeline:
    """Prints the steps, to help diagnose a failure."""
    return Timeline(watcher, print)


@pytest.fixture(scope="package")
def mails(system: Running) -> Path:
    """The folder of the sent mails."""
    return system.mails
