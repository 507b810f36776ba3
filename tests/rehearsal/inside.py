"""What is looked at from inside the containers' network: `python -m tests.rehearsal.inside COMMAND`.

story          plays the story of Nestlé Waters through the gateway, over TLS
members GROUP  who is in a consumer group, and how many partitions each member has, as JSON
events FIELD   how many `quote.submitted` there are, and how many of them have this field, as JSON
replicas       how many partitions lack a replica in sync
"""

import json
import os
import sys
from typing import Any

from kafka import TopicPartition

from chassis.broker import Broker
from chassis.events import Undecodable, decode
from chassis.settings import broker, environment
from contracts.topics import topic_of
from stories.nestle_waters import play


def members(kafka: Broker, group: str) -> dict[str, int]:
    """Member → how many partitions."""
    admin = kafka.admin()
    try:
        found = admin.describe_groups([group])[group]["members"]
    finally:
        admin.close()
    return {
        member["member_id"]: sum(len(topic["partitions"]) for topic in _assigned(member)) for member in found
    }


def _assigned(member: dict[str, Any]) -> list[dict[str, Any]]:
    """Topics with partitions; none while the group shares them out anew."""
    given = member["member_assignment"]
    return list(given["assigned_partitions"]) if given else []


def events(kafka: Broker, field: str) -> dict[str, int]:
    """What the topic of quotes holds at this moment."""
    consumer, found = kafka.consumer(group_id=None), {"all": 0, "with": 0}
    try:
        topic = topic_of("quotes")
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        consumer.seek_to_beginning()
        while any(consumer.position(place) < end for place, end in ends.items()):
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
    """Partitions of any topic that a broker does not have in sync."""
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
    """0, or 1 where the story broke."""
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
