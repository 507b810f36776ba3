"""The real engines that every test above unit level runs on, started once a session."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from chassis.ids import new_id
from chassis.mongo import Documents, connect
from deploy.local import ports
from tests.kit import engines, scratch, skips
from tests.kit.databases import drop, empty

hypothesis.settings.register_profile("untimed", deadline=None)  # the machines are shared and noisy
hypothesis.settings.load_profile("untimed")

SLOW = (
    "tests/simulation/", "tests/histories/", "tests/load/test_load.py", "tests/faults/test_load.py",
    "tests/faults/test_means.py", "tests/contract/test_adding_a_part.py",
    *(f"tests/stories/test_{name}.py" for name in ("callers", "programmes_axa", "restore", "restart")),
    *(f"tests/browser/test_{name}.py" for name in
      ("challenge", "colleagues", "dead_letters", "forced_colours", "interruptions", "keyboard", "mails", "operators",
       "pages", "programme", "watching")),
    *(f"tests/integration/test_{name}.py" for name in
      ("age", "backup", "bench", "clients", "cluster", "dead_letters", "deadlines", "letterbox", "monitoring", "order",
       "poison", "replaced_log", "stalls", "stop")),
)  # fmt: skip
"""Files left to `make test-rest`: those that take longest."""
ALONE = "tests/integration/test_queries.py"
"""Left to `make test-queries`: MongoDB chooses some of its plans by the data, so that one run proves little."""
PASSED = pytest.StashKey[bool]()
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS_A_WORKER = 2_500
ports.LOWEST += WORKER * PORTS_A_WORKER  # so that two test processes never choose the same port at the same moment
ports.HIGHEST = ports.LOWEST + PORTS_A_WORKER - 1
CASES = int(os.environ.get("RELEVE_TEST_CASES", "600"))
"""Number of generated requests sent to the API, over all operations."""
HISTORIES = int(os.environ.get("RELEVE_TEST_HISTORIES", "20"))
"""Number of simulated histories, each from its own seed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=["quick", "slow", "all"], default="all", help="which files to run")


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


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Says last that pages were not tried in a browser. Here, because the leading process of xdist collects nothing."""
    yield
    for line in skips.of_browser(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, yellow=True, bold=True)


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


TOGETHER = ("tests/stories/", "tests/browser/")
"""Each group goes to one test process, because each process that plays one of it starts the whole system for it."""
APART = ("test_restore.py",)
"""Stories that start systems of their own only."""


class Scheduling(LoadFileScheduling):
    """Keeps the tests of a file in one process, and those of each group."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        groups = [group for group in TOGETHER if file.startswith(group) and not file.endswith(APART)]
        return groups[0] if groups else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """The order is that of the collected tests, long files first."""
    config.option.loadscopereorder = False
    return Scheduling(config, log)


LONGEST_FIRST = (
    "stories/test_r", "stories", "browser", "simulation", "contract/test_adding_a_part", "integration/test_monitoring",
    "load/", "faults", "integration", "races", "histories", "clocks", "contract", "",
)  # fmt: skip
"""Files by how long they take, roughly: a long file that begins last leaves the other test processes idle."""


def _rank(item: pytest.Item) -> int:
    where = item.nodeid.removeprefix("tests/")
    return next(rank for rank, prefix in enumerate(LONGEST_FIRST) if where.startswith(prefix))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts long files first, and selects the part asked for.

    With external engines, it selects only tests that use them; others would run unchanged.
    """
    items.sort(key=_rank)  # a stable sort: files stay whole, and tests in their order
    part = config.getoption("part")
    wanted = [
        item for item in items
        if part == "all" or (item.nodeid.startswith(SLOW) == (part == "slow") and not item.nodeid.startswith(ALONE))
    ]  # fmt: skip
    if engines.SOURCE != "local":
        wanted = [item for item in wanted if {"mongo_uri", "kafka"} & set(getattr(item, "fixturenames", ()))]
    chosen = set(wanted)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = wanted


@pytest.fixture
def new_database(mongo_uri: str) -> Iterator[Documents]:
    """A database that nobody used before, dropped afterwards; for tests that change collections or indexes."""
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    yield database
    drop(database)
    database.client.close()


@pytest.fixture(scope="module")
def turns(mongo_uri: str) -> Iterator[str]:
    """The name of the database in which the tests of a file take turns.

    Creating and dropping collections with their indexes would take longer than most tests.
    """
    name = f"test_{new_id().replace('-', '_')}"
    yield name
    database = connect(mongo_uri, name, app="test")
    drop(database)
    database.client.close()


@pytest.fixture
def database(mongo_uri: str, turns: str) -> Iterator[Documents]:
    """A database without documents; collections and indexes may be left by another test of the file."""
    database = connect(mongo_uri, turns, app="test")
    yield database
    database.client.close()
    with closing(connect(mongo_uri, turns, app="test").client) as client:  # a test may have closed its own
        empty(client.get_database(turns))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parent.parent
