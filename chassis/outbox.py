"""The outbox: events stored in the service's own database, in the transaction that caused them, for the relay."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from opentelemetry import propagate
from pymongo import ASCENDING, IndexModel

from chassis.clock import Clock
from chassis.events import Contract, Envelope, NotThePublisher, source_of
from chassis.facts import Fact
from chassis.ids import new_id
from chassis.migrations import drop_index
from chassis.mongo import Document, Documents

COLLECTION = "outbox"
Rows = Callable[[str, int, Sequence[Fact], datetime], list[Document]]


def drop_replaced_indexes(**own: Sequence[str]) -> Callable[[Documents], None]:
    """The migration that drops indexes which longer ones replace: the outbox's, and a service's own by collection."""

    def apply(database: Documents) -> None:
        for collection, names in {**own, COLLECTION: ["log_1"]}.items():
            for name in names:
                drop_index(database[collection], name)

    return apply


def indexes(horizon: timedelta) -> list[IndexModel]:
    """Indexes that keep sequences unique per subject, find pending and newest rows, and expire published rows after
    ``horizon``."""
    return [
        IndexModel([("subject", ASCENDING), ("sequence", ASCENDING)], unique=True),
        IndexModel([("pending", ASCENDING), ("time", ASCENDING)], partialFilterExpression={"pending": True}),
        IndexModel([("published_at", ASCENDING)], expireAfterSeconds=int(horizon.total_seconds())),
        IndexModel([("topic", ASCENDING), ("log", ASCENDING)], partialFilterExpression={"log": {"$exists": True}}),
        IndexModel([("time", ASCENDING), ("_id", ASCENDING)]),
    ]


def rows_of(service: str, contract: Contract) -> Rows:
    """Returns a function that builds pending rows from an aggregate's facts, its version and the time.

    That function raises `chassis.events.SchemaBroken` for data that breaks the contract and
    `chassis.events.NotThePublisher` for another service's event, so that no invalid event leaves a service.
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
                "topic": contract.topic(service, fact.name, fact.version),
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
    """The event of a row. The row's id is the event's id, however often the row is published."""
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


def pending(database: Documents, limit: int, clock: Clock) -> list[Document]:
    """The next rows to publish: of the subjects that have waited longest, each from its lowest pending sequence.

    ``read_at`` is the clock's time at which a row was read.

    It takes two queries, because the times written by two processes may contradict the sequence. Selecting by subject
    and sequence keeps a later event from overtaking an earlier one at the edge of a batch.
    """
    rows = database[COLLECTION]
    oldest = rows.find({"pending": True}, {"subject": 1}).sort("time", ASCENDING).limit(limit)
    subjects = list({row["subject"]: None for row in oldest})
    if not subjects:
        return []
    batch = {"pending": True, "subject": {"$in": subjects}}
    order = {"subject": ASCENDING, "sequence": ASCENDING}
    found: list[Document] = [
        {"$match": batch}, {"$sort": order}, {"$limit": limit}, {"$set": {"read_at": clock.expression()}},
    ]  # fmt: skip
    # the hint, because the index of pending rows would have all of them read and sorted, however long the backlog
    return list(rows.aggregate(found, hint=order))


def readdress(database: Documents, service: str, contract: Contract) -> int:
    """Gives pending rows the topic that the contract names now, and returns their number.

    Rows stored before an upgrade name the topic of that version, which more services may read. A row that a relay of
    that version is just publishing is published a second time, with the same id.
    """
    rows, moved = database[COLLECTION], 0
    kinds = {"_id": {"name": "$name", "event_version": "$event_version", "topic": "$topic"}}
    for found in rows.aggregate([{"$match": {"pending": True}}, {"$group": kinds}]):
        kind = found["_id"]
        if not contract.publishes(service, kind["name"], kind["event_version"]):
            continue
        topic = contract.topic(service, kind["name"], kind["event_version"])
        if topic != kind["topic"]:
            moved += rows.update_many({**kind, "pending": True}, {"$set": {"topic": topic}}).modified_count
    return moved


def depth(database: Documents) -> int:
    """The number of rows that wait to be published."""
    return database[COLLECTION].count_documents({"pending": True})


def mark_published(database: Documents, rows: Sequence[Document], log: dict[str, str], clock: Clock) -> None:
    """Marks the rows as published, with the id of their topic's log (``log``: cluster and topic id, by topic)."""
    for topic, log_id in log.items():
        ids = [row["_id"] for row in rows if row["topic"] == topic]
        if ids:
            # the first publication counts: a row published again must not outlive the inbox rows of its event
            first = {"$min": ["$published_at", clock.expression()]}
            done = {"$set": {"published_at": first, "log": {"$literal": log_id}}}
            database[COLLECTION].update_many({"_id": {"$in": ids}}, [done, {"$unset": "pending"}])


def reopen_lost(database: Documents, topic: str, log_id: str) -> int:
    """Marks rows as pending that were published to a log that no longer exists; returns their number."""
    lost = {"topic": topic, "pending": {"$exists": False}, "log": {"$exists": True, "$ne": log_id}}
    again: dict[str, Any] = {"$set": {"pending": True}, "$unset": {"log": ""}}
    return database[COLLECTION].update_many(lost, again).modified_count
