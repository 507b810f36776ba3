"""The clients of confluent-kafka, which is librdkafka, a library in C, with a thin layer of Python.

Two differences need care. librdkafka reads ahead into a queue of its own, so positions are counted here, by what
``poll`` has returned. And it always reconnects by itself, so the relay's producer stays with kafka-python.
"""

import json
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from chassis.broker import clients
from chassis.broker.clients import BrokerError, Listener, Partition, Place, Record, SteadyProducer

ANSWER_S = clients.ANSWER_MS / 1000
STATISTICS_MS = 2_000
"""Interval of the library's statistics, the only place where it tells the state of its membership, in milliseconds."""
EARLIEST, LATEST = -2, -1
"""Times that stand for a partition's first offset and for the offset behind its last message (Kafka's ListOffsets)."""
STARTS_MS = 3_000
"""Timeout for finding out where partitions start, in milliseconds. A question waits behind a fetch on its connection,
for half a second if there are no messages."""
AGAIN_S = 0.2
PASSING = (
    KafkaError._TRANSPORT,
    KafkaError._DESTROY_BROKER,
    KafkaError._WAIT_COORD,
    KafkaError._MAX_POLL_EXCEEDED,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)
"""Errors that the library recovers from: a broker is gone for the moment, or the group has evicted the member."""
WAITS_FOR_MEMBERS = ("wait-join", "wait-sync")
UNSIGNED = 2**64 - 1


def options(servers: str, user: str, password: str, ca: str) -> dict[str, Any]:
    """The connection options that every client of this cluster gets."""
    options: dict[str, Any] = {
        "bootstrap.servers": servers,
        "reconnect.backoff.max.ms": clients.RECONNECT_MS,
        "socket.timeout.ms": clients.ANSWER_MS,
        "socket.connection.setup.timeout.ms": clients.ANSWER_MS,
        "log_level": 0,  # it would write lines of its own to standard error; what fails is reported by our errors
        "error_cb": _ignore,  # it reports lost connections, which the library restores
    }
    if user:
        options |= {"sasl.mechanism": clients.SIGN_IN, "sasl.username": user, "sasl.password": password}
    if ca:
        options["ssl.ca.location"] = ca
    if user or ca:
        options["security.protocol"] = clients.protocol(user, ca)
    return options


def _ignore(_error: KafkaError) -> None:
    """Does nothing."""


@contextmanager
def _own_errors() -> Iterator[None]:
    """Raises the library's errors as `BrokerError`."""
    try:
        yield
    except KafkaException as error:
        raise _own(error.args[0]) from error
    except (BufferError, RuntimeError, TimeoutError) as error:  # its queue is full; it is closed; it does not answer
        raise BrokerError(str(error), behind=error) from error


def _own(error: KafkaError) -> BrokerError:
    return BrokerError(f"{error.name()}: {error.str()}", code=error.code())


