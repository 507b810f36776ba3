"""A consumer that would hang silently is reported as not ready, is replaced, and reads its topics once it can."""

import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from chassis import outbox, telemetry
from chassis.broker import CLIENTS, Broker
from chassis.consumer import Consumer
from chassis.events import Envelope, Event, encode, source_of
from chassis.ids import new_id
from chassis.mongo import Documents, database_now
from chassis.relay import Relay
from chassis.unit import Unit, UnitOfWork
from chassis.watchdog import Limits
from deploy.local.engines import Kafka
from deploy.local.ports import free_port
from tests.kit.lamps import Lamps, messages, switch
from tests.kit.proxy import Mode, Proxies, Route
from tests.kit.threads import running
from tests.kit.waiting import until

SHORT = Limits(silent=8, busy=30, unassigned=6, rebalancing=30, stuck=6)
USER, PASSWORD = "notify", "a-password"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
NAME = "signed-in"
AHEAD_S = 2 * 3_600
"""More than brokers let a message's timestamp be ahead of their clock."""


class SignedIn(Kafka):
    """A broker whose clients authenticate with SCRAM and connect through a proxy."""

    def __init__(self, data: Path, advertised: int) -> None:
        port = free_port([advertised])
        super().__init__(data, port, free_port([advertised, port]))
        self.node = self.node._replace(advertised=advertised)
        self.nodes = [self.node]

    def start(self) -> None:
        self.launch()
        self.wait()

    def _config(self) -> str:
        return super()._config().replace("CLIENTS:PLAINTEXT", "CLIENTS:SASL_PLAINTEXT") + (
            "listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512\n"
            f"listener.name.clients.scram-sha-512.sasl.jaas.config={SCRAM} required;\n"
        )

    def _format(self, command: Sequence[str | Path], config: Path) -> None:
        user = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
        subprocess.run([*command, "kafka.tools.StorageTool", "format", "-t", self.cluster_id, "-c", config,
                        "--add-scram", user], capture_output=True, timeout=60, check=True)  # fmt: skip


@pytest.fixture(params=CLIENTS)
def proxies(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Proxies, Broker]]:
    """A broker that authenticates its clients, and the proxy in front of it."""
    told = free_port()
    with SignedIn(tmp_path / "data", told) as engine:
        line = Proxies({NAME: Route(told, engine.port)})
        line.start()
        try:
            yield line, Broker(f"127.0.0.1:{told}", USER, PASSWORD, client=request.param)
        finally:
            line.stop()


def see(event: Event, unit: Unit, _config: Any) -> None:
    """The effect: records the sequences of an aggregate in the order received."""
    unit.collection("seen").update_one({"_id": event.subject}, {"$push": {"sequences": event.sequence}}, upsert=True)


def seen(work: UnitOfWork) -> list[int]:
    return list((work.database["seen"].find_one({"_id": "a"}) or {"sequences": []})["sequences"])


def publish(broker: Broker, topic: str, work: UnitOfWork, *sequences: int) -> None:
    """Publishes events of one lamp in partition 0."""
    with closing(broker.producer()) as producer:
        for sequence in sequences:
            now = database_now(work.database)
            event = Envelope(new_id(), source_of("lamps"), "lamp.switched", 1, "a", sequence, now, {})
            _, _, headers = encode(event)
            producer.send(topic, key=b"a", value=b'{"on":true}', headers=headers, partition=0).get(timeout=15)


def replaced() -> float:
    """Number of consumers replaced in this process."""
    return sum(
        sample.value for family in telemetry.CONSUMER_RESTARTS.collect() for sample in family.samples
        if sample.name.endswith("_total") and sample.labels["part"] == "consumer"
    )  # fmt: skip


