"""The inbox: applies each event once per group, in one transaction with a row that records the event's id.

Source: the idempotent consumer of microservices.io, with the row in the consumer's own database.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis import held, telemetry
from chassis.batch_unit import BatchUnit
from chassis.events import Event, key_of
from chassis.unit import Unit, UnitOfWork

COLLECTION = "inbox"

Handler = Callable[[Event, Unit, Any], None]


def indexes(horizon: timedelta) -> list[IndexModel]:
    """Inbox rows live a tenth longer than outbox rows, so that an event published again still finds its row."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(horizon.total_seconds() * 1.1))]


class Inbox:
    """Applies each event exactly once for one group, however often it is delivered."""

    def __init__(self, work: UnitOfWork, group: str, handlers: Mapping[str, Handler], config: Any) -> None:
        self._work = work
        self._group = group
        self._handlers = {key_of(kind): handler for kind, handler in handlers.items()}
        self._config = config
        self.spans: dict[str, dict[str, str]] = {}
        """Trace and span ids by event id, of the events that the last call applied."""
        self._begun: tuple[datetime, float] | None = None
        """When the last transaction began, by the service's clock and by this machine's monotonic one."""

    def now(self) -> datetime | None:
        """The time of the service's clock, measured from the last transaction, so that it costs no query; None before
        the first."""
        if self._begun is None:
            return None
        at, began = self._begun
        return at + timedelta(seconds=time.monotonic() - began)

    def apply(self, event: Event, *, release: str | None = None) -> bool:
        """Runs the event's handler. Returns False, without running it, if this group has applied the event before.

        ``release`` names the held aggregate whose first waiting event this is; the event is removed from it.
        """

        def effect(unit: Unit) -> bool:
            fresh = self._effect([event], unit)[0]
            if release is not None:
                held.release(unit, release, event.id)
            return fresh

        return self._work.run(effect)

    def apply_all(self, events: Sequence[Event]) -> list[bool]:
        """Applies several events in one transaction: all of them, or none if a handler raises."""
        return self._work.run(lambda unit: self._effect(events, unit), BatchUnit)

    def has(self, event_id: str) -> bool:
        """Whether this group has applied the event."""
        return self._work.database[COLLECTION].find_one({"_id": self._row_id(event_id)}, {"_id": 1}) is not None

    def _effect(self, events: Sequence[Event], unit: Unit) -> list[bool]:
        self.spans.clear()
        self._begun = (unit.now, time.monotonic())
        rows = unit.collection(COLLECTION)
        ids = [self._row_id(event.id) for event in events]
        applied = {row["_id"] for row in rows.find({"_id": {"$in": ids}}, {"_id": 1})}
        fresh = []
        for row_id in ids:
            fresh.append(row_id not in applied)
            applied.add(row_id)  # one batch may hold the same message twice
        new = [row_id for row_id, is_new in zip(ids, fresh, strict=True) if is_new]
        if new:
            rows.insert_many([{"_id": row_id, "at": unit.now} for row_id in new])
        for event, is_new in zip(events, fresh, strict=True):
            if is_new:
                parent = {"traceparent": event.traceparent} if event.traceparent else None
                with telemetry.span(f"{self._group} {event.name}", parent, subject=event.subject) as ids_of_span:
                    self.spans[event.id] = ids_of_span
                    self._handlers[event.name, event.version](event, unit, self._config)
        return fresh

    def _row_id(self, event_id: str) -> str:
        return f"{self._group}:{event_id}"
