"""The whole marketplace, started once for all stories as `make run` does, with settings that suit a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.system import System
from stories.timeline import Timeline, Watcher


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, mongo_uri: str, kafka: str) -> Iterator[System]:
    """Everything behind its gateway, on the engines of this test run."""
    settings = {
        "RELEVE_MONGO_URI": mongo_uri,
        "RELEVE_KAFKA": kafka,
        "RELEVE_WAVE_SIZE": "120",  # so that a hundred mentors are invited at once
        "RELEVE_HASH_TIME_COST": "1",
        "RELEVE_HASH_MEMORY_KIB": "64",
    }
    with System(tmp_path_factory.mktemp("system"), settings=settings) as running:
        yield running


@pytest.fixture
def watcher(system: System) -> Iterator[Watcher]:
    """All events from the test's beginning on."""
    watching = Watcher(system.kafka)
    yield watching
    watching.close()


@pytest.fixture
def timeline(watcher: Watcher) -> Timeline:
    """Prints the steps, for whoever reads a failure."""
    return Timeline(watcher, print)


@pytest.fixture(scope="session")
def mails(system: System) -> Path:
    """Where the mails that were sent are kept."""
    return system.mails