@pytest.mark.parametrize("mode", [Mode.HALF, Mode.MUTE])
def test_stalled_handshake_is_retried_with_a_new_connection(
    mode: Mode, proxies: tuple[Proxies, Broker], database: Documents
) -> None:
    line, broker = proxies
    lamps = Lamps(broker)  # type: ignore[arg-type]
    work = UnitOfWork(database, "lamps", lamps)
    publish(broker, lamps.name, work, 1)
    stop, before = threading.Event(), replaced()
    line.set(mode, NAME)
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": see}, None, stop, SHORT)
    with running(consumer.run, stop=stop):
        until(lambda: replaced() > before)
        assert not consumer.healthy()
        line.set(Mode.PASS, NAME)
        until(consumer.healthy)
        until(lambda: seen(work) == [1])


def test_consumer_recovers_from_a_broker_that_falls_silent(
    proxies: tuple[Proxies, Broker], database: Documents
) -> None:
    line, broker = proxies
    lamps = Lamps(broker)  # type: ignore[arg-type]
    work = UnitOfWork(database, "lamps", lamps)
    stop = threading.Event()
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": see}, None, stop, SHORT)
    with running(consumer.run, stop=stop):
        until(consumer.healthy)
        line.set(Mode.MUTE, NAME)
        until(lambda: not consumer.healthy())
        line.set(Mode.PASS, NAME)
        until(consumer.healthy)
        publish(broker, lamps.name, work, 1)
        until(lambda: seen(work) == [1])


def test_worker_that_cannot_read_is_never_ready(kafka: str, lamps: Lamps, work: UnitOfWork) -> None:
    """With kafka-python only: librdkafka can read zstd."""
    lamps.name += ".zstd"
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        how = {"num_partitions": 1, "replication_factor": 1, "configs": {"compression.type": "zstd"}}
        admin.create_topics({lamps.name: how})
    publish(Broker(kafka), lamps.name, work, 1)
    stop, sessions = threading.Event(), set[int]()
    consumer = Consumer(Broker(kafka), work, lamps, lamps.group, {"lamp.switched": see}, None, stop, SHORT)

    def tried_again() -> bool:
        assert not (sessions and consumer.healthy())
        if consumer.session is not None:
            sessions.add(id(consumer.session))
        return len(sessions) > 3

    with running(consumer.run, stop=stop):
        until(tried_again)
    assert seen(work) == []


def test_events_deleted_before_they_were_read_are_counted(
    kafka: str, lamps: Lamps, work: UnitOfWork, broker: Broker
) -> None:
    place = TopicPartition(lamps.name, 0)
    publish(Broker(kafka), lamps.name, work, *range(1, 11))
    with closing(KafkaConsumer(bootstrap_servers=kafka, group_id=lamps.group, enable_auto_commit=False)) as away:
        away.assign([place])
        away.commit({place: OffsetAndMetadata(3, "", -1)})
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        admin.delete_records({place: 7})
    lost = telemetry.LOST.labels(lamps.name)._value
    stop = threading.Event()
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": see}, None, stop, SHORT)
    with running(consumer.run, stop=stop):
        until(lambda: lost.get() == 4)
        until(lambda: seen(work) == [8, 9, 10])
        until(consumer.healthy)


def test_worker_whose_clock_is_ahead_publishes(
    kafka: str, lamps: Lamps, work: UnitOfWork, monkeypatch: pytest.MonkeyPatch, broker: Broker
) -> None:
    work.database[outbox.COLLECTION].create_indexes(outbox.indexes(timedelta(days=90)))
    switch(work, "a", True)
    stop, clock = threading.Event(), time.time
    relay = Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6))
    monkeypatch.setattr(time, "time", lambda: clock() + AHEAD_S)
    with running(relay.run, stop=stop):
        until(lambda: work.database.outbox.count_documents({"pending": True}) == 0)
    monkeypatch.undo()
    (message,) = messages(kafka, lamps.name, 1)
    assert abs(message.timestamp / 1000 - database_now(work.database).timestamp()) < AHEAD_S / 2
