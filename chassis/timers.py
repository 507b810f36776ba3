"""Timers: a deadline is a time in the document it concerns, so it survives every process and any of them may fire it.

The transition that a deadline causes is conditional and happens in a transaction: however many workers try,
it happens once. What is due at once shares transactions, for ten thousand windows may end in the same second.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import OperationFailure, PyMongoError

from chassis import telemetry
from chassis.batch_unit import BatchUnit
from chassis.mongo import Document, is_outage
from chassis.unit import Unit, UnitOfWork

SWEEP_S = 1.0
BATCH = 24
"""Deadlines that share a transaction."""
AT_ONCE = 3
"""Transactions that a worker has open at once: while one waits for the disk, another computes. A worker that is killed
keeps what is in all of them until their life is over, so that is to be little among much."""
IN_A_PASS = 4 * AT_ONCE
LOOK = 6 * IN_A_PASS * BATCH
FAILED_WAIT_S = 5.0
TAKEN_WAIT_S = 0.3


class Taken(Exception):
    """Another transaction holds one of these documents; other deadlines need not wait for it."""


@dataclass(frozen=True)
class Deadline:
    """Documents of ``collection`` whose ``field`` has passed are handed to ``fire(unit, id, config)``.

    ``fire`` loads the document, decides by ``unit.now`` whether something is due, and moves or removes the
    field; where nothing is due any more it does nothing.
    """

    collection: str
    fire: Callable[[Unit, str, Any], None]
    field: str = "due_at"
    at_once: int = AT_ONCE
    """1 where what several cause at one moment meets in the same documents."""

    def index(self) -> IndexModel:
        """Sparse: a document without a deadline costs nothing."""
        return IndexModel([(self.field, ASCENDING)], sparse=True)

    def due(self, now: datetime, but: Sequence[str] = ()) -> Mapping[str, Any]:
        """The filter of what is due, apart from these ids."""
        due: dict[str, Any] = {self.field: {"$lte": now}}
        return due | ({"_id": {"$nin": list(but)}} if but else {})


class Timers:
    """Fires the deadlines of one kind until ``stop`` is set."""

    def __init__(self, work: UnitOfWork, deadline: Deadline, config: Any, stop: threading.Event) -> None:
        self._work = work
        self._deadline = deadline
        self._config = config
        self._stop = stop
        self._aside: dict[str, float] = {}
        self._alone: set[str] = set()

    def run(self) -> None:
        """Returns when ``stop`` is set; waits for the database while it is away."""
        with ThreadPoolExecutor(self._deadline.at_once) as pool:
            while not self._stop.is_set():
                try:
                    pause = self._pass(pool)
                except PyMongoError as error:
                    telemetry.log.warning("timers_wait", error=telemetry.error_name(error))
                    pause = SWEEP_S
                self._stop.wait(pause)

    def _pass(self, pool: Executor) -> float:
        """Fires some of what is due; the seconds until the next look, a sweep's length at most."""
        rows, field = self._work.database[self._deadline.collection], self._deadline.field
        clock = time.monotonic()
        self._aside = {row_id: until for row_id, until in self._aside.items() if until > clock}
        now = self._work.now()
        due = self._deadline.due(now, list(self._aside))
        if found := list(rows.find(due, {field: 1}).sort(field, ASCENDING).limit(LOOK)):
            alone = [row for row in found if row["_id"] in self._alone][:BATCH]
            batches = _some([row for row in found if row["_id"] not in self._alone])
            firing = [pool.submit(self._fire, batch) for batch in batches]
            wait(firing)  # all of them, though one raises: none goes on behind the back of the next pass
            for batch, future in zip(batches, firing, strict=True):
                alone += [] if future.result() else batch  # one of them fails: the others do not wait for it
            for row in alone:
                self._fire([row])
            return 0
        if not self._aside:
            self._alone.clear()
        coming = rows.find_one({field: {"$gt": now}}, {field: 1}, sort=[(field, ASCENDING)])
        until = (coming[field] - self._work.now()).total_seconds() if coming else SWEEP_S
        again = min(self._aside.values(), default=clock + SWEEP_S) - clock
        return min(SWEEP_S, max(0.0, min(until, again)))

    def _fire(self, rows: Sequence[Document]) -> bool:
        """Fires these in one transaction: all of them, or none and False. None, and no fault, once it is to stop."""
        if self._stop.is_set():
            return True
        name, ids = self._deadline.collection, [row["_id"] for row in rows]

        def fire_all(unit: BatchUnit) -> None:
            unit.load(name, ids)
            try:
                for row_id in ids:
                    with telemetry.span(f"deadline {name}"):  # what a deadline causes is a trace of its own
                        self._deadline.fire(unit, row_id, self._config)
                unit.finish()
            except OperationFailure as error:
                if error.has_error_label("TransientTransactionError"):
                    raise Taken from error  # the driver would wait for whoever has them, were they dead
                raise

        try:
            self._work.run(fire_all, BatchUnit)
        except Taken:
            self._put_aside(ids, TAKEN_WAIT_S)
            return True
        except Exception as error:
            if is_outage(error):
                raise
            if len(ids) == 1:
                self._say_failed(ids[0], error)
            return False
        now = self._work.now()
        telemetry.DEADLINES.labels(name, "fired").inc(len(ids))
        for row in rows:
            telemetry.LATENESS.labels(name).observe((now - row[self._deadline.field]).total_seconds())
        return True

    def _put_aside(self, ids: Sequence[str], seconds: float) -> None:
        """Looks at them again after a while, one by one: the trouble with one is not to be that of its neighbours."""
        until = time.monotonic() + seconds
        self._aside.update(dict.fromkeys(ids, until))
        self._alone.update(ids)

    def _say_failed(self, row_id: str, error: Exception) -> None:
        self._put_aside([row_id], FAILED_WAIT_S)
        telemetry.DEADLINES.labels(self._deadline.collection, "failed").inc()
        telemetry.log.error(
            "deadline_failed",
            collection=self._deadline.collection,
            id=row_id,
            error=telemetry.error_name(error),
            place=telemetry.error_place(error),
        )


def _some(due: Sequence[Document]) -> list[Sequence[Document]]:
    """Batches of what is due: of many at random, so that workers who look at once seldom take the same."""
    batches = [due[start : start + BATCH] for start in range(0, len(due), BATCH)]
    return random.sample(batches, min(IN_A_PASS, len(batches)))