class LibrdkafkaClients:
    """The clients of one cluster (`clients.Clients`)."""

    def __init__(self, servers: str, user: str, password: str, ca: str) -> None:
        self._cluster = servers, user, password, ca
        self._options = options(servers, user, password, ca)

    def producer(self) -> "LibrdkafkaProducer":
        with _own_errors():
            return LibrdkafkaProducer(
                Producer(
                    self._options
                    | {
                        "acks": "all",
                        "enable.idempotence": True,  # retries neither repeat a message nor change the order
                        "linger.ms": 0,
                        "partitioner": "murmur2_random",  # as kafka-python: a key keeps its partition
                        "request.timeout.ms": clients.SEND_TIMEOUT_S * 1000 - 2_000,
                        "message.timeout.ms": clients.SEND_TIMEOUT_S * 1000,
                    }
                )
            )

    def steady_producer(self, topics: Iterable[str]) -> SteadyProducer:
        """kafka-python's: librdkafka cannot be kept from reconnecting, not by a pause of an hour either."""
        from chassis.broker import with_kafka_python

        return with_kafka_python.KafkaPythonClients(with_kafka_python.options(*self._cluster)).steady_producer(topics)

    def member(self, group: str) -> "LibrdkafkaMember":
        with _own_errors():
            return LibrdkafkaMember(self._reading(group))

    def reader(self, group: str) -> "LibrdkafkaReader":
        with _own_errors():
            return LibrdkafkaReader(self._reading(group))

    def logs(self, topics: Sequence[str]) -> dict[str, str]:
        asking, logs = AdminClient(self._options), {}
        with _own_errors():
            cluster = asking.describe_cluster(request_timeout=ANSWER_S).result(ANSWER_S).cluster_id
            described = asking.describe_topics(TopicCollection(list(topics)), request_timeout=ANSWER_S)
            for name in topics:
                try:
                    topic = described[name].result(ANSWER_S)
                except KafkaException as error:
                    if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                        raise clients.missing(name) from error
                    raise
                high, low = topic.topic_id.get_most_significant_bits(), topic.topic_id.get_least_significant_bits()
                logs[name] = f"{cluster}/{UUID(int=(high & UNSIGNED) << 64 | low & UNSIGNED)}"
        return logs

    def answers(self) -> bool:
        asking = AdminClient(self._options)  # it must live until it has the answer
        with _own_errors():
            asking.describe_cluster(request_timeout=ANSWER_S).result(ANSWER_S)
        return True

    def _reading(self, group: str) -> dict[str, Any]:
        return self._options | {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_uncommitted",
            "partition.assignment.strategy": "range,roundrobin",  # as kafka-python: a group may have members of both
            "check.crcs": True,
            "fetch.max.bytes": clients.FETCH_BYTES,
            "queued.max.messages.kbytes": clients.FETCH_BYTES // 1024,
            "queued.min.messages": 2 * clients.MAX_RECORDS,
            "fetch.queue.backoff.ms": 50,
            "session.timeout.ms": clients.SESSION_TIMEOUT_MS,
            "heartbeat.interval.ms": clients.HEARTBEAT_MS,
            "max.poll.interval.ms": clients.MAX_POLL_INTERVAL_MS,
        }


class _Sent:
    """A message on its way. The library reports to it while any message of the producer is waited for."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._place: Place | None = None
        self._error: KafkaError | None = None

    def report(self, error: KafkaError | None, message: Message) -> None:
        """Takes the library's report."""
        self._error = error
        if error is None:
            self._place = Place(message.topic() or "", message.partition() or 0, message.offset() or 0)

    def get(self, timeout: float) -> Place:
        until = time.monotonic() + timeout
        while self._place is None and self._error is None:
            if (left := until - time.monotonic()) <= 0:
                raise BrokerError("no acknowledgement in time")
            self._producer.poll(left)  # returns as soon as it has reported anything
        if self._error is not None:
            raise _own(self._error)
        assert self._place is not None
        return self._place


