"""The real engines that every test above unit level runs on, started once a session."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.ids import new_id
from chassis.mongo import Documents, connect
from deploy.local import ports
from deploy.local.engines import Kafka, Mongo
from deploy.local.ports import free_port

Until = Callable[..., object]
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS_A_WORKER = 2_500
ports.LOWEST += WORKER * PORTS_A_WORKER  # so that two test processes never choose the same port at the same moment
ports.HIGHEST = ports.LOWEST + PORTS_A_WORKER - 1
CASES = int(os.environ.get("RELEVE_TEST_CASES", "600"))
"""How many made-up requests the API is tried with, over all operations together."""
HISTORIES = int(os.environ.get("RELEVE_TEST_HISTORIES", "100"))
"""How many histories are simulated, each from a seed of its own."""


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A replica set; ``RELEVE_TEST_MONGO_URI`` names one that exists instead."""
    if given := os.environ.get("RELEVE_TEST_MONGO_URI"):
        yield given
        return
    with Mongo(tmp_path_factory.mktemp("mongo") / "data", free_port()) as engine:
        yield engine.uri


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker's address; ``RELEVE_TEST_KAFKA`` names one that exists instead."""
    if given := os.environ.get("RELEVE_TEST_KAFKA"):
        yield given
        return
    port = free_port()
    with Kafka(tmp_path_factory.mktemp("kafka") / "data", port, free_port([port])) as engine:
        yield engine.bootstrap


@pytest.fixture
def database(mongo_uri: str) -> Iterator[Documents]:
    """An empty database of the test's own, dropped afterwards."""
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    yield database
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture(scope="session")
def until() -> Until:
    """Polls until something is true, with a deadline; gives it back."""

    def poll(true: Callable[[], object], seconds: float = 60) -> object:
        deadline = time.monotonic() + seconds
        while not (result := true()):
            assert time.monotonic() < deadline, f"not so after {seconds} s"
            time.sleep(0.02)
        return result

    return poll


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parent.parent
