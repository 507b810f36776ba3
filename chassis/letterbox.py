"""The letter box: a service's own dead letters as rows in its database, and what operators ask for over HTTP.

The topic stays the one truth: rows are a copy of its letters and marks, without payloads, so what the commands do
(`deploy.dlq`) shows here, and the other way round. A wish to replay or drop is a row's ``wish``, stored with its row of
the audit trail. The worker that holds the lease carries it out: a replay runs the service's own handlers, through the
inbox, and the mark follows. After a crash anywhere in between the wish is still there and is carried out again: the
inbox ignores what was applied, and a second mark says the same.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis import held, telemetry
from chassis.broker import Broker
from chassis.broker.clients import BrokerError, Partition, Reader, Record
from chassis.dead_letters import DROPPED, MARK, MARK_BY, MARK_OF, REPLAYED, DeadLetter, DeadLetters, original, printable
from chassis.events import Contract
from chassis.handling import Handling, Outage
from chassis.inbox import Handler
from chassis.lease import Lease
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork

COLLECTION = "letters"
WAITS = "waits"
REPLAY, DROP = "replay", "drop"
"""The wishes."""
STATES: Mapping[str, str] = {REPLAY: REPLAYED, DROP: DROPPED}
"""The state of a letter after each wish."""
NO_HANDLER = "no handler of this service takes it"
NO_ORIGIN = "it does not say where it comes from"
POLL_MS = 500
LOOK_S = 1.0
AGAIN_S = 600.0
"""Seconds after which the topic is read from its beginning again, so that letters that have expired disappear."""
PATIENCE_S = 30.0
LONGEST = 100


def indexes() -> list[IndexModel]:
    """Indexes for lists by state and by time, for the letters of an aggregate, and for wishes."""
    by_time = [("at", ASCENDING), ("_id", ASCENDING)]
    return [
        IndexModel(by_time),
        IndexModel([("state", ASCENDING), *by_time]),
        IndexModel([("subject", ASCENDING), ("topic", ASCENDING)]),
        IndexModel([("wish.at", ASCENDING)], partialFilterExpression={"wish": {"$exists": True}}),
    ]


class Failures(DeadLetters):
    """Takes the dead letter of a replay that fails: the letter is there already, so nothing is written."""

    def __init__(self) -> None:
        self.reason = ""

    def put(self, record: Record, letter: DeadLetter) -> None:
        """Notes the reason."""
        self.reason = letter.reason


class LetterBox:
    """Copies one service's dead letters, and carries out wishes, until ``stop`` is set."""

    def __init__(
        self,
        broker: Broker,
        work: UnitOfWork,
        contract: Contract,
        group: str,
        handlers: Mapping[str, Handler],
        config: Any,
        stop: threading.Event,
        lease: timedelta,
    ) -> None:
        self._broker, self._work, self._stop, self._group = broker, work, stop, group
        self._letters = DeadLetters(broker, group)
        self._handling: Callable[[Failures], Handling] = lambda failures: Handling(
            work, contract, group, handlers, config, failures, stop
        )
        self._rows = work.database[COLLECTION]
        self._lease = Lease(work.database, COLLECTION, lease)

    def run(self) -> None:
        """Works while this process holds the lease; waits while an engine is away."""
        while not self._stop.is_set():
            try:
                if self._lease.hold():
                    self._session()
            except (BrokerError, PyMongoError, OSError, Outage) as error:
                telemetry.log.warning("letters_away", error=telemetry.error_name(error))
            self._stop.wait(LOOK_S)
        with suppress(PyMongoError):  # the lease expires by itself when the database is away
            self._lease.release()
        self._letters.close()

    def _session(self) -> None:
        """Reads the topic from its beginning and on, for `AGAIN_S`. Raises `BrokerError` and `PyMongoError`."""
        reader = self._broker.clients().reader(self._group)
        try:
            topic = self._letters.topic
            numbers = sorted(reader.partitions(topic))
            if not numbers:
                raise BrokerError(f"{topic} does not exist yet")
            reader.start({Partition(topic, number): None for number in numbers})
            until, seen, whole = time.monotonic() + AGAIN_S, set[str](), False
            while not self._stop.is_set() and self._lease.hold() and time.monotonic() < until:
                seen |= {self._note(record) for record in reader.poll(timeout_ms=POLL_MS)}
                if not whole and reader.at_end():
                    self._rows.delete_many({"_id": {"$nin": sorted(seen)}})
                    whole = True
                if whole:
                    self._carry_out(reader)
        finally:
            reader.close(timeout_ms=1_000)

    def _note(self, record: Record) -> str:
        """Copies a letter or a mark, and returns the letter's place."""
        headers = {name: printable(raw or b"", LONGEST) for name, raw in record.headers}
        at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        if MARK in headers:
            done = {"state": headers[MARK], "by": headers.get(MARK_BY, ""), "done_at": at}
            if headers[MARK] in (REPLAYED, DROPPED):
                self._rows.update_one({"_id": headers.get(MARK_OF, "")}, {"$set": done})
            return headers.get(MARK_OF, "")
        row = row_of(record, headers, at)
        try:  # a row of the same place, but of another letter, is from a log that was replaced
            self._rows.update_one(row, {"$setOnInsert": {"state": WAITS}}, upsert=True)
        except DuplicateKeyError:
            self._rows.replace_one({"_id": row["_id"]}, {**row, "state": WAITS})
        return str(row["_id"])

    def _carry_out(self, reader: Reader) -> None:
        """Carries out the wishes, oldest first, each once all earlier marks are known."""
        for row in list(self._rows.find({"wish": {"$exists": True}}).sort("wish.at", ASCENDING)):
            if self._stop.is_set() or not self._lease.hold() or not reader.at_end():
                return
            self._do(row)

    def _do(self, row: Document) -> None:
        """Carries out one wish. Each step may be repeated after a crash before the next."""
        deed, by = row["wish"]["deed"], row["wish"]["by"]
        if row["state"] == WAITS and deed == REPLAY and (reason := self._replay(row)):
            self._finish(row, {"tried": {"at": self._work.now(), "reason": reason}})
            return
        if row["state"] == WAITS:
            self._letters.mark(*place_of(row), STATES[deed], by)
            row = {**row, "state": STATES[deed], "by": by}
            self._finish(row, {"state": row["state"], "by": by, "done_at": self._work.now()})
        else:  # the mark was written before a crash, or somebody was faster at a terminal
            self._finish(row, {})

    def _replay(self, row: Document) -> str:
        """Runs the service's handlers on a letter as its consumer would; returns why it failed, or an empty text."""
        if not row["topic"] or min(row["partition"], row["offset"]) < 0:
            return NO_ORIGIN
        failures = Failures()
        handling = self._handling(failures)
        messages = handling.begin([self._read(row)])
        if messages[0].dropped_by or not (messages[0].event or messages[0].wrong):
            return NO_HANDLER
        handling.advance(messages)
        return failures.reason

    def _finish(self, row: Document, fields: Document) -> None:
        """Ends a wish. A letter that it dropped holds back the later events of its aggregate no longer."""

        def effect(unit: Unit) -> None:
            dropped = row["wish"]["deed"] == DROP and (row["state"], row.get("by")) == (DROPPED, row["wish"]["by"])
            if dropped and row["event_id"]:
                held.release(unit, held.key(self._group, row["topic"], row["subject"]), row["event_id"])
            change: Document = {"$unset": {"wish": ""}} | ({"$set": fields} if fields else {})
            unit.collection(COLLECTION).update_one({"_id": row["_id"]}, change)

        self._work.run(effect)
        telemetry.log.info("letter_done", letter=row["_id"], deed=row["wish"]["deed"], failed="tried" in fields)

    def _read(self, row: Document) -> Record:
        """The original message of a letter. Raises `BrokerError` if the broker does not give it."""
        partition, offset = place_of(row)
        reader = self._broker.clients().reader(self._group)
        try:
            reader.start({Partition(self._letters.topic, partition): offset})
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until:
                for record in reader.poll(timeout_ms=POLL_MS, max_records=1):
                    if record.offset == offset:
                        return _original(record)
        finally:
            reader.close(timeout_ms=1_000)
        raise BrokerError(f"{self._letters.topic} does not give {row['_id']}")


