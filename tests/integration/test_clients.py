"""The clients of both Kafka libraries: what `chassis.broker.clients` promises, and that they can replace each other."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from chassis.broker import CLIENTS, CONFLUENT_KAFKA, KAFKA_PYTHON, Broker
from chassis.broker.clients import BrokerError, Member, Partition, Place, Record
from chassis.ids import new_id
from contracts.topics import Topic
from deploy.kafka.provision import provision
from deploy.local.ports import free_port
from tests.kit.waiting import until

PARTITIONS = 3
WAIT_MS = 10_000


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"test.{new_id()}"
    provision(kafka, [Topic(name, PARTITIONS)], 1)
    return name


class Listens:
    """Notes what a member owns."""

    def __init__(self) -> None:
        self.owned: set[Partition] = set()

    def on_partitions_assigned(self, assigned: Collection[Partition]) -> None:
        self.owned |= set(assigned)

    def on_partitions_revoked(self, revoked: Collection[Partition]) -> None:
        self.owned -= set(revoked)

    def on_partitions_lost(self, lost: Collection[Partition]) -> None:
        self.owned -= set(lost)


def send(broker: Broker, topic: str, *values: bytes, partition: int = 0) -> list[Place]:
    producer = broker.clients().producer()
    try:
        sent = [producer.send(topic, value=value, partition=partition) for value in values]
        return [one.get(timeout=10) for one in sent]
    finally:
        producer.close(timeout=2)


@contextmanager
def member(broker: Broker, group: str, topic: str) -> Iterator[Member]:
    """A member that has its partitions."""
    made, listener = broker.clients().member(group), Listens()
    early: list[Record] = []
    try:
        made.subscribe([topic], listener)
        until(lambda: add(early, records(made.poll(100))) or listener.owned)
        assert made.assignment() == listener.owned == {Partition(topic, number) for number in range(PARTITIONS)}
        assert early == [], "the tests publish once the member is there"
        yield made
    finally:
        made.close(timeout_ms=2_000)


def records(polled: Mapping[Partition, Sequence[Record]]) -> list[Record]:
    return [record for some in polled.values() for record in some]


def add(found: list[Record], more: Sequence[Record]) -> int:
    """Adds to what was found; returns how much that is now."""
    found += more
    return len(found)


def values(member: Member, number: int) -> list[bytes | None]:
    """The next values, in the order read."""
    found: list[Record] = []
    until(lambda: add(found, records(member.poll(100))) >= number)
    return [one.value for one in found]


def test_every_library_sends_a_key_to_the_same_partition(kafka: str, topic: str) -> None:
    keys = [f"project-{number}".encode() for number in range(60)]
    places = {}
    for client in CLIENTS:
        producer = Broker(kafka, client=client).clients().producer()
        sent = [producer.send(topic, value=b"v", key=key) for key in keys]
        places[client] = [one.get(timeout=10).partition for one in sent]
        producer.close(timeout=2)
    assert places[KAFKA_PYTHON] == places[CONFLUENT_KAFKA]
    assert set(places[KAFKA_PYTHON]) == set(range(PARTITIONS))


def test_log_has_the_same_id_in_every_library(kafka: str, topic: str) -> None:
    """Else a relay would publish its whole outbox again after the library was changed."""
    ids = [Broker(kafka, client=client).clients().logs([topic]) for client in CLIENTS]
    assert ids[0] == ids[1]
    assert ids[0].keys() == {topic}


def test_missing_topic_has_no_log(broker: Broker, topic: str) -> None:
    with pytest.raises(BrokerError, match="nowhere does not exist"):
        broker.clients().logs([topic, "nowhere"])


def test_absent_broker_is_an_error_of_ours(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert broker.clients().answers()
    monkeypatch.setattr("chassis.broker.clients.ANSWER_MS", 1_000)
    monkeypatch.setattr("chassis.broker.with_librdkafka.ANSWER_S", 1.0)
    absent = Broker(f"127.0.0.1:{free_port()}", client=broker.client).clients()
    with pytest.raises(BrokerError):
        absent.answers()


def test_message_is_read_as_it_was_sent(broker: Broker, topic: str) -> None:
    with member(broker, new_id(), topic) as reads:
        producer, at = broker.clients().producer(), round(time.time() * 1000) - 60_000
        headers = [("a", b"1"), ("a", b"2"), ("empty", b"")]
        place = producer.send(
            topic, value=b"v", key=b"k", headers=headers, partition=2, timestamp_ms=at
        ).get(timeout=10)
        producer.send(topic, value=None, key=b"alone", partition=2).get(timeout=10)
        producer.close(timeout=2)
        found: list[Record] = []
        until(lambda: add(found, records(reads.poll(100))) == 2)
    assert place == (topic, 2, 0)
    assert found[0] == Record(topic, 2, 0, b"k", b"v", headers, at)
    assert (found[1].key, found[1].value, list(found[1].headers)) == (b"alone", None, [])


def test_paused_partition_continues_where_it_was_sent_back_to(broker: Broker, topic: str) -> None:
    with member(broker, new_id(), topic) as reads:
        paused, other = Partition(topic, 0), Partition(topic, 1)
        send(broker, topic, *[b"%d" % number for number in range(6)])
        assert values(reads, 6) == [b"0", b"1", b"2", b"3", b"4", b"5"]
        reads.pause(paused)
        reads.seek(paused, 2)
        assert (reads.paused(), reads.position(paused, WAIT_MS)) == ({paused}, 2)
        send(broker, topic, b"6")
        send(broker, topic, b"other", partition=1)
        assert values(reads, 1) == [b"other"]
        assert records(reads.poll(500)) == []
        reads.resume(paused)
        assert values(reads, 5) == [b"2", b"3", b"4", b"5", b"6"]
        assert reads.end_offsets([paused, other], WAIT_MS) == {paused: 7, other: 1}
        assert (reads.position(paused, WAIT_MS), reads.position(Partition(topic, 2), WAIT_MS)) == (7, 0)


def test_poll_that_ends_while_a_member_joins_does_not_keep_it_from_joining(kafka: str, broker: Broker) -> None:
    """It joins before it knows the topic's partitions and again once it does, which takes longer than a short poll."""
    for _ in range(4):
        name, listener = f"test.{new_id()}", Listens()
        provision(kafka, [Topic(name, PARTITIONS)], 1)
        made = broker.clients().member(new_id())
        try:
            made.subscribe([name], listener)
            for _ in range(150):
                made.poll(1)
            until(lambda: made.poll(500) or listener.owned)  # noqa: B023  (called within the turn)
        finally:
            made.close(timeout_ms=2_000)


