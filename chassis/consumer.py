"""The consumer: polls a service's topics, passes the messages to `chassis.handling`, then commits the offsets.

During an outage a partition pauses and keeps its position. A long run of poison messages halts the consumer before it
drains the topic into the dead letters: then the handler or the producer is broken, and an operator must act.
"""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from chassis import telemetry
from chassis.broker import Broker
from chassis.broker.clients import BrokerError, Member, Partition, Record
from chassis.dead_letters import DeadLetters
from chassis.events import Contract, key_of
from chassis.handling import DatabaseAway, Handling, Outage
from chassis.inbox import Handler
from chassis.unit import UnitOfWork
from chassis.watchdog import Limits, Progress, Pulse, Watchdog

POLL_MS = 500
POLL_BUDGET_S = 60.0
"""Maximum time spent on one poll before committing, in seconds.

Beyond `clients.MAX_POLL_INTERVAL_MS` the group evicts the consumer.
"""
OUTAGE_WAIT_S = 1.0
PROGRESS_CHECK_S = 10.0
"""Seconds between two comparisons of the positions with the ends of their partitions."""
STUCK_CHECK_S = 1.0
"""The same interval while a partition is behind and does not move, so that readiness returns soon after it moves."""
END_OFFSETS_TIMEOUT_MS = 5_000
POISON_IN_A_ROW = 50
"""Number of consecutive poison messages, with none handled in between, that halts the consumer."""


class Halted(Exception):
    """`POISON_IN_A_ROW` was reached: continuing would drain the topic into the dead letters."""


class Consumer:
    """Feeds one service's handlers from its topics until ``stop`` is set."""

    def __init__(
        self,
        broker: Broker,
        work: UnitOfWork,
        contract: Contract,
        group: str,
        handlers: Mapping[str, Handler],
        config: Any,
        stop: threading.Event,
        limits: Limits | None = None,
    ) -> None:
        self._broker = broker
        self._group = group
        self._topics = sorted(set().union(*(contract.topics(*key_of(kind)) for kind in handlers)))
        self._stop = stop
        self._dead_letters = DeadLetters(broker, group)
        self._handling = Handling(work, contract, group, handlers, config, self._dead_letters, stop)
        self._watchdog = Watchdog("consumer", broker, stop, limits)
        self.session: Session | None = None
        """The current session, or the last one."""
        self.halted = False
        """Whether the consumer has stopped after too much poison and waits for an operator's restart."""

    def healthy(self) -> bool:
        """Whether the consumer is an active member of its group, no partition is stuck, and it is not halted."""
        return not self.halted and self._watchdog.healthy()

    def run(self) -> None:
        """Consumes until ``stop`` is set. Waits while the broker is away and, once halted, until the process stops.

        Raises `chassis.watchdog.Stuck` when the brokers answer, yet it cannot join the group or reads no events.
        """
        telemetry.HALTED.set(0)
        for topic in self._topics:  # Prometheus misses the first increment of a counter that was never exposed as zero
            telemetry.LOST.labels(topic)
        try:
            self._watchdog.run(self._session)
        except Halted:
            self.halted = True
            telemetry.HALTED.set(1)
            telemetry.log.error("consumer_halted", poison_in_a_row=self._handling.poison)
            self._stop.wait()
        self._dead_letters.close()

    def _session(self, pulse: Pulse) -> None:
        """Runs one Kafka client until it is stopped or fails. Raises `BrokerError` and `Halted`."""
        consumer = self._broker.clients().member(self._group)
        self.session = session = Session(consumer, self._handling, pulse, self._stop)
        try:
            # a member that joins before its topics exist gets no partitions and learns of them minutes later
            if missing := sorted(set(self._topics) - consumer.topics()):
                raise BrokerError(f"topics do not exist yet: {', '.join(missing)}")
            session.run(self._topics)
        finally:
            with suppress(BrokerError):
                consumer.close(timeout_ms=2_000)