def row_of(record: Record, headers: Mapping[str, str], at: datetime) -> Document:
    """A letter's row: the envelope of its event, as far as it has one, and why it was set aside. No payload."""
    return {
        "_id": f"{record.partition}:{record.offset}",
        "at": at,
        "type": headers.get("ce_type", ""),
        "subject": headers.get("ce_subject", ""),
        "event_id": headers.get("ce_id", "") if headers.get("ce_subject") else "",
        "trace_id": telemetry.trace_of(headers.get("traceparent")).get("trace_id", ""),
        "topic": headers.get("dlq_topic", ""),
        "partition": _number(headers.get("dlq_partition", "")),
        "offset": _number(headers.get("dlq_offset", "")),
        "attempts": max(0, _number(headers.get("dlq_attempts", ""))),
        "reason": headers.get("dlq_reason", ""),
    }


def _number(text: str) -> int:
    """A header's number; -1 for anything else: no message in the topic may end the worker."""
    return int(text) if text.isascii() and text.isdigit() else -1


def place_of(row: Document) -> tuple[int, int]:
    """A letter's partition and offset in the topic of dead letters."""
    partition, _, offset = row["_id"].partition(":")
    return int(partition), int(offset)


def _original(record: Record) -> Record:
    """The message as the consumer received it, read back from its dead letter."""
    added = {name: raw.decode() for name, raw in record.headers if name in ("dlq_topic", "dlq_partition", "dlq_offset")}
    return Record(
        added["dlq_topic"], int(added["dlq_partition"]), int(added["dlq_offset"]), record.key, record.value,
        original(record.headers), record.timestamp,
    )  # fmt: skip
