"""Prints every event as it is published, one per line, until Ctrl-C: `make events`, `python -m deploy.local.events`.

It shows ids and times, never payloads. Dead letters are shown when a service writes them.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from chassis.broker import Broker
from chassis.events import Envelope, Undecodable, decode
from chassis.settings import BadSetting, broker, environment
from contracts.topics import EVENT_TOPICS, LISTENERS, PUBLISHERS, dead_letters_of
from deploy.local.running import NothingRuns, data_folder, known_settings, running

NOBODY_THERE_MS = 5_000
POLL_MS = 200
IDS = ("project_id", "account", "client", "quote_id", "mail_id", "reason", "received")
"""The fields of a payload that are shown: ids, counts and codes."""
CODES = frozenset({"full", "deadline", "cancelled"})


@dataclass(frozen=True)
class Wanted:
    """Selects the events to show; an empty field matches all."""

    type: str = ""
    project: str = ""
    service: str = ""

    def takes(self, event: Envelope) -> bool:
        """Whether this event is shown. ``type`` is a prefix of its name."""
        about = {event.subject, event.payload.get("project_id")}
        return (
            event.name.startswith(self.type.removeprefix("releve."))
            and (not self.project or self.project in about)
            and self.service in ("", publisher(event))
        )


def publisher(event: Envelope) -> str:
    """The service that published it."""
    return event.source.rsplit(":", 1)[-1]


def line(event: Envelope, dead: str = "") -> str:
    """Formats an event as one line; ``dead`` is the service that dead-lettered it."""
    shown = [f"{name}={event.payload[name]}" for name in IDS if _is_id(name, event.payload.get(name))]
    set_aside = [f"✗ dead letter of {dead}"] if dead else []
    clock = event.time.strftime("%H:%M:%S.%f")[:-3]
    parts = [
        clock,
        f"{publisher(event):9}",
        f"{event.name:22}",
        event.subject,
        f"#{event.sequence}",
        *shown,
        *set_aside,
    ]
    return "".join(sign if sign.isprintable() else "·" for sign in " ".join(parts))


def follow(cluster: Broker, wanted: Wanted, from_start: bool = False) -> Iterator[str | None]:
    """Yields a line per event as it arrives, and None after each empty poll. Raises `KafkaError`."""
    consumer = cluster.consumer(group_id=None, bootstrap_timeout_ms=NOBODY_THERE_MS)
    topics = [*EVENT_TOPICS, *map(dead_letters_of, LISTENERS)]
    try:
        partitions = [
            TopicPartition(name, part) for name in topics for part in consumer.partitions_for_topic(name) or ()
        ]
        consumer.assign(partitions)
        starts = consumer.beginning_offsets(partitions) if from_start else consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, starts[partition])
        yield None  # signals that all later events will be seen
        while True:
            records = [record for batch in consumer.poll(timeout_ms=POLL_MS).values() for record in batch]
            for record in sorted(records, key=lambda record: record.timestamp):
                text = _line_of(record, wanted)
                if text:
                    yield text
            if not records:
                yield None
    finally:
        consumer.close(autocommit=False, timeout_ms=1000)


def _line_of(record: Any, wanted: Wanted) -> str | None:
    if record.value is None:  # a mark on a dead letter
        return None
    try:
        event = decode(record.value, record.headers)
    except Undecodable as error:
        return None if wanted != Wanted() else f"{record.topic}/{record.partition}/{record.offset}: {error.reason}"
    service = record.topic.split(".")[1] if record.topic.endswith(".dlq") else ""
    return line(event, service) if wanted.takes(event) else None


def _is_id(name: str, value: Any) -> bool:
    return value in CODES if name == "reason" else isinstance(value, str | int)


def main(arguments: Sequence[str], environ: Mapping[str, str], say: Callable[[str], None] = print) -> int:
    """Runs the command; returns its exit status: 0 after Ctrl-C, or 1 after printing one error line."""
    parser = argparse.ArgumentParser("deploy.local.events", description="Every event as it is published.")
    parser.add_argument("--type", default="", help="prefix of the events' names, such as quote or project.posted")
    parser.add_argument("--project", default="", help="only events about the project with this id")
    parser.add_argument("--service", default="", choices=PUBLISHERS, help="only what this service publishes")
    parser.add_argument("--all", action="store_true", help="start with the oldest event that the brokers keep")
    asked = parser.parse_args(arguments)
    try:
        cluster = _cluster(environ)
        lines = follow(cluster, Wanted(asked.type, asked.project, asked.service), asked.all)
        next(lines)
        say("Events as they come; Ctrl-C ends it.")
        for text in lines:
            if text:
                say(text)
    except NothingRuns as error:
        print(f"relève: {error}", file=sys.stderr)
    except (KafkaError, OSError) as error:
        print(f"relève: Kafka at {cluster.servers} does not answer: {type(error).__name__}", file=sys.stderr)
    except KeyboardInterrupt:
        return 0
    return 1


def _cluster(environ: Mapping[str, str]) -> Broker:
    """The brokers named in ``environ``, or those of the system that runs locally."""
    settings = environment(environ)
    if "RELEVE_KAFKA" not in settings:
        running(data_folder(settings))
    try:
        return broker(known_settings(settings))
    except BadSetting as error:
        raise NothingRuns(str(error)) from error


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:], os.environ))
