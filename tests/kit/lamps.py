"""The smallest service: lamps, a contract of one event, and topics of one test."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from marshmallow import Schema, fields

from chassis.events import SchemaBroken, decode
from chassis.facts import Fact
from chassis.ids import new_id
from chassis.unit import Unit, UnitOfWork
from contracts.topics import Topic
from deploy.kafka.provision import provision


class LampSwitched(Schema):
    on = fields.Boolean(required=True)


@dataclass(frozen=True)
class Switched(Fact, name="lamp.switched"):
    on: Any


@dataclass(frozen=True)
class Dimmed(Fact, name="lamp.switched", version=2):
    level: int


class Lamps:
    """A contract of one event, with topics of this test only."""

    def __init__(self, kafka: str) -> None:
        self.group = new_id()
        self.name = f"test.{self.group}"
        self.dlq = f"releve.{self.group}.dlq"
        provision(kafka, [Topic(self.name, 3), Topic(self.dlq, 1)], 1)

    def dump(self, name: str, data: Any, version: int = 1) -> dict[str, Any]:
        if version == 2:
            return {"level": data["level"]}
        if LampSwitched().validate(data):
            raise SchemaBroken(name, list(LampSwitched().validate(data)))
        return dict(data)

    def load(self, name: str, payload: Any, version: int = 1) -> dict[str, Any]:
        if version == 2:
            return {"level": payload["level"]}
        known = {"on": payload.get("on")}
        if wrong := LampSwitched().validate(known):
            raise SchemaBroken(name, [str(field) for field in wrong])
        return known

    def topic(self, service: str, name: str, version: int = 1) -> str:
        return self.name

    def topics_of(self, service: str) -> set[str]:
        return {self.name}

    def topics(self, name: str, version: int = 1) -> set[str]:
        return {self.name}

    def known(self, name: str, version: int) -> bool:
        return name == "lamp.switched" and version in (1, 2)

    def publishes(self, service: str, name: str = "", version: int = 1) -> bool:
        return service == "lamps" and (not name or self.known(name, version))


def switch(work: UnitOfWork, lamp: str, *states: bool) -> None:
    def effect(unit: Unit) -> None:
        kept = unit.find("lamps", {"_id": lamp}) or {"_id": lamp, "version": 0}
        unit.put("lamps", kept, [Switched(on=on) for on in states])

    work.run(effect)


def length(kafka: str, topic: str) -> int:
    """Number of messages in the topic."""
    reader = KafkaConsumer(bootstrap_servers=kafka, group_id=None)
    try:
        partitions = [TopicPartition(topic, number) for number in reader.partitions_for_topic(topic)]
        return sum(reader.end_offsets(partitions).values())
    finally:
        reader.close(autocommit=False, timeout_ms=1000)


def messages(kafka: str, topic: str, count: int) -> list[Any]:
    """The first ``count`` messages of a topic."""
    consumer = KafkaConsumer(
        topic, bootstrap_servers=kafka, auto_offset_reset="earliest", consumer_timeout_ms=15_000, group_id=None
    )
    found = []
    for record in consumer:
        found.append(record)
        if len(found) == count:
            break
    consumer.close(autocommit=False, timeout_ms=1000)
    return found


def sequences(kafka: str, lamps: Lamps) -> dict[str, list[int]]:
    """Each subject's sequences in the topic, in the order of their first occurrence."""
    found: dict[str, list[int]] = defaultdict(list)
    for record in messages(kafka, lamps.name, length(kafka, lamps.name)):
        event = decode(record.value, record.headers)
        if event.sequence not in found[event.subject]:
            found[event.subject].append(event.sequence)
    return found


def published(work: UnitOfWork) -> Callable[[], bool]:
    return lambda: work.database.outbox.count_documents({"pending": True}) == 0
