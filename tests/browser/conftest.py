"""The whole marketplace and a real browser; without Chromium these tests are skipped with that reason."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from deploy.local.ports import free_port
from deploy.local.system import System
from stories.people import Person
from tests.kit.browser import CHROMIUM, MISSING, chromium
from tests.stories.conftest import embedded, make_operator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not CHROMIUM.exists():
        for item in items:
            if "tests/browser/" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The system as local processes, with its pages, on engines of its own: stories use the same topics.

    Operators need a second factor, and come in by a port of their own, as where strangers can reach the system.
    """
    theirs = {"RELEVE_SECOND_FACTOR": "true", "RELEVE_OPERATORS_PORT": str(free_port())}
    with embedded(tmp_path_factory.mktemp("pages"), theirs) as running:
        yield running


@pytest.fixture
def hired(system: System) -> Iterator[Person]:
    """A new operator, who has no authenticator yet."""
    person = make_operator(system)
    yield person
    person.http.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. It must end with these tests: while it runs, no other test can run an event loop in this thread."""
    with chromium() as running:
        yield running
