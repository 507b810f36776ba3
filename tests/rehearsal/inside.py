"""Inspects the stack from inside the containers' network: `python -m tests.rehearsal.inside COMMAND`.

story          plays the story of Nestlé Waters through the gateway, over TLS
members GROUP  prints the members of a consumer group with their number of partitions, as JSON
events FIELD   prints the number of `quote.submitted` events, and of those with this field, as JSON
replicas       prints the number of partitions with a replica out of sync
"""

import json
import os
import sys
from typing import Any

from kafka import TopicPartition

from chassis.broker import Broker
from chassis.broker.with_kafka_python import has_read_to
from chassis.events import Undecodable, decode
from chassis.settings import broker, environment
from contracts.topics import topic_of
from stories.nestle_waters import play


def members(kafka: Broker, group: str) -> dict[str, int]:
    """The number of partitions by member."""
    admin = kafka.admin()
    try:
        found = admin.describe_groups([group])[group]["members"]
    finally:
        admin.close()
    return {member["member_id"]: sum(len(topic["partitions"]) for topic in _assigned(member)) for member in found}


def _assigned(member: dict[str, Any]) -> list[dict[str, Any]]:
    """Topics with assigned partitions; empty during a rebalance."""
    given = member["member_assignment"]
    return list(given["assigned_partitions"]) if given else []


def events(kafka: Broker, field: str) -> dict[str, int]:
    """Counts the events in the topic of quotes now."""
    consumer, found = kafka.consumer(group_id=None), {"all": 0, "with": 0}
    try:
        topic = topic_of("quotes")
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        consumer.seek_to_beginning()
        while not has_read_to(consumer, ends):
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    try:
                        envelope = decode(record.value, record.headers)
                    except Undecodable:
                        continue
                    if envelope.name == "quote.submitted":
                        found["all"] += 1
                        found["with"] += field in envelope.payload
    finally:
        consumer.close(autocommit=False, timeout_ms=1000)
    return found


def lacking(kafka: Broker) -> int:
    """The number of partitions, over all topics, with a replica out of sync."""
    admin = kafka.admin()
    try:
        topics = admin.describe_topics([name for name in admin.list_topics() if name])
    finally:
        admin.close()
    return sum(
        len(partition["isr_nodes"]) < len(partition["replica_nodes"])
        for topic in topics
        for partition in topic["partitions"]
    )


def main(arguments: list[str]) -> int:
    """Returns 0, or 1 if the story failed."""
    settings = environment(os.environ)
    kafka = broker(settings)
    if arguments == ["story"]:
        return 0 if play(os.environ["RELEVE_TEST_GATEWAY"], kafka) else 1
    if arguments == ["replicas"]:
        print(lacking(kafka))
    elif len(arguments) == 2 and arguments[0] in ("members", "events"):
        print(json.dumps(members(kafka, arguments[1]) if arguments[0] == "members" else events(kafka, arguments[1])))
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
