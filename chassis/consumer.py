"""The consumer: each event's effect happens once, in a transaction with its inbox row; then the offset is committed.

What goes wrong is told apart: an outage waits (the partition pauses, its place is kept), bad data and a handler
that keeps failing go to the dead letters, an unknown type or version is skipped and counted.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata
from pymongo import ASCENDING, IndexModel

from chassis import telemetry
from chassis.broker import RECONNECT_MS
from chassis.dead_letters import DeadLetter, DeadLetters
from chassis.events import Contract, Envelope, Event, SchemaBroken, Undecodable, decode
from chassis.mongo import database_now, is_outage
from chassis.unit import Unit, UnitOfWork

INBOX = "inbox"
TRIES = 5
POLL_MS = 500
MAX_RECORDS = 100
OUTAGE_WAIT_S = 1.0
RETRY_WAIT_S = 0.1

Handler = Callable[[Event, Unit, Any], None]


def inbox_indexes(horizon: timedelta) -> list[IndexModel]:
    """Inbox rows outlive the outbox rows by a tenth, so that what is published again meets them."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(horizon.total_seconds() * 1.1))]


class Outage(Exception):
    """An engine is away; the message keeps its place."""


class Inbox:
    """Applies an event exactly once for one group."""

    def __init__(self, work: UnitOfWork, group: str, handlers: Mapping[str, Handler], config: Any) -> None:
        self._work = work
        self._group = group
        self._handlers = handlers
        self._config = config

    def apply(self, event: Event) -> bool:
        """Runs the event's handler; False when this group has had the event before."""
        row_id = f"{self._group}:{event.id}"

        def effect(unit: Unit) -> bool:
            if unit.find(INBOX, {"_id": row_id}):
                return False
            unit.collection(INBOX).insert_one({"_id": row_id, "at": unit.now}, session=unit.session)
            self._handlers[event.name](event, unit, self._config)
            return True

        return self._work.run(effect)


