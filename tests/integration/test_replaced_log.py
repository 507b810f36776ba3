"""Brokers that return without their data: events of the old log come first in the new one."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chassis import outbox
from chassis.broker import CLIENTS, Broker
from chassis.mongo import Documents
from chassis.relay import Relay
from chassis.unit import UnitOfWork
from contracts.topics import Topic
from deploy.kafka.provision import provision
from deploy.local.engines import KafkaCluster
from deploy.local.engines.kafka import Node
from deploy.local.ports import free_port
from tests.kit.lamps import Lamps, length, published, sequences, switch
from tests.kit.threads import running
from tests.kit.waiting import until

LEASE = timedelta(seconds=6)
EVENTS = 7


class Brokers:
    """A cluster of one broker for this test only, because it loses its data."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        node = Node("kafka", folder / "kafka", port, free_port([port]), port)
        self.cluster = KafkaCluster([node], folder / "logs")
        self.address = self.cluster.bootstrap

    def lose_everything(self, lamps: Lamps, meanwhile: Callable[[], None]) -> None:
        """Kills the brokers and starts another cluster with the same topics, all empty."""
        self.cluster.stop()
        self.cluster.wipe()
        meanwhile()
        self.cluster.start()
        provision(self.address, [Topic(lamps.name, 3), Topic(lamps.dlq, 1)], 1)


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[Brokers]:
    there = Brokers(tmp_path)
    there.cluster.start()
    yield there
    there.cluster.stop()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("written", ["while the brokers are down", "after the brokers returned"])
def test_events_of_the_lost_log_are_republished_before_new_ones(
    database: Documents, brokers: Brokers, written: str, client: str
) -> None:
    """The new leader has published nothing to these partitions, and so knows no offset of theirs."""
    lamps = Lamps(brokers.address)
    database[outbox.COLLECTION].create_indexes(outbox.indexes(timedelta(days=90)))
    work = UnitOfWork(database, "lamps", lamps)
    before, stop = threading.Event(), threading.Event()
    broker = Broker(brokers.address, client=client)
    for lamp in "abc":
        switch(work, lamp, True)
    with running(Relay(database, broker, [lamps.name], before, LEASE).run, stop=before):
        until(published(work))

    def new() -> None:
        for lamp in "abc":
            switch(work, lamp, False)

    relay = Relay(database, broker, [lamps.name], stop, LEASE)
    with running(relay.run, stop=stop):
        until(relay.healthy)
        switch(work, "z", True)
        until(published(work))  # so it leads, and its session is established
        brokers.lose_everything(lamps, new if written == "while the brokers are down" else lambda: None)
        if written == "after the brokers returned":
            new()
        until(lambda: length(brokers.address, lamps.name) >= EVENTS and published(work)())
    assert sequences(brokers.address, lamps) == {"a": [1, 2], "b": [1, 2], "c": [1, 2], "z": [1]}
