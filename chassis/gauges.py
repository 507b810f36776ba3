"""Gauges counted in a service's database. One worker at a time counts and exposes them; the others expose none.

A scrape returns the last count and never waits for the database. If a count fails, the gauges disappear, so that a
stale figure is not mistaken for a current one.
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
"""Minimum pause after a count, as a multiple of its duration, so that counting uses at most a tenth of a core."""
LEASE = timedelta(seconds=40)


class Snapshot(Collector):
    """The last complete count; empty before the first count and after a failed one."""

    def __init__(self) -> None:
        self._families: list[GaugeMetricFamily] = []

    def show(self, families: Iterable[GaugeMetricFamily]) -> None:
        """Replaces all gauges."""
        self._families = list(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The current gauges, for the registry."""
        return self._families

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Empty, because no gauge is known before the first count."""
        return []


def counting(
    helps: Mapping[str, str], count: Callable[[UnitOfWork], Mapping[str, float]]
) -> Callable[[UnitOfWork, Any, threading.Event], None]:
    """A job that exposes the values that ``count`` returns, by gauge name. ``helps`` holds each gauge's help text."""

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
        with suppress(PyMongoError):  # the lease expires by itself when the database is away
            lease.release()

    return job


def rest(began: float) -> float:
    """Seconds until the next count, after one that began at ``began`` (monotonic)."""
    return max(EVERY_S, LEAST_REST * (time.monotonic() - began))