class LibrdkafkaProducer:
    """`clients.Producer`."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    def send(
        self,
        topic: str,
        *,
        value: bytes | None,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> _Sent:
        sent = _Sent(self._producer)
        with _own_errors():
            self._producer.produce(
                topic,
                value=value,
                key=key,
                headers=list(headers),
                partition=-1 if partition is None else partition,
                timestamp=timestamp_ms or 0,
                on_delivery=sent.report,
            )
        return sent

    def close(self, timeout: float) -> None:
        with _own_errors():
            self._producer.flush(timeout)
            self._producer.purge()


class _Reading:
    """What a member and a reader have in common: polling, and positions counted by what was returned."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._consumer = Consumer(dict(options))
        self._owned: set[Partition] = set()
        self._positions: dict[Partition, int] = {}

    def _poll(self, timeout_ms: int, most: int) -> list[Record]:
        """The next records of owned partitions: it waits for the first one only."""
        with _own_errors():
            first = self._consumer.poll(timeout_ms / 1000)
            messages = [] if first is None else [first, *self._consumer.consume(most - 1, 0)]
        records = []
        for message in messages:
            if error := message.error():
                if not error.retriable() and error.code() not in PASSING:
                    raise _own(error)
                continue
            record = _record(message)
            partition = Partition(record.topic, record.partition)
            if partition in self._owned:
                self._positions[partition] = record.offset + 1
                records.append(record)
        return records

    def _offsets(self, partitions: Collection[Partition], at: int, timeout_ms: int) -> dict[Partition, int]:
        """The offsets at `EARLIEST` or `LATEST`."""
        asked = [TopicPartition(*partition, at) for partition in partitions]
        if not asked:
            return {}
        return _patiently(lambda left: _places(self._consumer.offsets_for_times(asked, timeout=left)), timeout_ms)

    def close(self, timeout_ms: int) -> None:
        """Closes the client, in a thread: the library has no limit for how long it says goodbye to a broker."""
        self._owned.clear()
        closing = threading.Thread(target=self._consumer.close, name="kafka-closing", daemon=True)
        closing.start()
        closing.join(timeout_ms / 1000)


