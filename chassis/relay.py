"""The relay: publishes a service's outbox, in order for each aggregate, at least once.

Only the process that holds the lease publishes. A change stream wakes it, and a sweep every second finds the rows that
the stream missed. While the broker is away it waits, however long that takes.
"""

import threading
import time
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

from pymongo.errors import PyMongoError

from chassis import outbox, telemetry
from chassis.broker import Broker
from chassis.broker.clients import SEND_TIMEOUT_S, BrokerError, Place, Producer
from chassis.clock import DATABASE_CLOCK, Clock
from chassis.events import encode
from chassis.lease import Lease
from chassis.mongo import Document, Documents
from chassis.watchdog import Limits, Pulse, Watchdog

BATCH = 500
SWEEP_MS = 1_000
LOG_CHECK_S = 10


class Relay:
    """Publishes one service's outbox to its topics until ``stop`` is set. ``lease`` is the duration of the lease."""

    def __init__(
        self,
        database: Documents,
        broker: Broker,
        topics: list[str],
        stop: threading.Event,
        lease: timedelta,
        limits: Limits | None = None,
        clock: Clock = DATABASE_CLOCK,
    ) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._database = database
        self._broker = broker
        self._topics = topics
        self._stop = stop
        self._lease = Lease(database, "relay", lease)
        self._offsets: dict[tuple[str, int], int] = {}
        self._waiting_since: float | None = None
        self._watchdog = Watchdog("relay", broker, stop, self._limits)

    def healthy(self) -> bool:
        """Whether this relay publishes its pending rows, has none, or leaves them to the process with the lease."""
        return self._watchdog.healthy()

    def run(self) -> None:
        """Publishes until ``stop`` is set. After a failed session, a new one starts at the lowest pending row.

        Raises `chassis.watchdog.Stuck` when rows are pending and none is published, though the brokers answer.
        """
        try:
            self._watchdog.run(self._follow_or_lead)
        finally:
            with suppress(PyMongoError):  # the lease expires by itself when the database is away
                self._lease.release()

    def _follow_or_lead(self, pulse: Pulse) -> None:
        """Publishes while this process holds the lease; otherwise tries to take it every second."""
        pulse.ready = True
        try:
            while not self._over(pulse):
                pulse.beat()
                if self._lease.hold():
                    pulse.stuck_since = self._waiting_since
                    self._session(pulse)
                else:
                    self._mark_progress(pulse)
                    self._stop.wait(SWEEP_MS / 1000)
        except (BrokerError, PyMongoError, OSError):
            telemetry.RELAY_FAILURES.inc()
            if pulse.stalled(time.monotonic(), self._limits):
                self._waiting_since = None  # the client is replaced, and the new one gets the full time
            raise

    def _over(self, pulse: Pulse) -> bool:
        return self._stop.is_set() or pulse.over.is_set()

    def _session(self, pulse: Pulse) -> None:
        """Publishes with one producer while the lease is held.

        Returns early when a connection of the producer is lost, because the broker may return with another log.
        """
        telemetry.log.info("relay_leads", epoch=self._lease.epoch)
        self._offsets.clear()
        producer = self._broker.clients().steady_producer(self._topics)
        try:
            with self._database[outbox.COLLECTION].watch(
                [{"$match": {"operationType": "insert"}}], max_await_time_ms=SWEEP_MS
            ) as inserts:
                log_ids, checked = self._check_log(), time.monotonic()
                while not self._over(pulse) and self._lease.hold():
                    pulse.beat()
                    if time.monotonic() - checked > LOG_CHECK_S:
                        if not producer.whole():
                            return
                        log_ids, checked = self._check_log(), time.monotonic()
                    if not self._publish(producer, log_ids, pulse):
                        inserts.try_next()  # waits up to SWEEP_MS for a new row
        finally:
            with suppress(BrokerError):  # rows that were not acknowledged are still pending
                producer.close(timeout=2)

    def _publish(self, producer: Producer, log_ids: dict[str, str], pulse: Pulse) -> int:
        """Publishes the next batch, marks it as published and returns its size. Raises `BrokerError` if a send fails.

        After an outage a batch may outlast the lease. The rows that remain are then left to the next holder.
        """
        sent: list[Document] = []
        rows = outbox.pending(self._database, BATCH, self._clock)
        if not rows:
            self._mark_progress(pulse)
            return 0
        if self._waiting_since is None:
            pulse.stuck_since = self._waiting_since = time.monotonic()
        for step in _steps(rows):
            if self._over(pulse) or not self._lease.hold():
                break
            self._send(producer, step)
            sent += step
            pulse.beat()
        if sent:
            outbox.mark_published(self._database, sent, log_ids, self._clock)
            self._mark_progress(pulse)
        return len(sent)

    def _mark_progress(self, pulse: Pulse) -> None:
        """Notes that the relay is not stuck: rows were published, none is pending, or another process leads."""
        pulse.stuck_since = self._waiting_since = None
        pulse.progress = True

    def _send(self, producer: Producer, rows: list[Document]) -> None:
        """Sends rows of different subjects concurrently. Raises `BrokerError` unless the broker acknowledges each one.

        An offset that does not rise means that the log was replaced; the events of the old log must then be published
        again first. Messages carry the database's time: brokers refuse timestamps an hour or more ahead of their own.
        """
        futures = []
        for row in rows:
            at = round(row["read_at"].timestamp() * 1000)
            key, value, headers = encode(outbox.envelope(row))
            futures.append(producer.send(row["topic"], key=key, value=value, headers=headers, timestamp_ms=at))
        for row, future in zip(rows, futures, strict=True):
            record = future.get(timeout=SEND_TIMEOUT_S)
            if record.offset <= self._offsets.get((record.topic, record.partition), -1):
                raise BrokerError("the topic's log was replaced")
            self._offsets[record.topic, record.partition] = record.offset
            telemetry.PUBLISHED.labels(row["topic"]).inc()
            parent = {"traceparent": row["traceparent"]} if row["traceparent"] else None
            with telemetry.span(f"publish {row['name']}", parent, subject=row["subject"]):
                self._log_published(row, record)

    def _log_published(self, row: Document, record: Place) -> None:
        telemetry.log.info(
            "event_published",
            event_type=row["name"],
            event_id=row["_id"],
            subject=row["subject"],
            sequence=row["sequence"],
            topic=row["topic"],
            partition=record.partition,
            offset=record.offset,
        )

    def _check_log(self) -> dict[str, str]:
        """Returns the id of each topic's log (cluster and topic id); rows published to an older one become pending."""
        logs = self._broker.clients().logs(self._topics)
        for name, log_id in logs.items():
            if lost := outbox.reopen_lost(self._database, name, log_id):
                telemetry.log.warning("log_replaced", topic=name, republishing=lost)
        return logs


def _steps(rows: list[Document]) -> list[list[Document]]:
    """Splits the rows into steps with at most one row per subject, each subject in its sequence.

    A step is sent once the step before is acknowledged completely. So no event overtakes an earlier one of the same
    subject whose send failed, whatever the producer does with messages that it still buffers.
    """
    steps: list[list[Document]] = []
    next_step: dict[str, int] = defaultdict(int)
    for row in rows:
        number = next_step[row["subject"]]
        if number == len(steps):
            steps.append([])
        steps[number].append(row)
        next_step[row["subject"]] = number + 1
    return steps
