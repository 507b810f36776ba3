"""Kafka's part, played by a log in memory and by processes that take one step at a time and may die after each.

Each aggregate of each topic is a partition of its own, the most disorder that Kafka allows. What a process remembers
dies with it; what outlives it is the database, the log and the committed offsets.
"""

import random
from collections import defaultdict
from typing import Any

from chassis import outbox
from chassis.batch_unit import BatchUnit
from chassis.events import Event
from chassis.inbox import Handler, Inbox
from chassis.mongo import Document as Row
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.events import CONTRACT
from tests.kit.services import Running, event_of
from tests.simulation.clock import VirtualClock

MOST_READ = 8
MOST_POLLED = 4
NOTHING_DUE = "finds nothing due"
Stream = tuple[str, str]


class Crash(Exception):
    """The process dies inside a transaction."""


class Log:
    """What was published, each stream in the order of its coming; it outlives everything."""

    def __init__(self) -> None:
        self.streams: dict[Stream, list[Row]] = {}
        self.ids: set[str] = set()

    def append(self, row: Row) -> None:
        """Takes a row. The first time, no earlier one of its stream may be missing or come later."""
        stream = self.streams.setdefault((row["topic"], row["subject"]), [])
        if row["_id"] not in self.ids:
            latest = max((one["sequence"] for one in stream), default=0)
            assert latest < row["sequence"], f"{row['name']} is published after a later event of its aggregate"
        self.ids.add(row["_id"])
        stream.append(row)


class Effects:
    """Counts what handlers did, once it is committed: nothing of a transaction that was cut counts."""

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
            if unit is not self._unit:  # the driver began the transaction anew
                self._unit, self._done = unit, []
            self.service.service.handlers[name](event, unit, config)
            self._done.append(event.id)
            if self.dies_inside:
                raise Crash

        return handle

    def committed(self) -> None:
        """What was handled since the last time stands."""
        for event_id in self._done:
            self.times[event_id] += 1
            assert self.times[event_id] == 1, f"{self.service.name} applied an event twice"
        self._unit, self._done = None, []

    def lost(self) -> None:
        """The transaction was cut."""
        self._unit, self._done = None, []


class Relaying:
    """A relay: reads what is pending, sends it row by row, marks it when the broker has all of it."""

    def __init__(self, service: Running, log: Log, clock: VirtualClock) -> None:
        self.service, self._log, self._clock = service, log, clock
        self.batch: list[Row] = []
        self._sent = 0
        self._failed: set[str] = set()

    def step(self, chance: random.Random, dropping: float) -> str:
        """One step; a send that the broker loses fails its aggregate's later ones, and the batch is not marked."""
        if not self.batch:
            self.batch = outbox.pending(self.service.database, chance.randint(1, MOST_READ))
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
        """The last step of a batch."""
        log_ids = dict.fromkeys((row["topic"] for row in rows), "the log")
        outbox.mark_published(self.service.database, rows, log_ids, self._clock.moment)
        assert self._log.ids >= {row["_id"] for row in rows}, "marked as published, and not in the log"
        return f"marks {len(rows)}"


class Consuming:
    """A consumer of a service's group: polls a stream, applies what came, commits the offset.

    ``committed`` is the group's, by stream, and outlives it.
    """

    def __init__(self, effects: Effects, log: Log, committed: dict[Stream, int]) -> None:
        self.effects, self._log, self._committed = effects, log, committed
        self._inbox = effects.inbox()
        self._topics = set().union(*map(CONTRACT.topics, effects.service.service.handlers))
        self._positions: dict[Stream, int] = {}
        self._stream: Stream = ("", "")
        self._batch: list[Row] = []
        self._handled = 0

    @property
    def busy(self) -> bool:
        """Whether something is in hand."""
        return bool(self._batch)

    def has_events(self) -> bool:
        """Whether there is something to read."""
        return bool(self.waiting())

    def waiting(self) -> list[Stream]:
        """Streams with something to read."""
        mine = ((stream, rows) for stream, rows in self._log.streams.items() if stream[0] in self._topics)
        return [stream for stream, rows in mine if self._position(stream) < len(rows)]

    def step(self, chance: random.Random) -> tuple[str, str]:
        """One step, and the aggregate it was about. `Crash` out of the middle of a transaction."""
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
        """Applies the next event, or all that are in hand in one transaction."""
        rows = self._batch[self._handled :] if together else self._batch[self._handled : self._handled + 1]
        heard = [row for row in rows if row["name"] in self.effects.service.service.handlers]
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
        """The batch is done, as the group remembers it."""
        self._committed[self._stream] = self._positions[self._stream]
        self._batch = []
        return "commits"

    def _position(self, stream: Stream) -> int:
        return self._positions.get(stream, self._committed.get(stream, 0))


class Firing:
    """A worker that looks for what is due and fires it, alone or together, perhaps much later."""

    def __init__(self, service: Running, clock: VirtualClock) -> None:
        self.service, self._clock = service, clock
        self._due: list[tuple[Deadline, list[str]]] = []

    @property
    def busy(self) -> bool:
        """Whether something is in hand."""
        return bool(self._due)

    def step(self, chance: random.Random) -> tuple[str, list[str]]:
        """One step, and the documents it was about."""
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


