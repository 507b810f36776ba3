"""Reads the evidence for `tests.kit.oracle` from a running system: every store, topic, mail and log."""

import email
import email.policy
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from chassis.broker.with_kafka_python import has_read_to
from chassis.events import Undecodable, decode
from chassis.mongo import connect
from chassis.places import collections_of, rows_of
from contracts.topics import SERVICES, TOPICS
from deploy.local.system import System
from tests.faults import ledger
from tests.kit.oracle.evidence import Evidence, Message, Row, Secrets

READ_WHOLE = {
    "accounts": ("accounts",),
    "projects": ("projects", "vault/clients", "orders", "organisations"),
    "matching": ("profiles", "shortlists"),
    "quotes": ("rounds", "quotes", "invitations"),
    "programmes": ("programmes", "participants", "pairs", "messages"),
    "notify": ("notifications", "deliveries"),
}
BARE = {"outbox": {"payload": 0, "traceparent": 0}, "inbox": {"_id": 1}}
LINK = re.compile(r"/notifications/([A-Za-z0-9_-]{24})\b")
READ_WITHIN_S = 120.0


def collect(system: System, ledger_path: Path) -> Evidence:
    """The evidence at this moment; raises `TimeoutError` if a topic cannot be read to its end."""
    people, attempts = ledger.read(ledger_path)
    words = Secrets(people)
    stores: dict[str, dict[str, list[Row]]] = {}
    inboxes: dict[str, frozenset[str]] = {}
    at = time.time()
    for service in SERVICES:
        stores[service], inboxes[service] = _store(system.mongo_uri, service, words)
    return Evidence(
        people=people,
        attempts=attempts,
        stores=stores,
        inboxes=inboxes,
        messages=list(_messages(system.kafka, words)),
        mails=[mail for path in sorted(system.mails.glob("*.eml")) for mail in _mail(path)],
        logs=[line for path in sorted(system.logs.glob("*.log")) for line in _lines(path, words)],
        collected_at=at,
    )


def _store(uri: str, service: str, words: Secrets) -> tuple[dict[str, list[Row]], frozenset[str]]:
    database = connect(uri, f"releve_{service}", app="check")
    try:
        rows: dict[str, list[Row]] = {}
        for name in collections_of(database):
            found = rows_of(database, name).find({}, BARE.get(name))
            if name == "inbox":
                continue
            whole = name in READ_WHOLE[service] or name == "outbox"
            rows[name] = [row for row in found if whole or words.inside(str(row))]
        prefix = f"{service}:"
        handled = (str(row["_id"]) for row in database["inbox"].find({}, BARE["inbox"]))
        return rows, frozenset(row.removeprefix(prefix) for row in handled)
    finally:
        database.client.close()


def _messages(kafka: str, words: Secrets) -> Iterator[Message]:
    consumer = KafkaConsumer(bootstrap_servers=kafka, group_id=None, enable_auto_commit=False)
    try:
        places = [TopicPartition(t.name, p) for t in TOPICS for p in consumer.partitions_for_topic(t.name) or ()]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        patience = time.monotonic() + READ_WITHIN_S
        while not has_read_to(consumer, ends):
            if time.monotonic() > patience:
                raise TimeoutError(f"the topics cannot be read to their ends within {READ_WITHIN_S:.0f} s")
            for records in consumer.poll(timeout_ms=500).values():
                patience = time.monotonic() + READ_WITHIN_S
                for record in records:
                    yield _message(record, words)
    finally:
        consumer.close(autocommit=False)


def _message(record: Any, words: Secrets) -> Message:
    headers = b" ".join(name.encode() + b"=" + (value or b"") for name, value in record.headers)
    text = b" ".join((record.key or b"", record.value or b"", headers)).decode(errors="replace")
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    place |= {"text": text if words.inside(text) else ""}
    try:
        envelope = decode(record.value, record.headers)
    except Undecodable:
        return Message(**place)
    return Message(
        **place,
        id=envelope.id,
        source=envelope.source,
        name=envelope.name,
        subject=envelope.subject,
        sequence=envelope.sequence,
        at=envelope.time.timestamp(),
        payload=envelope.payload,
    )


def _mail(path: Path) -> Iterator[Row]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    text = "\n".join([str(message["Subject"]), *map(str, parts)])
    found = LINK.search(text)
    yield {
        "to": str(message["To"]),
        "message_id": str(message["Message-ID"]),
        "notification": found.group(1) if found else "",
        "text": text,
    }


def _lines(path: Path, words: Secrets) -> Iterator[Row]:
    with path.open(errors="replace") as lines:
        for line in lines:
            if words.inside(line):
                yield {"file": path.name, "line": line.rstrip("\n")}