@pytest.mark.parametrize(("first", "second"), [CLIENTS, CLIENTS[::-1]])
def test_other_library_continues_at_the_committed_offset(kafka: str, topic: str, first: str, second: str) -> None:
    group, place = new_id(), Partition(topic, 0)
    with member(Broker(kafka, client=first), group, topic) as reads:
        send(Broker(kafka), topic, b"0", b"1", b"2")
        assert values(reads, 3) == [b"0", b"1", b"2"]
        assert reads.committed(place, WAIT_MS) is None
        reads.commit({place: 2})
        assert reads.committed(place, WAIT_MS) == 2
    found: list[Record] = []
    continues = Broker(kafka, client=second).clients().member(group)
    try:
        continues.subscribe([topic], Listens())
        until(lambda: add(found, records(continues.poll(100))))
        assert [one.value for one in found] == [b"2"]
    finally:
        continues.close(timeout_ms=2_000)


def test_members_with_different_libraries_share_a_group(kafka: str, topic: str) -> None:
    """As during a rolling change of the setting: each gets some of the partitions, and the last one gets all."""
    group, stop, numbers = new_id(), threading.Event(), count()
    listeners, seen, leave = [Listens(), Listens()], [set[bytes | None](), set[bytes | None]()], threading.Event()

    def work(index: int, until_set: threading.Event) -> Callable[[], None]:
        def run() -> None:
            reads = Broker(kafka, client=CLIENTS[index]).clients().member(group)
            reads.subscribe([topic], listeners[index])
            while not until_set.is_set():
                with suppress(BrokerError):  # another generation, or a broker that is late: the message is read again
                    found = records(reads.poll(100))
                    seen[index].update(one.value for one in found)
                    if found:
                        reads.commit({Partition(topic, one.partition): one.offset + 1 for one in found})
            reads.close(timeout_ms=2_000)

        return run

    def publish() -> set[bytes]:
        sent = {b"%d" % next(numbers) for _ in range(PARTITIONS)}
        for partition, value in enumerate(sorted(sent)):
            send(Broker(kafka), topic, value, partition=partition)
        return sent

    threads = [threading.Thread(target=work(0, leave)), threading.Thread(target=work(1, stop))]
    try:
        for thread in threads:
            thread.start()
        every = {Partition(topic, number) for number in range(PARTITIONS)}

        def shared() -> bool:
            first, second = (set(one.owned) for one in listeners)
            return bool(first and second) and first | second == every and not first & second

        until(shared)
        sent = publish()
        until(lambda: sent <= seen[0] | seen[1])
        assert seen[0]
        assert seen[1]
        leave.set()
        until(lambda: listeners[1].owned == every)
        sent = publish()
        until(lambda: sent <= seen[1])
    finally:
        leave.set()
        stop.set()
        for thread in threads:
            thread.join(20)


def test_reader_reads_to_the_end_and_joins_no_group(kafka: str, broker: Broker, topic: str) -> None:
    group = new_id()
    send(broker, topic, b"0", b"1", b"2")
    reader = broker.clients().reader(group)
    try:
        assert reader.partitions(topic) == set(range(PARTITIONS))
        assert reader.partitions("nowhere") == set()
        reader.start({Partition(topic, number): None for number in range(PARTITIONS)})
        found: list[Record] = []
        until(lambda: add(found, reader.poll(100)) and reader.at_end())
        assert [one.value for one in found] == [b"0", b"1", b"2"]
        send(broker, topic, b"3")
        assert not reader.at_end()
        reader.start({Partition(topic, 0): 1})
        assert not reader.at_end()
        assert [one.value for one in until(lambda: reader.poll(100, max_records=1))] == [b"1"]
    finally:
        reader.close(timeout_ms=1_000)
    admin = Broker(kafka).admin()
    try:
        assert group not in {one["group_id"] for one in admin.list_groups()}
    finally:
        admin.close()
