"""Timers: fire deadlines, which are times stored in the documents that they concern.

A deadline therefore survives every process, and any worker may fire it. Its transition is conditional and runs in a
transaction, so it happens once, however many workers try. Deadlines that are due together share transactions, because
ten thousand windows may end in the same second.
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
from chassis.clock import LONG_AGO, Clock
from chassis.mongo import Document, is_outage
from chassis.places import rows_of
from chassis.unit import Unit, UnitOfWork

SWEEP_S = 1.0
BATCH = 24
"""Maximum number of deadlines that share a transaction."""
AT_ONCE = 3
"""Number of transactions that a worker runs concurrently: while one waits for the disk, another computes.

It stays small because the documents in the open transactions of a killed worker are locked until those expire.
"""
IN_A_PASS = 4 * AT_ONCE
LOOK = 6 * IN_A_PASS * BATCH
FAILED_WAIT_S = 5.0
TAKEN_WAIT_S = 0.3


class Taken(Exception):
    """Another transaction has locked one of these documents. Other deadlines do not wait for it."""


@dataclass(frozen=True)
class Deadline:
    """Calls ``fire(unit, id, config)`` for each document of ``collection`` whose time in ``field`` has passed.

    ``fire`` loads the document, decides by ``unit.now`` whether it is due, and moves or removes the field. It does
    nothing if the document is no longer due.
    """

    collection: str
    fire: Callable[[Unit, str, Any], None]
    field: str = "due_at"
    at_once: int = AT_ONCE
    """Number of concurrent transactions; 1 where deadlines that fire together change the same documents."""

    def index(self) -> IndexModel:
        """The index that finds due documents; sparse, so that documents without a deadline cost nothing."""
        return IndexModel([(self.field, ASCENDING)], sparse=True)

    def due(self, now: datetime, but: Sequence[str] = ()) -> Mapping[str, Any]:
        """The filter for documents that are due at ``now``, except those with the ids in ``but``."""
        return {self.field: {"$lte": now}, **_except(but)}

    def first(self, clock: Clock, but: Sequence[str]) -> list[Mapping[str, Any]]:
        """The pipeline that finds the next deadline, except those of the ids in ``but``, and the time, as ``now``."""
        wanted = {self.field: {"$gt": LONG_AGO}, **_except(but)}  # a bound, so that the sparse index serves the sort
        shown = {self.field: 1, "now": clock.expression()}
        return [{"$match": wanted}, {"$sort": {self.field: ASCENDING}}, {"$limit": 1}, {"$project": shown}]


class Timers:
    """Fires one kind of deadline until ``stop`` is set."""

    def __init__(self, work: UnitOfWork, deadline: Deadline, config: Any, stop: threading.Event) -> None:
        self._work = work
        self._deadline = deadline
        self._config = config
        self._stop = stop
        self._postponed: dict[str, float] = {}
        """When to try these ids again, in monotonic seconds."""
        self._alone: set[str] = set()
        """Ids that are fired in a transaction of their own."""

    def run(self) -> None:
        """Fires deadlines until ``stop`` is set, and waits while the database is away."""
        with ThreadPoolExecutor(self._deadline.at_once) as pool:
            while not self._stop.is_set():
                try:
                    pause = self._pass(pool)
                except PyMongoError as error:
                    telemetry.log.warning("timers_wait", error=telemetry.error_name(error))
                    pause = SWEEP_S
                self._stop.wait(pause)

    def _pass(self, pool: Executor) -> float:
        """Fires some of the due deadlines. Returns the seconds until the next pass, at most `SWEEP_S`."""
        rows, field = rows_of(self._work.database, self._deadline.collection), self._deadline.field
        clock = time.monotonic()
        self._postponed = {row_id: until for row_id, until in self._postponed.items() if until > clock}
        postponed = list(self._postponed)
        first = next(rows.aggregate(self._deadline.first(self._work.clock, postponed)), None)
        if first and first[field] <= first["now"]:
            due = self._deadline.due(first["now"], postponed)
            found = list(rows.find(due, {field: 1}).sort(field, ASCENDING).limit(LOOK))
            alone = [row for row in found if row["_id"] in self._alone][:BATCH]
            batches = _pick_batches([row for row in found if row["_id"] not in self._alone])
            firing = [pool.submit(self._fire, batch) for batch in batches]
            wait(firing)  # for all, even if one raises: none may still run during the next pass
            for batch, future in zip(batches, firing, strict=True):
                alone += [] if future.result() else batch  # one of the batch fails, so each is fired alone
            for row in alone:
                self._fire([row])
            return 0
        if not self._postponed:
            self._alone.clear()
        until = (first[field] - first["now"]).total_seconds() if first else SWEEP_S
        retry = min(self._postponed.values(), default=clock + SWEEP_S) - clock
        return min(SWEEP_S, max(0.0, min(until, retry)))

    def _fire(self, rows: Sequence[Document]) -> bool:
        """Fires these deadlines in one transaction. Returns False, with none fired, if one of them failed.

        Fires nothing and returns True once ``stop`` is set, or when another transaction has locked a document.
        """
        if self._stop.is_set():
            return True
        name, ids = self._deadline.collection, [row["_id"] for row in rows]

        def fire_all(unit: BatchUnit) -> None:
            unit.load(name, ids)
            try:
                for row_id in ids:
                    with telemetry.span(f"deadline {name}"):  # each deadline starts a trace of its own
                        self._deadline.fire(unit, row_id, self._config)
                unit.finish()
            except OperationFailure as error:
                if error.has_error_label("TransientTransactionError"):
                    raise Taken from error  # the driver would wait for the other transaction, even a dead worker's
                raise

        try:
            self._work.run(fire_all, BatchUnit)
        except Taken:
            self._postpone(ids, TAKEN_WAIT_S)
            return True
        except Exception as error:
            if is_outage(error):
                raise
            if len(ids) == 1:
                self._log_failure(ids[0], error)
            return False
        now = self._work.now()
        telemetry.DEADLINES.labels(name, "fired").inc(len(ids))
        for row in rows:
            telemetry.LATENESS.labels(name).observe((now - row[self._deadline.field]).total_seconds())
        return True

    def _postpone(self, ids: Sequence[str], seconds: float) -> None:
        """Retries these ids after ``seconds``, each in its own transaction, so that one failure blocks no other id."""
        until = time.monotonic() + seconds
        self._postponed.update(dict.fromkeys(ids, until))
        self._alone.update(ids)

    def _log_failure(self, row_id: str, error: Exception) -> None:
        self._postpone([row_id], FAILED_WAIT_S)
        telemetry.DEADLINES.labels(self._deadline.collection, "failed").inc()
        telemetry.log.error(
            "deadline_failed",
            collection=self._deadline.collection,
            id=row_id,
            error=telemetry.error_name(error),
            place=telemetry.error_place(error),
        )


def _except(ids: Sequence[str]) -> Mapping[str, Any]:
    return {"_id": {"$nin": list(ids)}} if ids else {}


def _pick_batches(due: Sequence[Document]) -> list[Sequence[Document]]:
    """At most `IN_A_PASS` batches, chosen at random, so that concurrent workers seldom pick the same documents."""
    batches = [due[start : start + BATCH] for start in range(0, len(due), BATCH)]
    return random.sample(batches, min(IN_A_PASS, len(batches)))
