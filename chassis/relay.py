"""The relay: publishes the outbox, each aggregate in order, at least once.

One relay a service holds the lease. It is woken by a change stream and, should that fail or miss, by a sweep
every second. The broker being away means waiting, for as long as it takes.
"""

import threading
import time
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from pymongo.errors import PyMongoError

from chassis import outbox, telemetry
from chassis.broker import SEND_TIMEOUT_S, Broker
from chassis.clock import DATABASE_CLOCK, Clock
from chassis.events import encode
from chassis.lease import Lease
from chassis.mongo import Document, Documents
from chassis.watchdog import Limits, Pulse, Watchdog

BATCH = 500
SWEEP_MS = 1_000
LOG_CHECK_S = 10


class Relay:
    """Publishes one service's outbox until ``stop`` is set."""

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
        """Whether rows are published, or none is pending, or another process leads."""
        return self._watchdog.healthy()

    def run(self) -> None:
        """Returns when ``stop`` is set. A failed session is begun again at the lowest pending row.

        `chassis.watchdog.Stuck` where rows are pending and none is published, though the brokers answer.
        """
        try:
            self._watchdog.run(self._follow_or_lead)
        finally:
            with suppress(PyMongoError):  # the lease ends by itself when the database is away
                self._lease.release()

    def _follow_or_lead(self, pulse: Pulse) -> None:
        pulse.ready = True
        try:
            while not self._over(pulse):
                pulse.beat()
                if self._lease.hold():
                    pulse.stuck_since = self._waiting_since
                    self._session(pulse)
                else:
                    self._moves(pulse)
                    self._stop.wait(SWEEP_MS / 1000)
        except (KafkaError, PyMongoError, OSError):
            telemetry.RELAY_FAILURES.inc()
            if pulse.stalled(time.monotonic(), self._limits):
                self._waiting_since = None  # it is replaced, and has its time again
            raise

    def _over(self, pulse: Pulse) -> bool:
        return self._stop.is_set() or pulse.over.is_set()

    def _session(self, pulse: Pulse) -> None:
        """One producer's life, under the lease: until its connections are no longer those that reached this log."""
        telemetry.log.info("relay_leads", epoch=self._lease.epoch)
        self._offsets.clear()
        producer = self._broker.steady_producer()
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
                        inserts.try_next()  # waits for a new row, a sweep's length at most
        finally:
            with suppress(KafkaError):  # what was not acknowledged is pending still
                producer.close(timeout=2)

    def _publish(self, producer: KafkaProducer, log_ids: dict[str, str], pulse: Pulse) -> int:
        """Publishes the next batch and marks it; how many. Raises `KafkaError` at the first failed send.

        A batch after an outage may take longer than the lease lasts: what comes after its end is the next one's.
        """
        sent: list[Document] = []
        rows = outbox.pending(self._database, BATCH)
        if not rows:
            self._moves(pulse)
            return 0
        if self._waiting_since is None:
            pulse.stuck_since = self._waiting_since = time.monotonic()
        now = self._clock.now(self._database)
        for turn in _turns(rows):
            if self._over(pulse) or not self._lease.hold():
                break
            self._send(producer, turn, now)
            sent += turn
            pulse.beat()
        if sent:
            outbox.mark_published(self._database, sent, log_ids, self._clock.now(self._database))
            self._moves(pulse)
        return len(sent)

    def _moves(self, pulse: Pulse) -> None:
        """Nothing stands still: rows were published, none is pending, or another process leads."""
        pulse.stuck_since = self._waiting_since = None
        pulse.progress = True

    def _send(self, producer: KafkaProducer, rows: list[Document], now: datetime) -> None:
        """Sends rows of different subjects at once; raises `KafkaError` unless the broker has every one of them.

        An offset that does not rise is that of a log that was made anew: what was in the old one comes first, then.
        The messages' time is the database's: brokers refuse what comes from an hour or more ahead of them.
        """
        futures, at = [], round(now.timestamp() * 1000)
        for row in rows:
            key, value, headers = encode(outbox.envelope(row))
            futures.append(producer.send(row["topic"], key=key, value=value, headers=headers, timestamp_ms=at))
        for row, future in zip(rows, futures, strict=True):
            record = future.get(timeout=SEND_TIMEOUT_S)
            if record.offset <= self._offsets.get((record.topic, record.partition), -1):
                raise KafkaError("the log was replaced")
            self._offsets[record.topic, record.partition] = record.offset
            telemetry.PUBLISHED.labels(row["topic"]).inc()
            parent = {"traceparent": row["traceparent"]} if row["traceparent"] else None
            with telemetry.span(f"publish {row['name']}", parent, subject=row["subject"]):
                self._say_published(row, record)

    def _say_published(self, row: Document, record: Any) -> None:
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
        """Which log each topic is now (cluster and topic id); rows published to another one are pending again."""
        admin = self._broker.admin()
        try:
            cluster = admin.describe_cluster()["cluster_id"]
            described = {topic["name"]: topic for topic in admin.describe_topics(self._topics)}
        finally:
            admin.close()
        logs = {}
        for name in self._topics:
            topic = described.get(name)
            if topic is None or topic.get("error_code"):
                raise KafkaError(f"topic {name} is not there (provision the topics)")
            logs[name] = f"{cluster}/{topic['topic_id']}"
            lost = outbox.reopen_lost(self._database, name, logs[name])
            if lost:
                telemetry.log.warning("log_replaced", topic=name, republishing=lost)
        return logs


def _turns(rows: list[Document]) -> list[list[Document]]:
    """The rows in turns of at most one a subject, each subject in its sequence.

    A turn begins when the one before is acknowledged whole, so a failed send never lets a later event of the same
    subject pass, whatever the producer does with what it still holds.
    """
    turns: list[list[Document]] = []
    place: dict[str, int] = defaultdict(int)
    for row in rows:
        turn = place[row["subject"]]
        if turn == len(turns):
            turns.append([])
        turns[turn].append(row)
        place[row["subject"]] = turn + 1
    return turns