class Session:
    """One Kafka client's membership of the group, from subscribing until the client is closed."""

    def __init__(self, consumer: Member, handling: Handling, pulse: Pulse, stop: threading.Event) -> None:
        self._consumer = consumer
        self._handling = handling
        self._pulse = pulse
        self._stop = stop
        self._resume_at: dict[Partition, float] = {}
        self._uncommitted: dict[Partition, int] = {}
        self._progress = Progress()
        self._checked_at = 0.0
        self._assigned: list[Partition] = []
        """Partitions assigned since the last poll."""
        self._next: dict[Partition, int] = {}
        """The next offset expected of each partition, where it is known. Our topics have no gaps in their offsets."""

    def run(self, topics: Sequence[str]) -> None:
        """Polls and handles events until the session is stopped. Raises `BrokerError` and `Halted`."""
        self._unassigned()
        self._consumer.subscribe(topics, listener=self)
        while not self._over():
            self._pulse.rebalancing = self._consumer.rebalancing()
            self._pulse.beat()
            self._resume(self._consumer)
            polled = self._consumer.poll(timeout_ms=POLL_MS)
            self._pulse.beat(busy=True)
            if not self._over():
                self._count_lost(polled)
                self._handle_all(self._consumer, polled)
                self._pulse.progress |= bool(polled)
                self._check_progress(idle=not polled)

    def _over(self) -> bool:
        return self._stop.is_set() or self._pulse.over.is_set()

    def _count_lost(self, polled: Mapping[Partition, Sequence[Record]]) -> None:
        """Counts and logs events that were deleted before they were read; the library skips them silently."""
        while self._assigned:
            partition = self._assigned.pop()
            self._next.pop(partition, None)
            if (committed := self._consumer.committed(partition, timeout_ms=END_OFFSETS_TIMEOUT_MS)) is not None:
                self._next[partition] = committed
        for partition, some in polled.items():
            if (lost := some[0].offset - self._next.get(partition, some[0].offset)) > 0:
                telemetry.LOST.labels(partition.topic).inc(lost)
                telemetry.log.error("events_lost", topic=partition.topic, partition=partition.partition, events=lost)
            self._next[partition] = some[-1].offset + 1

    def _check_progress(self, *, idle: bool) -> None:
        """Compares the positions with the ends of the partitions, if the last comparison is long enough ago."""
        now = time.monotonic()
        every = PROGRESS_CHECK_S if self._pulse.stuck_since is None else STUCK_CHECK_S
        if now - self._checked_at < every or self._pulse.unassigned_since is not None:
            return
        self._checked_at = now
        self._pulse.beat()
        mine = sorted(self._consumer.assignment() - self._consumer.paused())
        positions = {partition: self._consumer.position(partition, timeout_ms=POLL_MS) for partition in mine}
        known = {partition: position for partition, position in positions.items() if position is not None}
        ends = self._consumer.end_offsets(list(known), timeout_ms=END_OFFSETS_TIMEOUT_MS) if known else {}
        self._pulse.stuck_since = self._progress.see(now, known, ends, idle=idle)
        self._pulse.progress = self._pulse.stuck_since is None

    def _handle_all(self, consumer: Member, polled: Mapping[Partition, Sequence[Record]]) -> None:
        """Handles the records of one poll, partition by partition, and commits the offset that each has reached.

        All partitions are handled as one sequence, because their effects may share a transaction: after an outage, each
        of fifty partitions may have only a few events.
        """
        records = [record for some in polled.values() for record in some]
        reached: dict[Partition, int] = {}
        until = time.monotonic() + POLL_BUDGET_S
        with suppress(DatabaseAway):
            messages, place = self._handling.begin(records) if records else [], 0
            while place < len(records) and time.monotonic() <= until and not (self._over() or self._poisoned()):
                try:
                    taken = self._handling.advance(messages[place:])
                    reached |= {partition_of(record): record.offset + 1 for record in records[place : place + taken]}
                except DatabaseAway:
                    raise
                except Outage:  # this partition waits, the others continue
                    taken = sum(partition_of(record) == partition_of(records[place]) for record in records[place:])
                place += taken
        self._commit(consumer, reached)
        if self._poisoned():
            raise Halted
        for partition, some in polled.items():
            if (offset := reached.get(partition, some[0].offset)) <= some[-1].offset:
                self._pause(consumer, partition, offset)

    def _poisoned(self) -> bool:
        return self._handling.poison >= POISON_IN_A_ROW

    def _commit(self, consumer: Member, reached: Mapping[Partition, int]) -> None:
        """Commits the offsets reached, and those of earlier commits that failed.

        Without the latter, a partition that receives no further event would show consumer lag for ever.
        """
        mine = consumer.assignment()
        wanted = {part: offset for part, offset in {**self._uncommitted, **reached}.items() if part in mine}
        self._uncommitted = wanted
        if not wanted:
            return
        try:
            consumer.commit(wanted)
            self._uncommitted = {}
        except BrokerError as error:  # the effects are stored, and the inbox drops redelivered events
            telemetry.log.warning("commit_failed", error=telemetry.error_name(error))

    def on_partitions_lost(self, _lost: Collection[Partition]) -> None:
        """Forgets uncommitted offsets after an eviction: partitions that return start at their committed offsets.

        An older offset could belong to a log that was replaced meanwhile, and would skip events of the new one.
        """
        self._uncommitted.clear()
        self._unassigned()

    def on_partitions_revoked(self, _revoked: Collection[Partition]) -> None:
        """Keeps positions and uncommitted offsets: the partitions that remain assigned continue where they were."""
        self._unassigned()

    def on_partitions_assigned(self, assigned: Collection[Partition]) -> None:
        """Notes the new partitions, which start at their committed offsets.

        An empty assignment is valid too: other members have all the partitions.
        """
        self._assigned = list(assigned)
        self._pulse.unassigned_since, self._pulse.ready = None, True

    def _unassigned(self) -> None:
        self._pulse.unassigned_since, self._pulse.ready = time.monotonic(), False

    def _pause(self, consumer: Member, partition: Partition, offset: int) -> None:
        """Pauses a partition for `OUTAGE_WAIT_S`; it then continues from this offset."""
        if partition in consumer.assignment():  # otherwise another member owns it by now
            consumer.pause(partition)
            consumer.seek(partition, offset)
            self._resume_at[partition] = time.monotonic() + OUTAGE_WAIT_S

    def _resume(self, consumer: Member) -> None:
        now = time.monotonic()
        due = [partition for partition, moment in self._resume_at.items() if moment <= now]
        for partition in due:
            del self._resume_at[partition]
            if partition in consumer.assignment():
                consumer.resume(partition)


def partition_of(record: Record) -> Partition:
    """The topic and partition that a record was read from."""
    return Partition(record.topic, record.partition)
