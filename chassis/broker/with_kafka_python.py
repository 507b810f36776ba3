"""The clients of kafka-python, the default library."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from chassis.broker import clients
from chassis.broker.clients import BrokerError, Listener, Partition, Place, Record
from chassis.broker.steady import SteadyKafkaProducer


def options(servers: str, user: str, password: str, ca: str) -> dict[str, Any]:
    """The connection options that every client of this cluster gets."""
    options: dict[str, Any] = {
        "bootstrap_servers": servers,
        "reconnect_backoff_max_ms": clients.RECONNECT_MS,
        "request_timeout_ms": clients.ANSWER_MS,
        "bootstrap_timeout_ms": clients.ANSWER_MS,
    }
    if user:
        options |= {
            "sasl_mechanism": clients.SIGN_IN,
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }
    if ca:
        options["ssl_cafile"] = ca
    if user or ca:
        options["security_protocol"] = clients.protocol(user, ca)
    return options


def _sending(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **options,
        "request_timeout_ms": clients.SEND_TIMEOUT_S * 1000 - 2_000,
        "acks": "all",
        "linger_ms": 0,
        "delivery_timeout_ms": clients.SEND_TIMEOUT_S * 1000,
        "max_block_ms": clients.SEND_TIMEOUT_S * 1000,
    }


def producer(options: Mapping[str, Any]) -> KafkaProducer:
    """A producer whose sends are acknowledged by every in-sync replica or fail within `clients.SEND_TIMEOUT_S`."""
    return KafkaProducer(**_sending(options))


def consumer(options: Mapping[str, Any], **more: Any) -> KafkaConsumer:
    """A consumer without automatic commits. ``more`` holds options of the library that override the shared ones."""
    return KafkaConsumer(**{**options, "enable_auto_commit": False, **more})


def admin(options: Mapping[str, Any]) -> KafkaAdminClient:
    """A client that administers topics and groups. The caller closes it."""
    return KafkaAdminClient(**options)


@contextmanager
def _own_errors() -> Iterator[None]:
    """Raises the library's errors as `BrokerError`."""
    try:
        yield
    except KafkaError as error:
        raise BrokerError(str(error), behind=error) from error


class KafkaPythonClients:
    """The clients of one cluster (`clients.Clients`)."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options

    def producer(self) -> "KafkaPythonProducer":
        with _own_errors():
            return KafkaPythonProducer(producer(self._options))

    def steady_producer(self, topics: Iterable[str]) -> "SteadyKafkaPythonProducer":
        with _own_errors():
            return SteadyKafkaPythonProducer(SteadyKafkaProducer(**_sending(self._options)))

    def member(self, group: str) -> "KafkaPythonMember":
        with _own_errors():
            return KafkaPythonMember(
                consumer(
                    self._options,
                    group_id=group,
                    auto_offset_reset="earliest",
                    max_poll_records=clients.MAX_RECORDS,
                    fetch_max_bytes=clients.FETCH_BYTES,
                    session_timeout_ms=clients.SESSION_TIMEOUT_MS,
                    heartbeat_interval_ms=clients.HEARTBEAT_MS,
                    max_poll_interval_ms=clients.MAX_POLL_INTERVAL_MS,
                )
            )

    def reader(self, group: str) -> "KafkaPythonReader":
        with _own_errors():
            return KafkaPythonReader(consumer(self._options, group_id=None))

    def logs(self, topics: Sequence[str]) -> dict[str, str]:
        with _own_errors():
            asking = admin(self._options)
            try:
                cluster = asking.describe_cluster()["cluster_id"]
                described = {topic["name"]: topic for topic in asking.describe_topics(list(topics))}
            finally:
                asking.close()
        for name in topics:
            if name not in described or described[name].get("error_code"):
                raise clients.missing(name)
        return {name: f"{cluster}/{described[name]['topic_id']}" for name in topics}

    def answers(self) -> bool:
        with _own_errors():
            asking = admin(self._options)
            asking.describe_cluster()
            asking.close()
        return True


class _Sent:
    def __init__(self, future: Any) -> None:
        self._future = future

    def get(self, timeout: float) -> Place:
        with _own_errors():
            record = self._future.get(timeout=timeout)
        return Place(record.topic, record.partition, record.offset)


class KafkaPythonProducer:
    """`clients.Producer`."""

    def __init__(self, producer: KafkaProducer) -> None:
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
        with _own_errors():
            return _Sent(
                self._producer.send(
                    topic, value=value, key=key, headers=list(headers), partition=partition, timestamp_ms=timestamp_ms
                )
            )

    def close(self, timeout: float) -> None:
        with _own_errors():
            self._producer.close(timeout=timeout)


class SteadyKafkaPythonProducer(KafkaPythonProducer):
    """`clients.SteadyProducer`."""

    def __init__(self, producer: SteadyKafkaProducer) -> None:
        super().__init__(producer)
        self._steady = producer

    def whole(self) -> bool:
        return self._steady.whole()


class _Relayed(ConsumerRebalanceListener):
    """Passes the library's calls on to our listener."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._listener.on_partitions_assigned([Partition(*one) for one in assigned])

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._listener.on_partitions_revoked([Partition(*one) for one in revoked])

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        self._listener.on_partitions_lost([Partition(*one) for one in lost])


