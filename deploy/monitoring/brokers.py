"""Metrics of Kafka: consumer lag of each service, even if it is down, and the brokers' health."""

from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from prometheus_client.core import GaugeMetricFamily

from chassis.broker import Broker
from contracts.events import CONTRACT, EVENTS
from contracts.topics import LISTENERS, TOPICS

LISTENS: Mapping[str, frozenset[str]] = {
    group: frozenset().union(*(CONTRACT.topics(*kind) for kind, event in EVENTS.items() if group in event.consumers))
    for group in LISTENERS
}
"""Each consumer group (one per part) with the topics it consumes."""


class Cluster:
    """One cluster, over a connection that stays open until `close`."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connected: KafkaAdminClient | None = None

    def close(self) -> None:
        """Closes the connection; the next reading reconnects."""
        admin, self._connected = self._connected, None
        if admin is not None:
            admin.close()

    def topics(self) -> list[dict[str, Any]]:
        """The existing topics of the contract, with their partitions."""
        there = set(self.admin.list_topics()) & {topic.name for topic in TOPICS}
        return list(self.admin.describe_topics(sorted(there))) if there else []

    @property
    def admin(self) -> KafkaAdminClient:
        """The connection, opened on first use."""
        self._connected = self._connected or self._broker.admin()
        return self._connected


class Brokers(Cluster):
    """The brokers and the replicas of our topics."""

    def read(self) -> Iterator[GaugeMetricFamily]:
        """The current values; raises `kafka.errors.KafkaError` if no broker answers."""
        topics = self.topics()
        running = {one["broker_id"] for one in self.admin.describe_cluster()["brokers"] if not one.get("is_fenced")}
        partitions = [partition for topic in topics for partition in topic["partitions"]]
        known = running.union(*(partition["replica_nodes"] for partition in partitions))
        lagging = sum(len(partition["isr_nodes"]) < len(partition["replica_nodes"]) for partition in partitions)
        leaderless = sum(partition["leader_id"] not in running for partition in partitions)
        missing = len(TOPICS) - len(topics)
        yield _gauge("releve_kafka_brokers", "Brokers that are up", len(running))
        yield _gauge("releve_kafka_brokers_missing", "Brokers that hold replicas and are down", len(known - running))
        yield _gauge("releve_kafka_topics_missing", "Topics of the contract that do not exist", missing)
        yield _gauge("releve_kafka_partitions_underreplicated", "Partitions with replicas out of sync", lagging)
        yield _gauge("releve_kafka_partitions_offline", "Partitions without a leader", leaderless)


class Lag(Cluster):
    """Lag of each group. A source of its own: a partition without a leader fails this reading, not the brokers'."""

    def read(self) -> Iterator[GaugeMetricFamily]:
        """The current values; raises `kafka.errors.KafkaError` if a partition or a group cannot be read."""
        every = [
            TopicPartition(topic["name"], partition["partition_index"])
            for topic in self.topics()
            for partition in topic["partitions"]
        ]
        ends = self.admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.LATEST))
        begins = self.admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.EARLIEST))
        lag = GaugeMetricFamily(
            "releve_consumer_lag_events", "Events a group has not handled yet", labels=["group", "topic", "partition"]
        )
        for group, topics in LISTENS.items():
            committed = self.admin.list_group_offsets(group).get(group, {})
            for partition in (one for one in every if one.topic in topics):
                done = committed.get(partition)
                position = max(done.offset if done else 0, begins[partition].offset)
                behind = max(0, ends[partition].offset - position)
                lag.add_metric([group, partition.topic, str(partition.partition)], behind)
        yield lag


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
