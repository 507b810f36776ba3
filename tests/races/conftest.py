"""One market for all races of a session: every race has a project of its own in it."""

from collections.abc import Iterator

import pytest

from tests.kit.market import Market


@pytest.fixture(scope="session")
def market(mongo_uri: str) -> Iterator[Market]:
    """quotes and projects on databases of their own, dropped afterwards."""
    market = Market(mongo_uri)
    yield market
    market.close()
