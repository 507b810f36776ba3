"""Metrics of dead letters: how many wait for an operator, and since when."""

from collections.abc import Iterator

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from prometheus_client.core import GaugeMetricFamily

from chassis.broker import Broker
from chassis.broker.with_kafka_python import has_read_to
from contracts.topics import LISTENERS, dead_letters_of

POLL_MS = 500
PATIENCE = 20
"""Number of empty polls before the end of a topic after which reading fails."""


class DeadLetterCount:
    """Reads each dead-letter topic once, then only new messages. A letter waits until a later mark says that it was
    replayed or dropped (`deploy.dlq`), or until it expires.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._consumer: KafkaConsumer | None = None
        self._waiting: dict[TopicPartition, dict[int, float]] = {}

    def close(self) -> None:
        """Closes the consumer; the next reading starts from the beginning."""
        consumer, self._consumer = self._consumer, None
        self._waiting = {}
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=1_000)

    def read(self) -> Iterator[GaugeMetricFamily]:
        """The current values; raises `kafka.errors.KafkaError` if the brokers do not answer."""
        consumer = self._consumer = self._consumer or self._open()
        partitions = list(consumer.assignment())
        begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        self._catch_up(consumer, ends)
        waiting = GaugeMetricFamily("releve_dead_letters_waiting", "Waiting dead letters", labels=["service"])
        oldest = GaugeMetricFamily(
            "releve_dead_letters_oldest_timestamp_seconds", "When the oldest of them was written", labels=["service"]
        )
        for service in LISTENERS:
            times = [
                at
                for partition, letters in self._waiting.items()
                if partition.topic == dead_letters_of(service)
                for offset, at in letters.items()
                if offset >= begins[partition]
            ]
            waiting.add_metric([service], len(times))
            if times:
                oldest.add_metric([service], min(times))
        yield waiting
        yield oldest

    def _open(self) -> KafkaConsumer:
        consumer = self._broker.consumer(group_id=None)
        try:
            there = sorted(consumer.topics() & {dead_letters_of(service) for service in LISTENERS})
            partitions = [TopicPartition(topic, n) for topic in there for n in consumer.partitions_for_topic(topic)]
            consumer.assign(partitions)
            if partitions:
                consumer.seek_to_beginning()
        except KafkaError:
            consumer.close(autocommit=False, timeout_ms=1_000)
            raise
        self._waiting = {partition: {} for partition in partitions}
        return consumer

    def _catch_up(self, consumer: KafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        idle = 0
        while not has_read_to(consumer, ends):
            polled = consumer.poll(timeout_ms=POLL_MS)
            idle = 0 if polled else idle + 1
            if idle == PATIENCE:
                raise KafkaError("a dead-letter topic gives nothing more before its end")
            for partition, records in polled.items():
                for record in records:
                    self._note(self._waiting[partition], record.offset, record.timestamp, dict(record.headers))

    def _note(self, waiting: dict[int, float], offset: int, timestamp: int, headers: dict[str, bytes]) -> None:
        if "dlq_mark" not in headers:
            waiting[offset] = timestamp / 1_000
            return
        _, _, done = headers.get("dlq_of", b"").decode("utf-8", "replace").partition(":")
        if done.isdigit():
            waiting.pop(int(done), None)
