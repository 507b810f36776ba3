"""Reading every published message."""

from kafka import TopicPartition

from chassis.broker import Broker
from chassis.broker.with_kafka_python import has_read_to
from contracts.topics import TOPICS


def everything_in_kafka(kafka: str | Broker) -> list[str]:
    """Every message of every topic, including dead letters: key, value and headers joined into one text."""
    consumer = (kafka if isinstance(kafka, Broker) else Broker(kafka)).consumer(group_id=None)
    places = [TopicPartition(t.name, p) for t in TOPICS for p in consumer.partitions_for_topic(t.name) or ()]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    found: list[str] = []
    while not has_read_to(consumer, ends):
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                headers = b" ".join(name.encode() + b"=" + value for name, value in record.headers)
                parts = (record.key or b"", record.value or b"", headers)
                found.append(b" ".join(parts).decode(errors="replace"))
    consumer.close(autocommit=False)
    return found
