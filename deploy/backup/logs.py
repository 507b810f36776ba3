"""Checks Kafka before a restore, which needs topics never written to and consumer groups without offsets."""

from collections.abc import Iterable

from kafka import TopicPartition
from kafka.errors import KafkaError

from chassis.broker import Broker
from contracts.topics import LISTENERS, TOPICS
from deploy.backup.manifest import Refused

NAMES = [topic.name for topic in TOPICS]
NOBODY_THERE_MS = 5_000
REMEDY = (
    "events published after the backup, and groups that have read further, do not match it. Stop every service, "
    "delete the topics releve.* and the groups (docs/backup.md), or use another cluster, and restore again"
)


def require_unused(broker: Broker, topics: Iterable[str] = NAMES, groups: Iterable[str] = LISTENERS) -> None:
    """Returns if these topics are missing or were never written to, and these groups have no offsets in them.

    A restored outbox is republished in full to a Kafka that it has not published to yet. To the old Kafka it would
    not republish the events that were in flight when the backup was taken. Raises `Refused`, also if the brokers do
    not answer.
    """
    topics = sorted(topics)
    try:
        if written := _written(broker, topics):
            raise Refused(f"Kafka at {broker.servers} holds messages in {', '.join(written)}: {REMEDY}")
        if readers := _readers(broker, topics, groups):
            raise Refused(f"Kafka at {broker.servers} remembers what {', '.join(readers)} have read: {REMEDY}")
    except (KafkaError, OSError) as error:
        raise Refused(f"Kafka at {broker.servers} does not answer as it should: {type(error).__name__}") from error


def _written(broker: Broker, topics: Iterable[str]) -> list[str]:
    """Topics that were ever written to, even if retention has emptied them since."""
    reader = broker.consumer(group_id=None, bootstrap_timeout_ms=NOBODY_THERE_MS)
    try:
        there = reader.topics()
        places = [
            TopicPartition(topic, partition)
            for topic in topics
            if topic in there
            for partition in reader.partitions_for_topic(topic) or ()
        ]
        ends = reader.end_offsets(places) if places else {}
        return sorted({place.topic for place, end in ends.items() if end})
    finally:
        reader.close(autocommit=False, timeout_ms=1_000)


def _readers(broker: Broker, topics: Iterable[str], groups: Iterable[str]) -> list[str]:
    """Groups with a committed offset in one of the topics; they would resume there even in a recreated topic."""
    admin = broker.admin()
    try:
        known = {group["group_id"] for group in admin.list_groups()}
        wanted = [group for group in groups if group in known]
        places = admin.list_group_offsets(dict.fromkeys(wanted)) if wanted else {}
        return [group for group in wanted if any(place.topic in topics for place in places[group])]
    finally:
        admin.close()
