"""Background work of the worker, besides events and deadlines: learning how mentors answer."""

import threading
from contextlib import suppress
from datetime import timedelta

from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.lease import Lease
from chassis.unit import UnitOfWork
from services.matching import store
from services.matching.config import Config
from services.matching.model import learn

EVERY_S = 300.0
"""Seconds between two times that the market is learnt anew."""
LOOK_S = 10.0
LEASE = timedelta(seconds=40)


def learn_market(work: UnitOfWork) -> None:
    """Learns from the rounds that ended last, and stores what waves read."""
    store.save_market(work.database, learn(store.newest_ended(work.database), work.now()))


def keep_learning(work: UnitOfWork, _config: Config, stop: threading.Event) -> None:
    """Learns every `EVERY_S` until ``stop`` is set, in one worker at a time; during an outage it waits."""
    lease, left = Lease(work.database, "learning", LEASE), 0.0
    while not stop.is_set():
        try:
            if lease.hold() and left <= 0:
                learn_market(work)
                left = EVERY_S
        except PyMongoError as error:
            telemetry.log.warning("learning_waits", error=telemetry.error_name(error))
        stop.wait(LOOK_S)
        left -= LOOK_S
    with suppress(PyMongoError):  # the lease expires by itself when the database is away
        lease.release()