class LibrdkafkaMember(_Reading):
    """`clients.Member`."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__({**options, "statistics.interval.ms": STATISTICS_MS, "stats_cb": self._note})
        self._paused: set[Partition] = set()
        self._listener: Listener | None = None
        self._joining = False

    def topics(self) -> set[str]:
        with _own_errors():
            found = self._consumer.list_topics(timeout=ANSWER_S).topics
        return {name for name, topic in found.items() if topic.error is None}

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        self._listener = listener
        with _own_errors():
            self._consumer.subscribe(
                list(topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._were_lost
            )

    def _note(self, statistics: str) -> None:
        """Takes the library's statistics. They matter only while this member owns nothing."""
        group = {} if self._owned else json.loads(statistics).get("cgrp", {})
        self._joining = group.get("state") == "up" and group.get("join_state") in WAITS_FOR_MEMBERS

    def _assigned(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Takes a whole assignment: with the strategies above, all earlier partitions were revoked before."""
        self._owned = {Partition(one.topic, one.partition) for one in partitions}
        self._joining = False
        if self._listener is not None:
            self._listener.on_partitions_assigned(sorted(self._owned))

    def _revoked(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        gone = self._give_up()
        if self._listener is not None:
            self._listener.on_partitions_revoked(gone)

    def _were_lost(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        gone = self._give_up()
        if self._listener is not None:
            self._listener.on_partitions_lost(gone)

    def _give_up(self) -> list[Partition]:
        gone = sorted(self._owned)
        self._owned.clear()
        self._paused.clear()
        self._positions.clear()
        return gone

    def rebalancing(self) -> bool:
        return self._joining

    def poll(self, timeout_ms: int) -> dict[Partition, list[Record]]:
        polled: dict[Partition, list[Record]] = {}
        for record in self._poll(timeout_ms, clients.MAX_RECORDS):
            polled.setdefault(Partition(record.topic, record.partition), []).append(record)
        return polled

    def assignment(self) -> set[Partition]:
        return set(self._owned)

    def paused(self) -> set[Partition]:
        return set(self._paused)

    def pause(self, partition: Partition) -> None:
        with _own_errors():
            self._consumer.pause([TopicPartition(*partition)])
        self._paused.add(partition)

    def resume(self, partition: Partition) -> None:
        self._paused.discard(partition)
        with _own_errors():
            self._consumer.resume([TopicPartition(*partition)])
        if partition in self._positions:  # else the library continues behind what it gave before the pause
            self.seek(partition, self._positions[partition])

    def seek(self, partition: Partition, offset: int) -> None:
        with _own_errors():
            self._consumer.seek(TopicPartition(*partition, offset))
        self._positions[partition] = offset

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        wanted = [TopicPartition(*partition, offset) for partition, offset in offsets.items()]
        with _own_errors():
            for one in self._consumer.commit(offsets=wanted, asynchronous=False) or ():
                if one.error is not None:
                    raise _own(one.error)

    def committed(self, partition: Partition, timeout_ms: int) -> int | None:
        offset = self._committed([partition], timeout_ms)[partition]
        return offset if offset >= 0 else None

    def _committed(self, partitions: Collection[Partition], timeout_ms: int) -> dict[Partition, int]:
        """The committed offsets; negative where there is none."""
        asked = [TopicPartition(*partition) for partition in partitions]
        return _patiently(lambda left: _places(self._consumer.committed(asked, timeout=left)), timeout_ms)

    def position(self, partition: Partition, timeout_ms: int) -> int | None:
        if partition in self._owned and partition not in self._positions:
            self._find_starts(max(timeout_ms, STARTS_MS))
        return self._positions.get(partition)

    def _find_starts(self, timeout_ms: int) -> None:
        """Finds where the library starts to read the partitions of which it has not given anything yet."""
        unread = self._owned - self._positions.keys()
        committed = self._committed(unread, timeout_ms)
        firsts, lasts = (self._offsets(unread, at, timeout_ms) for at in (EARLIEST, LATEST))
        for one in unread:
            within = firsts[one] <= committed[one] <= lasts[one]
            self._positions[one] = committed[one] if within else firsts[one]

    def end_offsets(self, partitions: Collection[Partition], timeout_ms: int) -> dict[Partition, int]:
        return self._offsets(partitions, LATEST, timeout_ms)


class LibrdkafkaReader(_Reading):
    """`clients.Reader`. The library wants the name of a group, which it never joins."""

    def partitions(self, topic: str) -> set[int]:
        with _own_errors():
            found = self._consumer.list_topics(topic, timeout=ANSWER_S).topics[topic]
        return set() if found.error is not None else set(found.partitions)

    def start(self, offsets: Mapping[Partition, int | None]) -> None:
        places = {one: OFFSET_BEGINNING if offset is None else offset for one, offset in offsets.items()}
        with _own_errors():
            self._consumer.assign([TopicPartition(*partition, place) for partition, place in places.items()])
        self._owned = set(offsets)
        self._positions = {one: offset for one, offset in offsets.items() if offset is not None}

    def poll(self, timeout_ms: int, max_records: int = clients.MAX_RECORDS) -> list[Record]:
        return self._poll(timeout_ms, max_records)

    def at_end(self) -> bool:
        ends = self._offsets(self._owned, LATEST, clients.ANSWER_MS)
        firsts = self._offsets(self._owned - self._positions.keys(), EARLIEST, clients.ANSWER_MS)
        return all({**firsts, **self._positions}[partition] >= end for partition, end in ends.items())


def _places(found: Sequence[TopicPartition]) -> dict[Partition, int]:
    """The offsets of an answer. Raises the library's error if one partition has none."""
    for one in found:
        if one.error is not None:
            raise KafkaException(one.error)
    return {Partition(one.topic, one.partition): int(one.offset) for one in found}


def _patiently(ask: Callable[[float], dict[Partition, int]], timeout_ms: int) -> dict[Partition, int]:
    """Asks again, within the timeout, while another broker takes over: the library itself gives up at once."""
    until = time.monotonic() + timeout_ms / 1000
    while True:
        try:
            with _own_errors():
                return ask(max(AGAIN_S, until - time.monotonic()))
        except BrokerError as error:
            if error.code not in PASSING or time.monotonic() + AGAIN_S > until:
                raise
            time.sleep(AGAIN_S)


def _record(message: Message) -> Record:
    _kind, timestamp = message.timestamp()
    return Record(
        message.topic() or "", message.partition() or 0, message.offset() or 0, message.key(), message.value(),
        cast("list[tuple[str, bytes]]", message.headers() or []), timestamp,
    )  # fmt: skip
