"""The consumer: takes messages from a service's topics, has them handled, then commits the offset.

An outage waits: the partition pauses and keeps its place. Poison without end halts the consumer before everything is
drained into the dead letters: then it is the handler, or the producer, that needs a person.
"""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from chassis import telemetry
from chassis.broker import Broker
from chassis.dead_letters import DeadLetters
from chassis.events import Contract, key_of
from chassis.handling import DatabaseAway, Handling, Outage
from chassis.inbox import Handler
from chassis.unit import UnitOfWork
from chassis.watchdog import Limits, Progress, Pulse, Watchdog

POLL_MS = 500
MAX_RECORDS = 500
FETCH_BYTES = 8 * 1024 * 1024
"""What is fetched ahead, at most: a consumer that is far behind needs no more memory than one that is not."""
TAKE_S = 60.0
"""Maximum time spent on one poll before committing, in seconds; beyond it the consumer would be evicted."""
POLLS_WITHIN_MS = 90_000
"""Maximum time between two polls. A client that is left behind (`chassis.watchdog`) holds its partitions no longer, and
a request to join a group is given up after that. More than `TAKE_S` and the longest transaction."""
OUTAGE_WAIT_S = 1.0
LOOK_AT_ENDS_S = 10.0
"""How often positions are compared with the ends of their partitions."""
LOOK_AGAIN_S = 1.0
"""The same while some lie behind: one that has just begun to read what waited is ready a second later."""
ENDS_WITHIN_MS = 5_000
POISON_IN_A_ROW = 50
"""So many messages set aside without one handled in between halt the consumer."""


class Halted(Exception):
    """So much poison in a row that going on would drain everything into the dead letters."""


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
        """The one of now, or the last."""
        self.halted = False
        """Whether it waits for a person."""

    def healthy(self) -> bool:
        """Whether it is a member of its group with nothing that stands still, and not halted."""
        return not self.halted and self._watchdog.healthy()

    def run(self) -> None:
        """Returns when ``stop`` is set. A lost broker is waited for; halted, it waits for a person's restart.

        `chassis.watchdog.Stuck` where the group cannot be joined, or events are not read, though the brokers answer.
        """
        telemetry.HALTED.set(0)
        for topic in self._topics:  # a counter that begins at nothing hides its first count from Prometheus
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
        consumer = self._broker.consumer(
            group_id=self._group,
            auto_offset_reset="earliest",
            max_poll_records=MAX_RECORDS,
            fetch_max_bytes=FETCH_BYTES,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_000,
            max_poll_interval_ms=POLLS_WITHIN_MS,
        )
        self.session = session = Session(consumer, self._handling, pulse, self._stop)
        try:
            # a group that is joined before its topics are made gets no partitions, and is told of them minutes later
            if missing := sorted(set(self._topics) - consumer.topics()):
                raise KafkaError(f"not there yet: {', '.join(missing)}")
            session.run(self._topics)
        finally:
            with suppress(KafkaError):
                consumer.close(autocommit=False, timeout_ms=2_000)


