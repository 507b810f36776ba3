"""Stand-ins for Kafka and its clients: a log in memory, and processes that take single steps and may die after each.

Each aggregate of each topic is its own partition, the most disorder that Kafka allows. A process's memory is lost when
it dies; the database, the log and the committed offsets survive.
"""

import random
from collections import defaultdict
from typing import Any

from chassis import outbox
from chassis.batch_unit import BatchUnit
from chassis.events import Event, key_of
from chassis.inbox import Handler, Inbox
from chassis.mongo import Document as Row
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.events import CONTRACT
from tests.kit.services import Running, event_of, kind_of
from tests.simulation.clock import VirtualClock

MOST_READ = 8
MOST_POLLED = 4
NOTHING_DUE = "finds nothing due"
Stream = tuple[str, str]


class Crash(Exception):
    """The process dies inside a transaction."""


class Log:
    """The published rows, each stream in order of arrival; it survives every process."""

    def __init__(self) -> None:
        self.streams: dict[Stream, list[Row]] = {}
        self.ids: set[str] = set()

    def append(self, row: Row) -> None:
        """Appends a row. On its first publication, no earlier row of its stream may be missing or arrive later."""
        stream = self.streams.setdefault((row["topic"], row["subject"]), [])
        if row["_id"] not in self.ids:
            latest = max((one["sequence"] for one in stream), default=0)
            assert latest < row["sequence"], f"{row['name']} is published after a later event of its aggregate"
        self.ids.add(row["_id"])
        stream.append(row)


class Effects:
    """Counts the effects of handlers once they are committed; an aborted transaction counts nothing."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.times: dict[str, int] = defaultdict(int)
        self.dies_inside = False
        self._unit: Unit | None = None
        self._done: list[str] = []

    def inbox(self) -> Inbox:
        """The service's real inbox with its real handlers."""
        handlers = {name: self._counted(name) for name in self.service.service.handlers}
        return Inbox(self.service.work, self.service.name, handlers, self.service.config)

    def _counted(self, name: str) -> Handler:
        def handle(event: Event, unit: Unit, config: Any) -> None:
            if unit is not self._unit:  # the driver has retried the transaction
                self._unit, self._done = unit, []
            self.service.service.handlers[name](event, unit, config)
            self._done.append(event.id)
            if self.dies_inside:
                raise Crash

        return handle

    def committed(self) -> None:
        """Counts everything handled since the last commit."""
        for event_id in self._done:
            self.times[event_id] += 1
            assert self.times[event_id] == 1, f"{self.service.name} applied an event twice"
        self._unit, self._done = None, []

    def lost(self) -> None:
        """Forgets everything handled in the aborted transaction."""
        self._unit, self._done = None, []


class Relaying:
    """A relay: reads pending rows, sends them one by one, marks them when the broker has them all."""

    def __init__(self, service: Running, log: Log, clock: VirtualClock) -> None:
        self.service, self._log, self._clock = service, log, clock
        self.batch: list[Row] = []
        self._sent = 0
        self._failed: set[str] = set()

    def step(self, chance: random.Random, dropping: float) -> str:
        """Takes one step; a lost send fails the later ones of its aggregate, and the batch is not marked."""
        if not self.batch:
            self.batch = outbox.pending(self.service.database, chance.randint(1, MOST_READ), self._clock)
            self._sent, self._failed = 0, set()
            return f"reads {len(self.batch)}"
        if self._sent < len(self.batch):
            row = self.batch[self._sent]
            self._sent += 1
            if row["subject"] in self._failed or chance.random() < dropping:
                self._failed.add(row["subject"])
                return f"loses {row['name']}"
            self._log.append(row)
            return f"sends {row['name']} {row['sequence']}"
        rows, self.batch = self.batch, []
        if self._failed:
            return "begins again"
        return self.mark(rows)

    def mark(self, rows: list[Row]) -> str:
        """Marks a batch as published, its last step."""
        log_ids = dict.fromkeys((row["topic"] for row in rows), "the log")
        outbox.mark_published(self.service.database, rows, log_ids, self._clock)
        assert self._log.ids >= {row["_id"] for row in rows}, "a row is marked as published but is not in the log"
        return f"marks {len(rows)}"


