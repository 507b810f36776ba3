"""The outbox: events wait in the service's own database, written with the change that caused them, for the relay."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from opentelemetry import propagate
from pymongo import ASCENDING, IndexModel

from chassis.events import Contract, Envelope, NotThePublisher, source_of
from chassis.facts import Fact
from chassis.ids import new_id
from chassis.mongo import Document, Documents

COLLECTION = "outbox"
Rows = Callable[[str, int, Sequence[Fact], datetime], list[Document]]


def indexes(horizon: timedelta) -> list[IndexModel]:
    """Unique sequence per subject; pending rows found without a scan; published rows go after the horizon."""
    return [
        IndexModel([("subject", ASCENDING), ("sequence", ASCENDING)], unique=True),
        IndexModel([("pending", ASCENDING), ("time", ASCENDING)], partialFilterExpression={"pending": True}),
        IndexModel([("published_at", ASCENDING)], expireAfterSeconds=int(horizon.total_seconds())),
        IndexModel([("log", ASCENDING)], sparse=True),
    ]


def rows_of(service: str, contract: Contract) -> Rows:
    """A function that makes pending rows of the facts of one aggregate, at a version, at a time.

    It refuses data that breaks the contract (`chassis.events.SchemaBroken`) and another service's events
    (`chassis.events.NotThePublisher`): nothing wrong ever leaves a service.
    """

    def rows(subject: str, version: int, facts: Sequence[Fact], now: datetime) -> list[Document]:
        for fact in facts:
            if not contract.publishes(service, fact.name, fact.version):
                raise NotThePublisher(f"{service} does not publish {fact.name}, version {fact.version}")
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        return [
            {
                "_id": new_id(),
                "source": source_of(service),
                "topic": contract.topic(service),
                "name": fact.name,
                "event_version": fact.version,
                "subject": subject,
                "sequence": version + step,
                "time": now,
                "payload": contract.dump(fact.name, fact.data, fact.version),
                "traceparent": carrier.get("traceparent"),
                "pending": True,
            }
            for step, fact in enumerate(facts, start=1)
        ]

    return rows


def envelope(row: Document) -> Envelope:
    """The event that a row stands for; the row's id is the event's id, however often it is published."""
    return Envelope(
        id=row["_id"],
        source=row["source"],
        name=row["name"],
        version=row["event_version"],
        subject=row["subject"],
        sequence=row["sequence"],
        time=row["time"],
        payload=row["payload"],
        traceparent=row["traceparent"],
    )


def pending(database: Documents, limit: int) -> list[Document]:
    """The next rows to publish: the subjects that have waited longest, each from its lowest pending sequence on.

    Two queries, because times of two processes may disagree with the sequence: taking whole runs of a subject
    keeps a later event from passing an earlier one at the edge of a batch.
    """
    rows = database[COLLECTION]
    oldest = rows.find({"pending": True}, {"subject": 1}).sort("time", ASCENDING).limit(limit)
    subjects = list({row["subject"]: None for row in oldest})
    if not subjects:
        return []
    batch = {"pending": True, "subject": {"$in": subjects}}
    return list(rows.find(batch).sort([("subject", ASCENDING), ("sequence", ASCENDING)]).limit(limit))


def depth(database: Documents) -> int:
    """How many rows wait to be published."""
    return database[COLLECTION].count_documents({"pending": True})


def mark_published(database: Documents, rows: Sequence[Document], log: dict[str, str], now: datetime) -> None:
    """Remembers that the rows are in the log, and in which one (cluster and topic id, by topic)."""
    for topic, log_id in log.items():
        ids = [row["_id"] for row in rows if row["topic"] == topic]
        if ids:
            # the first time counts: a row that is published again must not outlive the inbox rows that know it
            done: dict[str, Any] = {
                "$min": {"published_at": now},
                "$set": {"log": log_id},
                "$unset": {"pending": ""},
            }
            database[COLLECTION].update_many({"_id": {"$in": ids}}, done)


def reopen_lost(database: Documents, topic: str, log_id: str) -> int:
    """Makes rows pending again that were published to a log that no longer exists; how many."""
    lost = {"topic": topic, "pending": {"$exists": False}, "log": {"$exists": True, "$ne": log_id}}
    again: dict[str, Any] = {"$set": {"pending": True}, "$unset": {"log": ""}}
    return database[COLLECTION].update_many(lost, again).modified_count
