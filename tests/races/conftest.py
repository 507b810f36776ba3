"""One market for all races of a session; each race has its own project in it."""

from collections.abc import Iterator

import pytest

from tests.kit.market import Market


@pytest.fixture(scope="session")
def market(mongo_uri: str) -> Iterator[Market]:
    """Returns quotes and projects with databases of their own, dropped afterwards."""
    market = Market(mongo_uri)
    yield market
    market.close()
