"""Handling: processes the messages of a partition in order, up to `BATCH` per transaction.

Each message is applied, dropped because its effect is already stored, skipped because this group has no handler for
it, or moved to the dead letters. Later events of an aggregate that has a dead letter follow it there (`chassis.held`).
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import PyMongoError

from chassis import held, telemetry
from chassis.broker.clients import BrokerError, Record
from chassis.dead_letters import DeadLetter, DeadLetters, drop_of
from chassis.events import Contract, Envelope, Event, SchemaBroken, Undecodable, decode, identity, key_of, publisher_of
from chassis.inbox import Handler, Inbox
from chassis.mongo import is_outage
from chassis.unit import UnitOfWork

TRIES = 5
BATCH = 50
"""Maximum number of events whose effects share a transaction."""
RETRY_WAIT_S = 0.1


class Outage(Exception):
    """Kafka or MongoDB is unavailable, so the message is not handled now and its offset is not committed."""


class DatabaseAway(Outage):
    """MongoDB is unavailable, so no partition can continue."""


@dataclass(frozen=True)
class Message:
    """One record after decoding: an ``event`` to handle, a defect in ``wrong``, or neither, which is skipped.

    ``event_id`` and ``aggregate`` come from its headers unchecked, and are empty when the headers are missing.
    """

    record: Record
    event_id: str = ""
    aggregate: str = ""
    event: Event | None = None
    wrong: str = ""
    dropped_by: str = ""
    """The group whose dead letter an operator dropped with this message; empty for any other message."""


class Handling:
    """Processes messages for one consumer group.

    ``poison`` counts consecutive messages that became dead letters by their own fault, with none handled in between.
    """

    def __init__(
        self,
        work: UnitOfWork,
        contract: Contract,
        group: str,
        handlers: Mapping[str, Handler],
        config: Any,
        dead_letters: DeadLetters,
        stop: threading.Event,
    ) -> None:
        self.poison = 0
        self._work = work
        self._contract = contract
        self._group = group
        self._handled = {key_of(kind) for kind in handlers}
        self._inbox = Inbox(work, group, handlers, config)
        self._dead_letters = dead_letters
        self._stop = stop
        self._held: dict[str, list[str]] = {}
        """The held aggregates among the current messages, with the ids of their waiting events."""
        self._one_by_one = 0
        """How many of the next messages to handle one by one, after their batch has failed."""
        self._batch_limit = BATCH
        """The current maximum batch size: halved after an outage, then raised by one with each success."""

    def begin(self, records: Sequence[Record]) -> list[Message]:
        """Decodes records and looks up which of their aggregates are held. Raises `DatabaseAway`.

        It does not ask about messages that are skipped: whether their aggregates are held makes no difference.
        """
        messages = [self._decode(record) for record in records]
        self._one_by_one = 0
        concerned = [one.aggregate for one in messages if one.event or one.wrong or one.dropped_by]
        try:
            self._held = held.among(self._work.database, concerned) if concerned else {}
        except PyMongoError as error:
            raise self._database_away(error) from error
        return messages

    def advance(self, messages: Sequence[Message]) -> int:
        """Processes the next message or batch and returns how many messages that was.

        Raises `Outage` when none can be processed now.
        """
        batch = self._batch(messages)
        if len(batch) > 1:
            if self._apply_together(batch):
                return len(batch)
            self._one_by_one = len(batch)  # one of them fails, and handling each alone shows which
        self._one_by_one = max(0, self._one_by_one - 1)
        self._handle(messages[0])
        return 1

    def _decode(self, record: Record) -> Message:
        """Decodes and validates a record; counts the ones to skip."""
        event_id, subject = identity(record.headers) or ("", "")
        aggregate = held.key(self._group, record.topic, subject) if event_id else ""
        if group := drop_of(record.headers):
            return Message(record, event_id, aggregate, dropped_by=group)
        try:
            envelope = decode(record.value, record.headers)
            kind = (envelope.name, envelope.version)
            if kind not in self._handled or not self._contract.known(*kind):
                telemetry.EVENTS.labels(envelope.name, "skipped").inc()
                return Message(record, event_id, aggregate)
            if not self._is_from_publisher(envelope, record.topic):
                telemetry.EVENTS.labels(envelope.name, "foreign").inc()
                telemetry.log.error("foreign_event", event_type=envelope.name, topic=record.topic,
                                    partition=record.partition, offset=record.offset)  # fmt: skip
                return Message(record, event_id, aggregate)
            data = self._contract.load(envelope.name, envelope.payload, envelope.version)
        except Undecodable as error:
            return Message(record, event_id, aggregate, wrong=error.reason)
        except SchemaBroken as error:
            return Message(record, event_id, aggregate, wrong=f"breaks the schema at {', '.join(error.fields)}")
        event = Event(
            envelope.id, envelope.name, envelope.subject, envelope.sequence, envelope.time, data, envelope.traceparent,
            envelope.version,
        )  # fmt: skip
        return Message(record, event_id, aggregate, event)

    def _is_from_publisher(self, envelope: Envelope, topic: str) -> bool:
        """Whether the event's source may publish it, and the topic belongs to that source.

        Brokers let each service write to its own topics only, so the topic proves who wrote the event. Any of them
        will do: before an event had a topic of its own, it was in its publisher's general one.
        """
        publisher = publisher_of(envelope.source)
        may_publish = self._contract.publishes(publisher, envelope.name, envelope.version)
        return may_publish and topic in self._contract.topics_of(publisher)

    def _batch(self, messages: Sequence[Message]) -> list[Message]:
        """The leading messages that may share a transaction; empty while messages are handled one by one."""
        if self._one_by_one:
            return []
        for number, message in enumerate(messages[: self._batch_limit]):
            if message.wrong or message.dropped_by or message.aggregate in self._held:
                return list(messages[:number])
        return list(messages[: self._batch_limit])

    def _apply_together(self, messages: Sequence[Message]) -> bool:
        """Applies a batch in one transaction. Returns False, with nothing stored, when one of the handlers fails."""
        events = [message.event for message in messages if message.event]  # skipped messages may be part of a batch
        if not events:
            return True
        began = time.monotonic()
        try:
            fresh = self._inbox.apply_all(events)
        except Exception as error:
            if is_outage(error):
                self._batch_limit = max(1, len(messages) // 2)  # a transaction that is too large fails the same way
                raise self._database_away(error) from error
            return False
        self._done([message for message in messages if message.event], fresh, (time.monotonic() - began) / len(events))
        return True

    def _handle(self, message: Message) -> None:
        """Processes one message on its own."""
        if message.dropped_by:
            self._release_dropped(message)
            return
        if message.event is None and not message.wrong:
            return
        waits_for = held.first(self._held.get(message.aggregate))
        if waits_for not in (None, message.event_id):
            self._give_up(message, 0, f"follows {waits_for}")
        elif message.event is None:
            self._write_dead_letter(message, 1, message.wrong)
        else:
            self._try(message, message.event, message.aggregate if waits_for else None)

    def _try(self, message: Message, event: Event, release: str | None) -> None:
        """Applies one event, up to `TRIES` times. ``release`` names its held aggregate, if the event is first in it."""
        for attempt in range(1, TRIES + 1):
            began = time.monotonic()
            try:
                fresh = self._inbox.apply(event, release=release)
            except Exception as error:
                if is_outage(error):
                    raise self._database_away(error) from error
                self._log_failure(event, attempt, error)
                if attempt == TRIES:
                    self._give_up(message, attempt, f"handler failed: {telemetry.error_name(error)}")
                elif self._stop.wait(RETRY_WAIT_S * 2**attempt):
                    raise Outage from error
            else:
                if release:
                    self._forget(message)
                self._done([message], [fresh], time.monotonic() - began)
                return

    def _release_dropped(self, message: Message) -> None:
        """Removes a dead letter that an operator dropped from the events that its aggregate waits for."""
        if message.dropped_by != self._group or not message.aggregate:
            return
        try:
            self._work.run(lambda unit: held.release(unit, message.aggregate, message.event_id))
        except PyMongoError as error:
            raise self._database_away(error) from error
        self._forget(message)

    def _give_up(self, message: Message, attempts: int, reason: str) -> None:
        """Writes a dead letter, unless the effect is stored: another member may have handled the event meanwhile."""
        if self._inbox_has(message):
            self._done([message], [False], 0.0)
        else:
            self._write_dead_letter(message, attempts, reason)

    def _write_dead_letter(self, message: Message, attempts: int, reason: str) -> None:
        """Moves a message to the dead letters and holds its aggregate.

        Raises `Outage` when the dead letters cannot be written, so that the message is never lost. ``attempts`` is 0
        for an event that only follows another dead letter.
        """
        record = message.record
        try:
            self._dead_letters.put(record, DeadLetter(self._group, attempts, reason))
            if message.aggregate:
                held.hold(self._work.database, message.aggregate, message.event_id)
        except BrokerError as error:
            telemetry.log.error("dead_letters_not_writable", error=telemetry.error_name(error))
            raise Outage from error
        except PyMongoError as error:
            raise self._database_away(error) from error
        if message.aggregate:
            waiting = self._held.setdefault(message.aggregate, [])
            if message.event_id not in waiting:
                waiting.append(message.event_id)
        self.poison += 1 if attempts else 0  # an event that only follows a dead letter is not poison itself
        telemetry.EVENTS.labels("?", "dead").inc()
        telemetry.log.error(
            "dead_letter", topic=record.topic, partition=record.partition, offset=record.offset, reason=reason
        )

    def _forget(self, message: Message) -> None:
        """Removes the message from the events that its aggregate waits for, as far as this process remembers them."""
        waiting = [event_id for event_id in self._held.pop(message.aggregate, []) if event_id != message.event_id]
        if waiting:
            self._held[message.aggregate] = waiting

    def _inbox_has(self, message: Message) -> bool:
        try:
            return message.event is not None and self._inbox.has(message.event_id)
        except PyMongoError as error:
            raise self._database_away(error) from error

    def _database_away(self, error: BaseException) -> DatabaseAway:
        telemetry.log.warning("database_away", error=telemetry.error_name(error))
        return DatabaseAway()

    def _done(self, messages: Sequence[Message], fresh: Sequence[bool], seconds: float) -> None:
        """Counts and logs handled messages. ``seconds`` is the time that each of them took."""
        self.poison = 0
        self._batch_limit = min(BATCH, self._batch_limit + 1)
        now = self._inbox.now()
        for message, is_fresh in zip(messages, fresh, strict=True):
            if message.event is None:
                continue
            event, record, outcome = message.event, message.record, "applied" if is_fresh else "repeated"
            telemetry.EVENTS.labels(event.name, outcome).inc()
            telemetry.EVENT_SECONDS.labels(event.name).observe(seconds)
            if is_fresh and now:
                telemetry.EVENT_AGE.labels(event.name).observe((now - event.time).total_seconds())
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
                **(self._inbox.spans.get(event.id) or telemetry.trace_of(event.traceparent)),
            )

    def _log_failure(self, event: Event, attempt: int, error: BaseException) -> None:
        telemetry.log.error(
            "handler_failed",
            event_type=event.name,
            event_id=event.id,
            attempt=attempt,
            error=telemetry.error_name(error),
            place=telemetry.error_place(error),
            **telemetry.trace_of(event.traceparent),
        )