class _Reading:
    """What a member and a reader have in common."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    def close(self, timeout_ms: int) -> None:
        with _own_errors():
            self._consumer.close(autocommit=False, timeout_ms=timeout_ms)


class KafkaPythonMember(_Reading):
    """`clients.Member`."""

    def topics(self) -> set[str]:
        with _own_errors():
            return set(self._consumer.topics())

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        with _own_errors():
            self._consumer.subscribe(topics, listener=_Relayed(listener))

    def rebalancing(self) -> bool:
        return is_rebalancing(self._consumer)

    def poll(self, timeout_ms: int) -> dict[Partition, list[Record]]:
        with _own_errors():
            _join_to_the_end(self._consumer)
            polled = self._consumer.poll(timeout_ms=timeout_ms)
        return {Partition(*partition): [_record(one) for one in some] for partition, some in polled.items()}

    def assignment(self) -> set[Partition]:
        return {Partition(*one) for one in self._consumer.assignment()}

    def paused(self) -> set[Partition]:
        return {Partition(*one) for one in self._consumer.paused()}

    def pause(self, partition: Partition) -> None:
        with _own_errors():
            self._consumer.pause(TopicPartition(*partition))

    def resume(self, partition: Partition) -> None:
        with _own_errors():
            self._consumer.resume(TopicPartition(*partition))

    def seek(self, partition: Partition, offset: int) -> None:
        with _own_errors():
            self._consumer.seek(TopicPartition(*partition), offset)

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        with _own_errors():
            self._consumer.commit(
                {TopicPartition(*one): OffsetAndMetadata(offset, "", -1) for one, offset in offsets.items()}
            )

    def committed(self, partition: Partition, timeout_ms: int) -> int | None:
        with _own_errors():
            found: int | None = self._consumer.committed(TopicPartition(*partition), timeout_ms=timeout_ms)
        return found

    def position(self, partition: Partition, timeout_ms: int) -> int | None:
        with _own_errors():
            found: int | None = self._consumer.position(TopicPartition(*partition), timeout_ms=timeout_ms)
        return found

    def end_offsets(self, partitions: Collection[Partition], timeout_ms: int) -> dict[Partition, int]:
        with _own_errors():
            ends = self._consumer.end_offsets([TopicPartition(*one) for one in partitions], timeout_ms=timeout_ms)
        return {Partition(*one): end for one, end in ends.items()}


class KafkaPythonReader(_Reading):
    """`clients.Reader`."""

    def partitions(self, topic: str) -> set[int]:
        with _own_errors():
            return set(self._consumer.partitions_for_topic(topic) or ())

    def start(self, offsets: Mapping[Partition, int | None]) -> None:
        with _own_errors():
            self._consumer.assign([TopicPartition(*one) for one in offsets])
            for one, offset in offsets.items():
                if offset is None:
                    self._consumer.seek_to_beginning(TopicPartition(*one))
                else:
                    self._consumer.seek(TopicPartition(*one), offset)

    def poll(self, timeout_ms: int, max_records: int = clients.MAX_RECORDS) -> list[Record]:
        with _own_errors():
            polled = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        return [_record(one) for some in polled.values() for one in some]

    def at_end(self) -> bool:
        with _own_errors():
            return has_read_to(self._consumer, self._consumer.end_offsets(list(self._consumer.assignment())))


def _record(one: Any) -> Record:
    return Record(one.topic, one.partition, one.offset, one.key, one.value, one.headers, one.timestamp)


def has_read_to(consumer: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    """Whether this consumer was given everything before these end offsets.

    The library knows no position, and gives None, until a broker has said where a partition begins.
    """
    positions = {partition: consumer.position(partition) for partition in ends}
    return all(position is not None and position >= ends[partition] for partition, position in positions.items())


def _join_to_the_end(consumer: KafkaConsumer) -> None:
    """Makes the next poll go on with a join that an earlier poll began.

    At each poll the library asks whether the member must join. One that joins because the topics' partitions have
    changed computes the new assignment on the way, and from then on the answer is no: if a poll ends in between, or
    the connection breaks, the member owns nothing until it is replaced (KAFKA-9815, mended in the Java client). The
    library has no public call for this.
    """
    coordinator = getattr(consumer, "_coordinator", None)
    if getattr(coordinator, "rejoining", False):
        coordinator.request_rejoin()  # type: ignore[union-attr]


def is_rebalancing(consumer: KafkaConsumer) -> bool:
    """Whether a broker holds this member's request to join while it waits for other members.

    The library has no public call for this. A request that still waits for a connection does not count: the library
    keeps retrying a broker that hangs, even after another one has become the group's coordinator.
    """
    coordinator = getattr(consumer, "_coordinator", None)
    state = getattr(coordinator, "state", None)
    if not getattr(state, "name", str(state)).endswith("REBALANCING"):
        return False
    return bool(coordinator._client.connected(coordinator.coordinator_id))  # type: ignore[union-attr]
