"""The whole marketplace, for all stories: started once as `make run` does, or the containers of the rehearsal."""

from collections.abc import Iterator
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
from tests.stories.running import CONTAINED, Running, containers

collect_ignore = ["test_first_minutes.py", "test_outages.py", "test_restart.py", "test_restore.py"] if CONTAINED else []
"""They end and begin processes of a system of their own; the rehearsal does so with containers, step by step."""


@contextmanager
def embedded(folder: Path, mongo_uri: str, kafka: str) -> Iterator[System]:
    """Everything behind its gateway, as processes of this machine, on the engines of this test run."""
    settings = {
        "RELEVE_MONGO_URI": mongo_uri,
        "RELEVE_KAFKA": kafka,
        "RELEVE_WAVE_SIZE": "120",  # so that a hundred mentors are invited at once
        "RELEVE_HASH_TIME_COST": "1",
        "RELEVE_HASH_MEMORY_KIB": "64",
    }
    with System(folder, settings=settings) as running:
        yield running


def unnamed_refusals(logs: Path) -> list[str]:
    """What any process answered during all stories that the API's document does not name for its route."""
    return [line for log in logs.glob("*-http.log") for line in log.read_text().splitlines() if UNNAMED in line]


if CONTAINED:

    @pytest.fixture(scope="session")
    def system() -> Iterator[Running]:
        """The containers that run."""
        running = containers()
        yield running
        assert unnamed_refusals(running.logs) == []

else:

    @pytest.fixture(scope="session")
    def system(tmp_path_factory: pytest.TempPathFactory, mongo_uri: str, kafka: str) -> Iterator[System]:
        """Processes of this run, which stories may stop and start."""
        with embedded(tmp_path_factory.mktemp("system"), mongo_uri, kafka) as running:
            yield running
        assert unnamed_refusals(running.logs) == []


@pytest.fixture
def boss(system: Running) -> Iterator[Person]:
    """An operator, made as at a terminal beside the database."""
    database = connect(system.mongo_uri, "releve_accounts", app="test")
    person = Person(system.url, "operator", "Ops")
    work = UnitOfWork(database, "accounts", CONTRACT)
    operator.add(work, Passwords(1, 64), person.email, PASSWORD, timedelta(hours=1))
    database.client.close()
    person.sign_in()
    yield person
    person.http.close()


@pytest.fixture
def watcher(system: Running) -> Iterator[Watcher]:
    """All events from the test's beginning on."""
    watching = Watcher(system.kafka)
    yield watching
    watching.close()


@pytest.fixture
def timeline(watcher: Watcher) -> Timeline:
    """Prints the steps, for whoever reads a failure."""
    return Timeline(watcher, print)


@pytest.fixture(scope="session")
def mails(system: Running) -> Path:
    """Where the mails that were sent are kept."""
    return system.mails
