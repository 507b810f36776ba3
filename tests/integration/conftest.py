"""The service of lamps (`tests.kit.lamps`), on which the chassis is tested."""

from datetime import timedelta

import pytest

from chassis import outbox
from chassis.broker import CLIENTS, Broker
from chassis.mongo import Documents
from chassis.unit import UnitOfWork
from tests.kit.lamps import Lamps


@pytest.fixture
def lamps(kafka: str) -> Lamps:
    """Topics of this test only."""
    return Lamps(kafka)


@pytest.fixture
def work(database: Documents, lamps: Lamps) -> UnitOfWork:
    """Units of work that switch lamps."""
    database[outbox.COLLECTION].create_indexes(outbox.indexes(timedelta(days=90)))
    return UnitOfWork(database, "lamps", lamps)


@pytest.fixture(params=CLIENTS)
def broker(request: pytest.FixtureRequest, kafka: str) -> Broker:
    """The run's broker, with each library for the services' clients in turn."""
    return Broker(kafka, client=request.param)
