"""Background work of the worker, besides events and deadlines: the market, exposure, and the shelf."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.lease import Lease
from chassis.unit import UnitOfWork
from contracts.fit.encoder import small_e5
from services.matching import store
from services.matching.config import Config
from services.matching.model import learn

EVERY_S = 300.0
"""Seconds between two times that the market is learnt anew."""
LOOK_S = 10.0
LEASE = timedelta(seconds=40)
SHELVE_S = 0.5
"""Seconds between two looks for changed profiles."""
PAINT_S = 0.5
"""Seconds after which painted portraits are stored, while there are more to paint, and a ranking may have its turn."""
TURN_S = 0.05
"""The pause in which it may take it."""
SWEEP_S = 600.0
"""Seconds between two times that mentors without a profile are taken from the shelf."""


def learn_market(work: UnitOfWork) -> None:
    """Learns from the rounds that ended last, and stores what waves read."""
    store.save_market(work.database, learn(store.newest_ended(work.database), work.now()))


def count_exposure(work: UnitOfWork) -> None:
    """Adds the rounds that are over to the counters of their mentors, each in a transaction of its own."""
    for project_id in store.waiting_tallies(work.database):
        work.run(partial(store.count_tally, project_id=project_id))


def keep_learning(work: UnitOfWork, _config: Config, stop: threading.Event) -> None:
    """Learns every `EVERY_S` until ``stop`` is set, in one worker at a time; during an outage it waits."""
    _in_turn(work, "learning", learn_market, EVERY_S, stop)


def keep_counting(work: UnitOfWork, _config: Config, stop: threading.Event) -> None:
    """Counts exposure every `LOOK_S` until ``stop`` is set, in one worker at a time; during an outage it waits.

    One worker, because rounds that end together have mentors in common: two would conflict.
    """
    _in_turn(work, "exposure", count_exposure, LOOK_S, stop)


def _in_turn(
    work: UnitOfWork, name: str, effect: Callable[[UnitOfWork], None], every_s: float, stop: threading.Event
) -> None:
    lease, left = Lease(work.database, name, LEASE), 0.0
    while not stop.is_set():
        try:
            if lease.hold() and left <= 0:
                effect(work)
                left = every_s
        except PyMongoError as error:
            telemetry.log.warning(f"{name}_waits", error=telemetry.error_name(error))
        stop.wait(LOOK_S)
        left -= LOOK_S
    with suppress(PyMongoError):  # the lease expires by itself when the database is away
        lease.release()


def keep_shelf(work: UnitOfWork, config: Config, stop: threading.Event) -> None:
    """Puts changed profiles on this worker's shelf until ``stop`` is set, and stores the portraits that it painted."""
    encoder, left = small_e5(), SWEEP_S
    while not stop.is_set():
        behind = 0
        try:
            behind = store.catch_up(
                config.shelf, work.database.profiles, work.database.portraits, encoder, work.now(), PAINT_S
            )
            if new := config.shelf.take_new():
                work.run(partial(store.keep_portraits, new=new))
            if left <= 0:
                store.forget_missing(work.database, config.shelf)
                left = SWEEP_S
        except PyMongoError as error:
            telemetry.log.warning("shelf_waits", error=telemetry.error_name(error))
        stop.wait(TURN_S if behind else SHELVE_S)
        left -= SHELVE_S