class Consumer:
    """Feeds one service's handlers from its topics until ``stop`` is set."""

    def __init__(
        self,
        kafka: str,
        work: UnitOfWork,
        contract: Contract,
        group: str,
        handlers: Mapping[str, Handler],
        config: Any,
        stop: threading.Event,
    ) -> None:
        self._kafka = kafka
        self._work = work
        self._contract = contract
        self._group = group
        self._handlers = handlers
        self._inbox = Inbox(work, group, handlers, config)
        self._stop = stop
        self._dead_letters = DeadLetters(kafka, group)
        self._resume_at: dict[TopicPartition, float] = {}

    def run(self) -> None:
        """Returns when ``stop`` is set. A lost broker is waited for."""
        while not self._stop.is_set():
            try:
                self._session()
            except (KafkaError, OSError) as error:
                telemetry.log.warning("consumer_waits", error=telemetry.error_name(error))
                self._stop.wait(OUTAGE_WAIT_S)
        self._dead_letters.close()

    def _session(self) -> None:
        topics = sorted(set().union(*map(self._contract.topics, self._handlers)))
        consumer = KafkaConsumer(
            bootstrap_servers=self._kafka,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=MAX_RECORDS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            reconnect_backoff_max_ms=RECONNECT_MS,
        )
        self._resume_at.clear()
        try:
            # a group that is joined before its topics are made gets no partitions, and is told of them minutes later
            if missing := sorted(set(topics) - consumer.topics()):
                raise KafkaError(f"not there yet: {', '.join(missing)}")
            consumer.subscribe(topics)
            while not self._stop.is_set():
                self._resume(consumer)
                for partition, records in consumer.poll(timeout_ms=POLL_MS).items():
                    self._take(consumer, partition, records)
                    if self._stop.is_set():
                        break
        finally:
            with suppress(KafkaError):
                consumer.close(autocommit=False, timeout_ms=2_000)

    def _take(self, consumer: KafkaConsumer, partition: TopicPartition, records: list[Any]) -> None:
        """Handles the records of one partition in order and commits as far as it came."""
        done = None
        try:
            for record in records:
                self._handle(record)
                done = record.offset + 1
        except Outage:
            consumer.pause(partition)
            consumer.seek(partition, records[0].offset if done is None else done)
            self._resume_at[partition] = time.monotonic() + OUTAGE_WAIT_S
        if done is not None:
            try:
                consumer.commit({partition: OffsetAndMetadata(done, "", -1)})
            except KafkaError as error:  # the effects stand; the inbox drops them when they come again
                telemetry.log.warning("commit_failed", error=telemetry.error_name(error))

    def _resume(self, consumer: KafkaConsumer) -> None:
        now = time.monotonic()
        due = [partition for partition, moment in self._resume_at.items() if moment <= now]
        for partition in due:
            del self._resume_at[partition]
            if partition in consumer.assignment():
                consumer.resume(partition)

    def _handle(self, record: Any) -> None:
        """Brings one message to an end: applied, dropped, skipped or dead. `Outage` when none can be had now."""
        try:
            envelope = decode(record.value, record.headers)
        except Undecodable as error:
            self._bury(record, 1, error.reason)
            return
        if envelope.name not in self._handlers or not self._contract.known(envelope.name, envelope.version):
            telemetry.EVENTS.labels(envelope.name, "skipped").inc()
            return
        parent = {"traceparent": envelope.traceparent} if envelope.traceparent else None
        with telemetry.span(f"{self._group} {envelope.name}", parent, subject=envelope.subject):
            self._handle_event(record, envelope)

    def _handle_event(self, record: Any, envelope: Envelope) -> None:
        try:
            data = self._contract.load(envelope.name, envelope.payload)
        except SchemaBroken as error:
            self._bury(record, 1, f"breaks the schema at {', '.join(error.fields)}")
            return
        event = Event(envelope.id, envelope.name, envelope.subject, envelope.sequence, envelope.time, data)
        for attempt in range(1, TRIES + 1):
            began = time.monotonic()
            try:
                fresh = self._inbox.apply(event)
            except Exception as error:
                if is_outage(error):
                    telemetry.log.warning("database_away", error=telemetry.error_name(error))
                    raise Outage from error
                self._say_failed(event, attempt, error)
                if attempt == TRIES:
                    self._bury(record, attempt, f"handler failed: {telemetry.error_name(error)}")
                elif self._stop.wait(RETRY_WAIT_S * 2**attempt):
                    raise Outage from error
            else:
                self._say_done(record, event, fresh, time.monotonic() - began)
                return

    def _say_done(self, record: Any, event: Event, fresh: bool, seconds: float) -> None:
        outcome = "applied" if fresh else "repeated"
        telemetry.EVENTS.labels(event.name, outcome).inc()
        telemetry.EVENT_SECONDS.labels(event.name).observe(seconds)
        if fresh:
            age = database_now(self._work.database) - event.time
            telemetry.EVENT_AGE.labels(event.name).observe(age.total_seconds())
        telemetry.log.info(
            "event_handled",
            event_type=event.name,
            event_id=event.id,
            subject=event.subject,
            outcome=outcome,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            ms=round(seconds * 1000, 1),
        )

    def _say_failed(self, event: Event, attempt: int, error: BaseException) -> None:
        telemetry.log.error(
            "handler_failed",
            event_type=event.name,
            event_id=event.id,
            attempt=attempt,
            error=telemetry.error_name(error),
            place=telemetry.error_place(error),
        )

    def _bury(self, record: Any, attempts: int, reason: str) -> None:
        """Sets a message aside; `Outage` when the dead letters cannot be written, so that nothing is skipped."""
        try:
            self._dead_letters.put(record, DeadLetter(self._group, attempts, reason))
        except KafkaError as error:
            raise Outage from error
        telemetry.EVENTS.labels("?", "dead").inc()
        telemetry.log.error("dead_letter", topic=record.topic, partition=record.partition, offset=record.offset)
