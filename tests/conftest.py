"""The real engines that every test above unit level runs on, started once a session."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from chassis.ids import new_id
from chassis.mongo import Documents, connect
from deploy.local import ports
from tests.kit import engines, scratch

hypothesis.settings.register_profile("untimed", deadline=None)  # the machines are shared and noisy
hypothesis.settings.load_profile("untimed")

PASSED = pytest.StashKey[bool]()
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS_A_WORKER = 2_500
ports.LOWEST += WORKER * PORTS_A_WORKER  # so that two test processes never choose the same port at the same moment
ports.HIGHEST = ports.LOWEST + PORTS_A_WORKER - 1
CASES = int(os.environ.get("RELEVE_TEST_CASES", "600"))
"""Number of generated requests sent to the API, over all operations."""
HISTORIES = int(os.environ.get("RELEVE_TEST_HISTORIES", "100"))
"""Number of simulated histories, each from its own seed."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keeps the files of the run in memory unless ``--basetemp`` is given; xdist workers get a subfolder."""
    if config.option.basetemp is None and (found := scratch.folder()):
        config.option.basetemp = str(found)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[PASSED] = exitstatus == pytest.ExitCode.OK


def pytest_unconfigure(config: pytest.Config) -> None:
    """Frees the memory. After a failure the files stay for inspection until the next run."""
    if not hasattr(config, "workerinput") and config.stash.get(PASSED, False) and config.option.basetemp:
        scratch.give_back(Path(config.option.basetemp))


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a replica set from the run's engine source (`tests.kit.engines`)."""
    with engines.start_mongo(tmp_path_factory.mktemp("mongo")) as uri:
        yield uri


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker's address from the run's engine source."""
    with engines.start_kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With external engines, selects only tests that use them; the others would run unchanged."""
    if engines.SOURCE == "local":
        return
    on_them = [item for item in items if {"mongo_uri", "kafka"} & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in on_them])
    items[:] = on_them


@pytest.fixture
def database(mongo_uri: str) -> Iterator[Documents]:
    """An empty database of the test's own, dropped afterwards."""
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    yield database
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parent.parent
