"""Timers: a deadline is a time in the document it concerns, so it survives every process and any of them may fire it.

The transition that a deadline causes is conditional and happens in a transaction: however many workers try,
it happens once.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.mongo import database_now, is_outage
from chassis.unit import Unit, UnitOfWork

SWEEP_S = 1.0
BATCH = 200
FAILED_WAIT_S = 5.0


@dataclass(frozen=True)
class Deadline:
    """Documents of ``collection`` whose ``field`` has passed are handed to ``fire(unit, id, config)``.

    ``fire`` loads the document, decides by ``unit.now`` whether something is due, and moves or removes the
    field; where nothing is due any more it does nothing.
    """

    collection: str
    fire: Callable[[Unit, str, Any], None]
    field: str = "due_at"

    def index(self) -> IndexModel:
        """Sparse: a document without a deadline costs nothing."""
        return IndexModel([(self.field, ASCENDING)], sparse=True)


class Timers:
    """Fires the deadlines of one kind until ``stop`` is set."""

    def __init__(self, work: UnitOfWork, deadline: Deadline, config: Any, stop: threading.Event) -> None:
        self._work = work
        self._deadline = deadline
        self._config = config
        self._stop = stop
        self._failed: dict[str, float] = {}

    def run(self) -> None:
        """Returns when ``stop`` is set; waits for the database while it is away."""
        while not self._stop.is_set():
            try:
                pause = self._pass()
            except PyMongoError as error:
                telemetry.log.warning("timers_wait", error=telemetry.error_name(error))
                pause = SWEEP_S
            self._stop.wait(pause)

    def _pass(self) -> float:
        """Fires what is due; the seconds until the next look, a sweep's length at most."""
        rows, field = self._work.database[self._deadline.collection], self._deadline.field
        now = database_now(self._work.database)
        clock = time.monotonic()
        self._failed = {row: until for row, until in self._failed.items() if until > clock}
        due = list(rows.find({field: {"$lte": now}}, {field: 1}).sort(field, ASCENDING).limit(BATCH))
        fired = [
            self._fire(row["_id"], (now - row[field]).total_seconds()) for row in due if row["_id"] not in self._failed
        ]
        if any(fired):
            return 0
        coming = rows.find_one({field: {"$gt": now}}, {field: 1}, sort=[(field, ASCENDING)])
        wait = (coming[field] - database_now(self._work.database)).total_seconds() if coming else SWEEP_S
        return min(SWEEP_S, max(0.0, wait))

    def _fire(self, row_id: str, late: float) -> bool:
        name = self._deadline.collection
        try:
            with telemetry.span(f"deadline {name}"):  # what a deadline causes is a trace of its own
                self._work.run(lambda unit: self._deadline.fire(unit, row_id, self._config))
        except Exception as error:
            if is_outage(error):
                raise
            self._failed[row_id] = time.monotonic() + FAILED_WAIT_S
            telemetry.DEADLINES.labels(name, "failed").inc()
            telemetry.log.error(
                "deadline_failed",
                collection=name,
                id=row_id,
                error=telemetry.error_name(error),
                place=telemetry.error_place(error),
            )
            return False
        telemetry.DEADLINES.labels(name, "fired").inc()
        telemetry.LATENESS.labels(name).observe(late)
        return True