class Consuming:
    """A consumer in a service's group: polls a stream, applies the events, commits the offset.

    ``committed`` holds the group's offsets by stream and survives the consumer.
    """

    def __init__(self, effects: Effects, log: Log, committed: dict[Stream, int]) -> None:
        self.effects, self._log, self._committed = effects, log, committed
        self._inbox = effects.inbox()
        self._topics = set().union(*(CONTRACT.topics(*key_of(kind)) for kind in effects.service.service.handlers))
        self._positions: dict[Stream, int] = {}
        self._stream: Stream = ("", "")
        self._batch: list[Row] = []
        self._handled = 0

    @property
    def busy(self) -> bool:
        """Whether events are in flight."""
        return bool(self._batch)

    def has_events(self) -> bool:
        """Whether there are events to read."""
        return bool(self.waiting())

    def waiting(self) -> list[Stream]:
        """Streams with events to read."""
        mine = ((stream, rows) for stream, rows in self._log.streams.items() if stream[0] in self._topics)
        return [stream for stream, rows in mine if self._position(stream) < len(rows)]

    def step(self, chance: random.Random) -> tuple[str, str]:
        """Takes one step; returns its result and aggregate. Raises `Crash` in the middle of a transaction."""
        if not self._batch:
            if not (waiting := self.waiting()):
                return "waits", ""
            self._stream, self._handled = chance.choice(waiting), 0
            at = self._position(self._stream)
            self._batch = self._log.streams[self._stream][at : at + chance.randint(1, MOST_POLLED)]
            self._positions[self._stream] = at + len(self._batch)
            return f"polls {len(self._batch)} of {self._stream[0]}", ""
        if self._handled < len(self._batch):
            return self.handle(chance.random() < 0.5), self._stream[1]
        return self.commit(), ""

    def handle(self, together: bool) -> str:
        """Applies the next event, or all events in flight in one transaction."""
        rows = self._batch[self._handled :] if together else self._batch[self._handled : self._handled + 1]
        heard = [row for row in rows if kind_of(row) in self.effects.service.service.handlers]
        events = [event_of(row) for row in heard]
        try:
            if len(events) == 1:
                self._inbox.apply(events[0])
            elif events:
                self._inbox.apply_all(events)
        except Crash:
            self.effects.lost()
            raise
        self.effects.committed()
        self._handled += len(rows)
        return f"handles {', '.join(row['name'] for row in heard) or 'nothing'}"

    def commit(self) -> str:
        """Commits the offset of a finished batch."""
        self._committed[self._stream] = self._positions[self._stream]
        self._batch = []
        return "commits"

    def _position(self, stream: Stream) -> int:
        return self._positions.get(stream, self._committed.get(stream, 0))


class Firing:
    """A worker that looks for due deadlines and fires them, one by one or together, perhaps much later."""

    def __init__(self, service: Running, clock: VirtualClock) -> None:
        self.service, self._clock = service, clock
        self._due: list[tuple[Deadline, list[str]]] = []

    @property
    def busy(self) -> bool:
        """Whether deadlines are in flight."""
        return bool(self._due)

    def step(self, chance: random.Random) -> tuple[str, list[str]]:
        """Takes one step; returns its result and the documents that it concerned."""
        if not self._due:
            looked = [(deadline, self._look(deadline)) for deadline in self.service.service.deadlines]
            self._due = [(deadline, ids) for deadline, ids in looked if ids]
            return f"looks and finds {sum(len(ids) for _, ids in self._due)} due" if self._due else NOTHING_DUE, []
        deadline, ids = self._due.pop(0)
        config = self.service.config
        if len(ids) > 1 and chance.random() < 0.5:
            self.service.work.run(lambda unit: _fire_all(unit, deadline, ids, config), BatchUnit)
        else:
            for one in ids:
                self.service.work.run(lambda unit, one=one: deadline.fire(unit, one, config))  # type: ignore[misc]
        return f"fires {len(ids)} of {deadline.collection}", ids

    def _look(self, deadline: Deadline) -> list[str]:
        rows = self.service.database[deadline.collection]
        return [row["_id"] for row in rows.find(deadline.due(self._clock.moment), {"_id": 1}).sort(deadline.field, 1)]


def _fire_all(unit: BatchUnit, deadline: Deadline, ids: list[str], config: Any) -> None:
    """As `chassis.timers.Timers` does."""
    unit.load(deadline.collection, ids)
    for one in ids:
        deadline.fire(unit, one, config)
