"""`Service`: puts a service together from its parts and runs its sides. Every ``app.py`` composes one."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from chassis import audit, erasure, guards, inbox, outbox, telemetry, tracing
from chassis.clock import DATABASE_CLOCK, Clock
from chassis.consumer import Consumer
from chassis.events import Contract
from chassis.http import commands
from chassis.http.app import create_app
from chassis.http.serve import serve
from chassis.inbox import Handler
from chassis.migrations import CannotStart, Migration, make_indexes, migrate
from chassis.mongo import Documents, connect
from chassis.relay import Relay
from chassis.settings import BadSetting, Settings, environment
from chassis.timers import Deadline, Timers
from chassis.unit import REQUEST_TIMEOUT_S, TIMEOUT_S, UnitOfWork
from chassis.worker import run_worker

Job = Callable[[UnitOfWork, Any, threading.Event], None]


@dataclass(frozen=True)
class Service:
    """The parts of one service.

    ``config`` holds the service's own frozen settings; handlers, deadlines and jobs receive it. Everything that reads
    the time uses ``clock``.
    """

    settings: Settings
    config: Any
    contract: Contract
    handlers: Mapping[str, Handler]
    indexes: Mapping[str, Sequence[IndexModel]]
    blueprints: Callable[[UnitOfWork, Any], Sequence[Blueprint]]
    deadlines: tuple[Deadline, ...] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    migrations: tuple[Migration, ...] = ()
    clock: Clock = DATABASE_CLOCK

    def database(self, side: str) -> Documents:
        """Connects to the service's database; the connection's name is ``<service>-<side>``."""
        return connect(self.settings.mongo_uri, self.settings.database, app=f"{self.settings.service}-{side}")

    def work(self, database: Documents, within: float = TIMEOUT_S) -> UnitOfWork:
        """A `UnitOfWork` that writes to this service's outbox; ``within`` is its timeout in seconds."""
        return UnitOfWork(database, self.settings.service, self.contract, within, self.clock)

    def ensure_indexes(self, database: Documents) -> None:
        """Creates the collections and indexes of the service and of the chassis (`chassis.migrations.make_indexes`)."""
        every: dict[str, list[IndexModel]] = {name: list(models) for name, models in self.indexes.items()}
        for deadline in self.deadlines:
            every.setdefault(deadline.collection, []).append(deadline.index())
        every[outbox.COLLECTION] = outbox.indexes(self.settings.horizon)
        every[inbox.COLLECTION] = inbox.indexes(self.settings.horizon)
        every[commands.COLLECTION] = commands.indexes()
        every[erasure.COLLECTION] = erasure.indexes(self.settings.horizon)
        every[audit.COLLECTION] = audit.indexes()
        every[guards.COLLECTION] = guards.indexes()
        make_indexes(database, every)

    def prepare(self, database: Documents) -> list[Migration]:
        """Migrates the data to this version and returns the migrations applied. Raises `CannotStart` if it cannot."""
        applied = migrate(database, self.migrations, self.settings.lease, self.clock)
        self.ensure_indexes(database)
        return applied

    def begin(self, side: str) -> Documents:
        """Waits for the database, prepares it and returns it."""
        database = self._open(side)
        _wait_for(lambda: self.prepare(database))
        return database

    def http(self) -> Flask:
        """The application of the HTTP side. It expects a database that the serving process has prepared (`main`)."""
        database = self._open("http")
        return create_app(self.settings, database, self.blueprints(self.work(database, REQUEST_TIMEOUT_S), self.config))

    def _open(self, side: str) -> Documents:
        telemetry.start(self.settings.service, side, self.settings.log_level)
        return self.database(side)

    def worker(self) -> None:
        """Runs the worker side until a signal stops it, then ends the process (`chassis.worker.run_worker`)."""
        database, stop = self.begin("worker"), threading.Event()
        work = self.work(database)
        jobs: list[tuple[str, Callable[[], None]]] = []
        relay: Relay | None = None
        consumer: Consumer | None = None
        if self.contract.publishes(self.settings.service):
            topics = [self.contract.topic(self.settings.service)]
            relay = Relay(database, self.settings.broker, topics, stop, self.settings.lease, clock=self.clock)
            jobs.append(("relay", relay.run))
        if self.handlers:
            args = (self.contract, self.settings.service, self.handlers, self.config, stop)
            consumer = Consumer(self.settings.broker, work, *args)
            jobs.append(("consumer", consumer.run))
        for deadline in self.deadlines:
            timers = Timers(work, deadline, self.config, stop)
            jobs.append((f"timers-{deadline.collection}", timers.run))
        for name, job in self.jobs.items():
            jobs.append((name, lambda job=job: job(work, self.config, stop)))  # type: ignore[misc]
        parts = [part for part in (relay, consumer) if part]
        for part in parts:
            telemetry.READY.labels(type(part).__name__.lower()).set_function(lambda part=part: float(part.healthy()))  # type: ignore[misc]
        run_worker(self.settings, database, jobs, stop, lambda: all(part.healthy() for part in parts))

    def migrate(self) -> str:
        """Prepares the database and returns a one-line summary. Raises `PyMongoError` if the database is away."""
        telemetry.start(self.settings.service, "migrate", "warning")
        applied = [f"{migration.number} {migration.name}" for migration in self.prepare(self.database("migrate"))]
        return f"{self.settings.service}: {', '.join(applied) or 'nothing to migrate'} (at {len(self.migrations)})"


def _wait_for(action: Callable[[], object]) -> None:
    """Retries until the database is available: services and engines may start in any order."""
    while True:
        try:
            action()
            return
        except PyMongoError as error:
            telemetry.log.warning("waiting_for_database", error=telemetry.error_name(error))
            time.sleep(0.3)


Compose = Callable[[Mapping[str, str]], Service]
"""Builds a service from its settings (`chassis.settings.environment`). Raises `BadSetting`."""


def from_environment(compose: Compose, environ: Mapping[str, str]) -> Service:
    """Builds the service from the process's environment and starts the export of its spans. Raises `BadSetting`."""
    settings = environment(environ)
    service = compose(settings)
    tracing.export(service.settings.service, settings)
    return service


def main(module: str, compose: Compose, environ: Mapping[str, str]) -> None:
    """Runs ``python -m services.<name>.app http|worker|migrate``. ``module`` has ``create_http()`` for the server."""
    side = sys.argv[1] if len(sys.argv) == 2 else ""
    if side not in ("http", "worker", "migrate"):
        sys.exit(f"usage: python -m {module} http|worker|migrate")
    for number in (signal.SIGTERM, signal.SIGINT):  # no work is in flight yet; each side sets its own handlers later
        signal.signal(number, lambda *_: os._exit(0))
    try:
        service = from_environment(compose, environ)
        if side == "http":
            service.begin("http").client.close()  # here an error ends the process; the server would restart its child
            serve(f"{module}:create_http", service.settings)
        elif side == "worker":
            service.worker()
        else:
            print(service.migrate())
    except (BadSetting, CannotStart) as error:
        sys.exit(f"relève: {error}")
    except PyMongoError as error:
        if side != "migrate":
            raise
        sys.exit(f"relève: MongoDB is unavailable or refused the request: {telemetry.error_name(error)}")
