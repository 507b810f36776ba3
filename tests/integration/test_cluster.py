"""Three brokers, three replica set members and two workers per service, all behind proxies that can fail."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from pymongo import MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect, PyMongoError

from chassis.broker.with_kafka_python import has_read_to
from contracts.parts import PARTS
from deploy.local.engines import KafkaCluster, Member, MongoCluster
from tests.kit.faulty import FaultySystem, ProxiedShape
from tests.kit.proxy import Mode
from tests.kit.stand_ins import SERVICE
from tests.kit.waiting import until

TOPIC = "releve.projects.v1"
MAJORITY = WriteConcern("majority", j=True, wtimeout=10_000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultySystem]:
    """Real engines, with services that only report that they run."""
    root = tmp_path_factory.mktemp("root")
    for part in PARTS:
        (root / part.folder).mkdir(parents=True)
        (root / part.folder / "app.py").write_text(SERVICE)
    marked = {"quotes-worker-2": lambda usual: [*usual, "marked"]}
    shape = ProxiedShape(brokers=3, members=3, workers=2)
    data = tmp_path_factory.mktemp("system") / "data"
    with FaultySystem(data, shape=shape, commands=marked, root=root) as system:
        yield system


@pytest.fixture
def kafka(running: FaultySystem) -> KafkaCluster:
    engine = running.parts.engines["kafka"]
    assert isinstance(engine, KafkaCluster)
    return engine


@pytest.fixture
def mongo(running: FaultySystem) -> MongoCluster:
    engine = running.parts.engines["mongo"]
    assert isinstance(engine, MongoCluster)
    return engine


@pytest.fixture
def primary(running: FaultySystem, mongo: MongoCluster) -> str:
    name = until(mongo.primary)
    assert isinstance(name, str)
    return name


def leader(addresses: str, partition: int) -> int:
    """The number of the broker that leads one partition of TOPIC; -1 if there is none."""
    admin = KafkaAdminClient(bootstrap_servers=addresses)
    try:
        (described,) = admin.describe_topics([TOPIC])
        return next(p["leader_id"] for p in described["partitions"] if p["partition_index"] == partition)
    finally:
        admin.close()


def messages(addresses: str, partition: int) -> list[bytes]:
    """Everything in one partition of TOPIC."""
    where = TopicPartition(TOPIC, partition)
    consumer = KafkaConsumer(bootstrap_servers=addresses, auto_offset_reset="earliest", group_id=None)
    try:
        consumer.assign([where])
        ends, found = consumer.end_offsets([where]), list[bytes]()
        while not has_read_to(consumer, ends):
            found += [record.value for records in consumer.poll(timeout_ms=500).values() for record in records]
        return found
    finally:
        consumer.close()


def test_parts_have_their_own_ports_and_topics_three_replicas(running: FaultySystem) -> None:
    sides = {name for part in PARTS for name in part.processes}
    sides |= {f"{part.name}-worker-2" for part in PARTS if "worker" in part.sides}
    engines = {f"{engine}-{number}" for engine in ("mongo", "kafka") for number in (1, 2, 3)}
    assert set(running.processes) == sides | engines | {"envoy", "mail"}
    assert len({running.port_of(name) for name in sides | engines}) == len(sides | engines)
    assert len(running.kafka.split(",")) == 3
    assert str(running.port_of("kafka-1")) not in running.kafka, "clients get the addresses of the proxies"
    admin = KafkaAdminClient(bootstrap_servers=running.kafka)
    (topic,) = admin.describe_topics([TOPIC])
    admin.close()
    assert {len(partition["replica_nodes"]) for partition in topic["partitions"]} == {3}
    assert psutil.Process(running.processes["quotes-worker-2"]).cmdline()[-1] == "marked"


def test_killed_broker_loses_no_acknowledged_message(running: FaultySystem) -> None:
    producer = KafkaProducer(bootstrap_servers=running.kafka, acks="all", reconnect_backoff_max_ms=200)
    acknowledged, ended = list[bytes](), threading.Event()

    def send() -> None:
        while not ended.is_set():
            value = f"killed-{len(acknowledged)}".encode()
            producer.send(TOPIC, value, partition=0).get(timeout=30)
            acknowledged.append(value)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        until(lambda: len(acknowledged) > 20)
        first = leader(running.kafka, 0)
        running.stop(f"kafka-{first}", kill=True)
        before = len(acknowledged)
        until(lambda: len(acknowledged) > before + 20)
        assert leader(running.kafka, 0) not in (first, -1)
    finally:
        ended.set()
        sender.join()
        producer.close(timeout=5)
    running.start(f"kafka-{first}")
    found = messages(running.kafka, 0)
    assert [value for value in found if value.startswith(b"killed-")] == acknowledged
    assert not running.failed.is_set()


def test_killed_primary_loses_no_majority_write(running: FaultySystem, mongo: MongoCluster, primary: str) -> None:
    acknowledged = list[int]()
    client: MongoClient[dict[str, object]]
    with MongoClient(running.mongo_uri, serverSelectionTimeoutMS=20_000) as client:
        rows: Collection[dict[str, object]] = client.shop.get_collection("rows", write_concern=MAJORITY)

        def write(count: int) -> None:
            for number in range(len(acknowledged), len(acknowledged) + count):
                try:
                    rows.insert_one({"_id": number})
                except AutoReconnect:  # the write may or may not have happened
                    rows.replace_one({"_id": number}, {}, upsert=True)
                acknowledged.append(number)

        write(20)
        running.stop(primary, kill=True)
        write(20)
        assert until(mongo.primary) != primary
        running.start(primary)
        write(1)
        assert [row["_id"] for row in rows.find().sort("_id")] == acknowledged


def direct(port: int) -> MongoClient[dict[str, object]]:
    """A direct connection to one member, through this port."""
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true&retryWrites=false"
    return MongoClient(uri, serverSelectionTimeoutMS=2_000)


def seconds(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def proxy_port(running: FaultySystem, name: str) -> int:
    return running.port_of(f"{name}-proxy")


def test_slow_line_delays_both_directions(running: FaultySystem, primary: str) -> None:
    with direct(proxy_port(running, primary)) as client:
        client.admin.command("ping")
        running.proxies.set(Mode.SLOW, primary, delay=0.3)
        assert seconds(lambda: client.admin.command("ping")) >= 0.6
        running.proxies.set(Mode.PASS, primary)
        client.admin.command("ping")


def test_cut_line_refuses_clients_while_the_members_still_talk(
    running: FaultySystem, mongo: MongoCluster, primary: str
) -> None:
    with direct(proxy_port(running, primary)) as client, direct(running.port_of(primary)) as inside:
        client.admin.command("ping")
        running.proxies.set(Mode.CUT, *running.shape.mongos)
        with pytest.raises(PyMongoError):
            client.admin.command("ping")
        # a majority has it, so the members still talk to each other
        inside.shop.get_collection("cut", write_concern=MAJORITY).insert_one({})
        running.proxies.set(Mode.PASS, *running.shape.mongos)
        client.admin.command("ping")
    assert mongo.primary() == primary


def test_requests_on_a_deaf_line_take_effect_without_an_answer(running: FaultySystem, primary: str) -> None:
    with direct(proxy_port(running, primary)) as client, direct(running.port_of(primary)) as inside:
        client.admin.command("ping")
        running.proxies.set(Mode.DEAF, primary)
        with pytest.raises(AutoReconnect):
            client.shop.deaf.insert_one({"_id": "asked"})
        running.proxies.set(Mode.PASS, primary)
        assert inside.shop.deaf.find_one() == {"_id": "asked"}
        assert client.shop.deaf.find_one() == {"_id": "asked"}


def test_paused_worker_resumes_later(running: FaultySystem) -> None:
    pid = running.processes["quotes-worker"]
    running.pause("quotes-worker")
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    running.resume("quotes-worker")
    until(lambda: psutil.Process(pid).status() != psutil.STATUS_STOPPED)
    assert running.processes["quotes-worker"] == pid


def test_supervisor_restarts_after_a_crash_but_not_after_a_stop(running: FaultySystem) -> None:
    before = running.processes["quotes-worker-2"]
    running.kill("quotes-worker-2")
    until(lambda: running.processes.get("quotes-worker-2", before) != before)
    running.let_end("mongo-1")
    psutil.Process(running.processes["mongo-1"]).kill()
    again = running.processes["projects-worker"]
    running.kill("projects-worker")
    until(lambda: running.processes.get("projects-worker", again) != again)  # so the supervisor has checked all of them
    assert not running.failed.is_set()
    running.start("mongo-1")


def test_brokers_without_their_data_form_another_cluster(running: FaultySystem, kafka: KafkaCluster) -> None:
    def cluster() -> str:
        admin = KafkaAdminClient(bootstrap_servers=running.kafka)
        try:
            assert TOPIC in admin.list_topics()
            found: str = admin.describe_cluster()["cluster_id"]
            return found
        finally:
            admin.close()

    before = cluster()
    running.stop("kafka", kill=True)
    kafka.wipe()
    running.start("kafka")
    assert cluster() != before
    assert messages(running.kafka, 0) == []


def test_replica_set_keeps_its_data_on_other_ports(tmp_path: Path) -> None:
    from deploy.local.ports import free_port

    hosts = []
    client: MongoClient[dict[str, object]]
    for _ in range(2):
        ports: list[int] = []
        for _ in range(2):
            ports.append(free_port(ports))
        members = [
            Member(f"mongo-{port}", tmp_path / str(number), port, port, tmp_path) for number, port in enumerate(ports)
        ]
        with MongoCluster(members) as cluster, MongoClient(cluster.uri) as client:
            moved: Collection[dict[str, object]] = client.shop.get_collection("moved", write_concern=MAJORITY)
            moved.insert_one({})
            count = moved.count_documents({})
            hosts.append(client.admin.command("hello")["hosts"])
    assert hosts[0] != hosts[1]
    assert count == 2
