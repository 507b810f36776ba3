"""A service from its parts: what every ``app.py`` composes."""

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from chassis import outbox, telemetry
from chassis.consumer import INBOX, Consumer, Handler, inbox_indexes
from chassis.events import Contract
from chassis.http import commands
from chassis.http.app import create_app
from chassis.http.serve import serve
from chassis.mongo import Documents, connect
from chassis.relay import Relay
from chassis.settings import BadSetting, Settings
from chassis.timers import Deadline, Timers
from chassis.unit import UnitOfWork
from chassis.worker import run_worker

Job = Callable[[UnitOfWork, Any, threading.Event], None]


@dataclass(frozen=True)
class Service:
    """The parts of one service. ``config`` is its own frozen settings, handed to handlers, deadlines and jobs."""

    settings: Settings
    config: Any
    contract: Contract
    publishes: tuple[str, ...]
    handlers: Mapping[str, Handler]
    indexes: Mapping[str, Sequence[IndexModel]]
    blueprints: Callable[[UnitOfWork, Any], list[Blueprint]]
    deadlines: tuple[Deadline, ...] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)

    def database(self, side: str) -> Documents:
        """A connection that says who it is."""
        return connect(self.settings.mongo_uri, self.settings.database, app=f"{self.settings.service}-{side}")

    def work(self, database: Documents) -> UnitOfWork:
        """Units of work that write to this service's outbox."""
        return UnitOfWork(database, self.settings.service, self.contract)

    def ensure_indexes(self, database: Documents) -> None:
        """Makes the collections and their indexes, the chassis's own included; does nothing to what is there."""
        every: dict[str, list[IndexModel]] = {name: list(models) for name, models in self.indexes.items()}
        for deadline in self.deadlines:
            every.setdefault(deadline.collection, []).append(deadline.index())
        every[outbox.COLLECTION] = outbox.indexes(self.settings.horizon)
        every[INBOX] = inbox_indexes(self.settings.horizon)
        every[commands.COLLECTION] = commands.indexes()
        for name, models in every.items():
            if models:
                database[name].create_indexes(models)

    def http(self) -> Flask:
        """The HTTP side, ready to be served."""
        telemetry.start(self.settings.service, "http", self.settings.log_level)
        database = self.database("http")
        _wait_for(lambda: self.ensure_indexes(database))
        return create_app(self.settings, database, self.blueprints(self.work(database), self.config))

    def worker(self) -> None:
        """Runs the worker side until it is told to stop."""
        telemetry.start(self.settings.service, "worker", self.settings.log_level)
        database, stop = self.database("worker"), threading.Event()
        _wait_for(lambda: self.ensure_indexes(database))
        work = self.work(database)
        jobs: list[tuple[str, Callable[[], None]]] = []
        if self.publishes:
            topics = sorted({self.contract.topic(name) for name in self.publishes})
            jobs.append(("relay", Relay(database, self.settings.kafka, topics, stop, self.settings.lease).run))
        if self.handlers:
            args = (self.contract, self.settings.service, self.handlers, self.config, stop)
            jobs.append(("consumer", Consumer(self.settings.kafka, work, *args).run))
        for deadline in self.deadlines:
            timers = Timers(work, deadline, self.config, stop)
            jobs.append((f"timers-{deadline.collection}", timers.run))
        for name, job in self.jobs.items():
            jobs.append((name, lambda job=job: job(work, self.config, stop)))  # type: ignore[misc]
        run_worker(self.settings, database, jobs, stop)


def _wait_for(action: Callable[[], None]) -> None:
    """Tries until the database is there: services and engines may start in any order."""
    while True:
        try:
            return action()
        except PyMongoError as error:
            telemetry.log.warning("waiting_for_database", error=telemetry.error_name(error))
            time.sleep(0.3)


def main(module: str, compose: Callable[[], Service]) -> None:
    """``python -m services.<name>.app http|worker``; ``module`` must offer ``create_http()`` for the server."""
    try:
        service = compose()
    except BadSetting as error:
        sys.exit(f"relève: {error}")
    side = sys.argv[1] if len(sys.argv) == 2 else ""
    if side == "http":
        serve(f"{module}:create_http", service.settings)
    elif side == "worker":
        service.worker()
    else:
        sys.exit(f"usage: python -m {module} http|worker")