class Session(ConsumerRebalanceListener):
    """One Kafka client's life as a member of the group."""

    def __init__(self, consumer: KafkaConsumer, handling: Handling, pulse: Pulse, stop: threading.Event) -> None:
        self._consumer = consumer
        self._handling = handling
        self._pulse = pulse
        self._stop = stop
        self._resume_at: dict[TopicPartition, float] = {}
        self._uncommitted: dict[TopicPartition, int] = {}
        self._progress = Progress()
        self._looked = 0.0
        self._assigned: list[TopicPartition] = []
        """Partitions that it was given since the last poll."""
        self._next: dict[TopicPartition, int] = {}
        """The offset that comes next, where it is known: a topic of ours has no gaps."""

    def run(self, topics: Sequence[str]) -> None:
        """Takes events until it is told to stop; raises `KafkaError`, `Halted`."""
        self._unassigned()
        self._consumer.subscribe(topics, listener=self)
        while not self._over():
            self._pulse.rebalancing = is_rebalancing(self._consumer)
            self._pulse.beat()
            self._resume(self._consumer)
            polled = self._consumer.poll(timeout_ms=POLL_MS)
            self._pulse.beat(busy=True)
            if not self._over():
                self._tell_lost(polled)
                self._take_all(self._consumer, polled)
                self._pulse.progress |= bool(polled)
                self._look(idle=not polled)

    def _over(self) -> bool:
        return self._stop.is_set() or self._pulse.over.is_set()

    def _tell_lost(self, polled: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Counts events that were deleted before they were read, which the library passes over without a word."""
        while self._assigned:
            partition = self._assigned.pop()
            self._next.pop(partition, None)
            if (committed := self._consumer.committed(partition, timeout_ms=ENDS_WITHIN_MS)) is not None:
                self._next[partition] = committed
        for partition, some in polled.items():
            if (lost := some[0].offset - self._next.get(partition, some[0].offset)) > 0:
                telemetry.LOST.labels(partition.topic).inc(lost)
                telemetry.log.error("events_lost", topic=partition.topic, partition=partition.partition, events=lost)
            self._next[partition] = some[-1].offset + 1

    def _look(self, *, idle: bool) -> None:
        """Compares where it is with where the partitions end, now and then."""
        now = time.monotonic()
        every = LOOK_AT_ENDS_S if self._pulse.stuck_since is None else LOOK_AGAIN_S
        if now - self._looked < every or self._pulse.unassigned_since is not None:
            return
        self._looked = now
        self._pulse.beat()
        mine = sorted(self._consumer.assignment() - self._consumer.paused())
        positions = {partition: self._consumer.position(partition, timeout_ms=POLL_MS) for partition in mine}
        known = {partition: position for partition, position in positions.items() if position is not None}
        ends = self._consumer.end_offsets(list(known), timeout_ms=ENDS_WITHIN_MS) if known else {}
        self._pulse.stuck_since = self._progress.see(now, known, ends, idle=idle)
        self._pulse.progress = self._pulse.stuck_since is None

    def _take_all(self, consumer: KafkaConsumer, polled: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Has what was polled handled, partition after partition, and commits as far as each came.

        All together, because effects of many partitions may share a transaction: after an outage a little waits in each
        of fifty.
        """
        records = [record for some in polled.values() for record in some]
        reached: dict[TopicPartition, int] = {}
        until = time.monotonic() + TAKE_S
        with suppress(DatabaseAway):
            messages, place = self._handling.begin(records) if records else [], 0
            while place < len(records) and time.monotonic() <= until and not (self._over() or self._poisoned()):
                try:
                    taken = self._handling.advance(messages[place:])
                    reached |= {partition_of(record): record.offset + 1 for record in records[place : place + taken]}
                except DatabaseAway:
                    raise
                except Outage:  # this partition waits, others go on
                    taken = sum(partition_of(record) == partition_of(records[place]) for record in records[place:])
                place += taken
        self._commit(consumer, reached)
        if self._poisoned():
            raise Halted
        for partition, some in polled.items():
            if (offset := reached.get(partition, some[0].offset)) <= some[-1].offset:
                self._wait(consumer, partition, offset)

    def _poisoned(self) -> bool:
        return self._handling.poison >= POISON_IN_A_ROW

    def _commit(self, consumer: KafkaConsumer, reached: Mapping[TopicPartition, int]) -> None:
        """What could not be committed is, with what comes next: a partition that falls silent would lag for ever."""
        mine = consumer.assignment()
        wanted = {part: offset for part, offset in {**self._uncommitted, **reached}.items() if part in mine}
        self._uncommitted = wanted
        if not wanted:
            return
        try:
            consumer.commit({partition: OffsetAndMetadata(offset, "", -1) for partition, offset in wanted.items()})
            self._uncommitted = {}
        except KafkaError as error:  # the effects stand; the inbox drops them when they come again
            telemetry.log.warning("commit_failed", error=telemetry.error_name(error))

    def on_partitions_lost(self, _lost: Collection[TopicPartition]) -> None:
        """Put out of its group, this member begins at what is committed where it gets them again.

        An offset kept longer could be of a log that was made anew meanwhile, and skip what is in the new one.
        """
        self._uncommitted.clear()
        self._unassigned()

    def on_partitions_revoked(self, _revoked: Collection[TopicPartition]) -> None:
        """Those that it keeps go on where they were, with what is still to be committed."""
        self._unassigned()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """They begin at what is committed. None at all is an answer too: others have them."""
        self._assigned = list(assigned)
        self._pulse.unassigned_since, self._pulse.ready = None, True

    def _unassigned(self) -> None:
        self._pulse.unassigned_since, self._pulse.ready = time.monotonic(), False

    def _wait(self, consumer: KafkaConsumer, partition: TopicPartition, offset: int) -> None:
        """The partition goes on from this offset after a pause."""
        if partition in consumer.assignment():  # else it is another member's by now
            consumer.pause(partition)
            consumer.seek(partition, offset)
            self._resume_at[partition] = time.monotonic() + OUTAGE_WAIT_S

    def _resume(self, consumer: KafkaConsumer) -> None:
        now = time.monotonic()
        due = [partition for partition, moment in self._resume_at.items() if moment <= now]
        for partition in due:
            del self._resume_at[partition]
            if partition in consumer.assignment():
                consumer.resume(partition)


def is_rebalancing(consumer: KafkaConsumer) -> bool:
    """Whether a broker has this member's request to join and waits for others; the library has no call for it.

    A request that waits for its connection is not with the broker: the library keeps asking one that hangs, though
    another one coordinates the group by now.
    """
    coordinator = getattr(consumer, "_coordinator", None)
    state = getattr(coordinator, "state", None)
    if not getattr(state, "name", str(state)).endswith("REBALANCING"):
        return False
    return bool(coordinator._client.connected(coordinator.coordinator_id))  # type: ignore[union-attr]


def partition_of(record: Any) -> TopicPartition:
    """Where a record was read."""
    return TopicPartition(record.topic, record.partition)
