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
"""How many made-up requests the API is tried with, over all operations together."""
HISTORIES = int(os.environ.get("RELEVE_TEST_HISTORIES", "100"))
"""How many histories are simulated, each from a seed of its own."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Puts the files of the run into memory, unless ``--basetemp`` names a place. xdist hands its workers a part."""
    if config.option.basetemp is None and (found := scratch.folder()):
        config.option.basetemp = str(found)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[PASSED] = exitstatus == pytest.ExitCode.OK


def pytest_unconfigure(config: pytest.Config) -> None:
    """Gives the memory back. After a failure the files stay for a look, until the next run."""
    if not hasattr(config, "workerinput") and config.stash.get(PASSED, False) and config.option.basetemp:
        scratch.give_back(Path(config.option.basetemp))


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A replica set, of the run's source (`tests.kit.engines`)."""
    with engines.start_mongo(tmp_path_factory.mktemp("mongo")) as uri:
        yield uri


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker's address, of the run's source."""
    with engines.start_kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With engines from elsewhere, only what runs on them: the rest would be the same once more."""
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
