"""Gauges that are counted in a service's database. One of its processes counts at a time; the others say nothing.

What was counted is shown until it is counted again: a scrape waits for no database. When it cannot be counted the
gauges are missing, so that nobody takes an old figure for a new one.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.lease import Lease
from chassis.unit import UnitOfWork

EVERY_S = 10.0
LEAST_REST = 10
"""After a count it is not counted again for so many times as long as it took: it costs a tenth of a core at most."""
LEASE = timedelta(seconds=40)


class Snapshot(Collector):
    """What was counted last, whole; nothing before the first time and after a failure."""

    def __init__(self) -> None:
        self._families: list[GaugeMetricFamily] = []

    def show(self, families: Iterable[GaugeMetricFamily]) -> None:
        """Replaces all that was shown."""
        self._families = list(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """For the registry."""
        return self._families

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is known before it is counted."""
        return []


def counting(
    helps: Mapping[str, str], count: Callable[[UnitOfWork], Mapping[str, float]]
) -> Callable[[UnitOfWork, Any, threading.Event], None]:
    """A job that shows what ``count`` finds, by the names of gauges that ``helps`` explains."""

    def job(work: UnitOfWork, _config: Any, stop: threading.Event) -> None:
        snapshot, lease = Snapshot(), Lease(work.database, "gauges", LEASE)
        REGISTRY.register(snapshot)
        due = 0.0
        while not stop.is_set():
            began = time.monotonic()
            try:
                if not lease.hold():
                    snapshot.show([])
                elif began >= due:
                    found = count(work)
                    snapshot.show(GaugeMetricFamily(name, helps[name], value=value) for name, value in found.items())
                    due = time.monotonic() + rest(began)
            except PyMongoError as error:
                snapshot.show([])
                telemetry.log.warning("gauges_missing", error=telemetry.error_name(error))
            stop.wait(EVERY_S)
        snapshot.show([])
        with suppress(PyMongoError):  # the lease ends by itself when the database is away
            lease.release()

    return job


def rest(began: float) -> float:
    """Seconds until the next count, after one that began at this moment of the monotonic clock."""
    return max(EVERY_S, LEAST_REST * (time.monotonic() - began))
