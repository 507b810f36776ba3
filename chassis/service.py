"""`Service`: puts a service together from its parts and runs its sides. Every ``app.py`` composes one."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, Flask
from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis import (
    audit,
    erasure,
    guards,
    inbox,
    letterbox,
    limits,
    outbox,
    places,
    revocations,
    telemetry,
    tracing,
)
from chassis.clock import DATABASE_CLOCK, Clock
from chassis.consumer import Consumer
from chassis.events import Contract
from chassis.http import commands
from chassis.http.app import create_app
from chassis.http.revoked import Revocations
from chassis.http.serve import serve
from chassis.inbox import Handler
from chassis.keyring import Keyring, needed
from chassis.migrations import CannotStart, Migration, make_indexes, migrate
from chassis.mongo import Document, Documents, close_before_fork, connect
from chassis.relay import Relay
from chassis.rewrap import Count, check, count, rewrap
from chassis.sealing import KeysAway
from chassis.settings import BadSetting, Settings, environment
from chassis.timers import Deadline, Timers
from chassis.unit import REQUEST_TIMEOUT_S, TIMEOUT_S, UnitOfWork
from chassis.worker import run_worker

SIDES = ("http", "worker", "migrate", "keys", "rewrap", "retire")
Job = Callable[[UnitOfWork, Any, threading.Event], None]


@dataclass(frozen=True)
class Service:
    """The parts of one service.

    ``config`` holds the service's own frozen settings; handlers, deadlines and jobs receive it. Everything that reads
    the time uses ``clock``. ``wrapped`` are the collections that hold keys wrapped by the master key of ``keys``. The
    worker serves ``pages``, for processes that must not reach the HTTP side.
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
    keys: Keyring | None = None
    wrapped: tuple[str, ...] = ()
    clock: Clock = DATABASE_CLOCK
    pages: Callable[[UnitOfWork, Any], Sequence[Blueprint]] = lambda _work, _config: ()

    def database(self, side: str) -> Documents:
        """Connects to the service's database; the connection's name is ``<service>-<side>``."""
        return connect(self.settings.mongo_uri, self.settings.database, app=f"{self.settings.service}-{side}")

    def work(self, database: Documents, within: float = TIMEOUT_S) -> UnitOfWork:
        """A `UnitOfWork` that writes to this service's outbox; ``within`` is its timeout in seconds."""
        return UnitOfWork(database, self.settings.service, self.contract, within, self.clock, self.keys)

    def ensure_indexes(self, database: Documents) -> None:
        """Creates the collections and indexes of the service and of the chassis (`chassis.migrations.make_indexes`)."""
        every: dict[str, list[IndexModel]] = {name: list(models) for name, models in self.indexes.items()}
        for deadline in self.deadlines:
            every.setdefault(deadline.collection, []).append(deadline.index())
        chassis: Mapping[str, Sequence[IndexModel]] = {
            outbox.COLLECTION: outbox.indexes(self.settings.horizon),
            inbox.COLLECTION: inbox.indexes(self.settings.horizon),
            letterbox.COLLECTION: letterbox.indexes(),
            commands.COLLECTION: commands.indexes(),
            erasure.COLLECTION: erasure.indexes(self.settings.horizon),
            places.TRAIL: places.trail_indexes(),
            guards.COLLECTION: guards.indexes(),
            revocations.COLLECTION: revocations.indexes(),
            limits.COLLECTION: limits.indexes(),
        }
        for name, models in chassis.items():  # a service may have a collection of this name, as accounts has erasures
            every.setdefault(name, []).extend(models)
        make_indexes(database, every)

    def prepare(self, database: Documents) -> list[Migration]:
        """Migrates the data to this version and returns the migrations applied.

        Raises `CannotStart` if it cannot, and if the stored keys do not open with the service's master key.
        """
        applied = migrate(database, self.migrations, self.settings.lease, self.clock, self.keys)
        self.ensure_indexes(database)
        if moved := outbox.readdress(database, self.settings.service, self.contract):
            telemetry.log.info("events_readdressed", rows=moved)
        if self.keys:
            check(self._wrapped(database), self.keys, self.settings.service)
        return applied

    def begin(self, side: str) -> Documents:
        """Waits for the database, prepares it and returns it."""
        database = self._open(side)
        _wait_for(lambda: self.prepare(database))
        return database

    def http(self) -> Flask:
        """The application of the HTTP side. It expects a database that the serving process has prepared (`main`)."""
        database = self._open("http")
        app = create_app(self.settings, database, self.blueprints(self.work(database, REQUEST_TIMEOUT_S), self.config))
        if isinstance(revoked := app.extensions["releve_revoked"], Revocations):  # accounts asks its own sessions
            revoked.start()
        return app

    def _open(self, side: str) -> Documents:
        telemetry.start(self.settings.service, side, self.settings.log_level)
        if end := self.settings.tls.ends():
            telemetry.CERTIFICATE_ENDS.labels(f"{self.settings.service}-{side}").set(end.timestamp())
        return self.database(side)

    def worker(self) -> None:
        """Runs the worker side until a signal stops it, then ends the process (`chassis.worker.run_worker`)."""
        database, stop = self.begin("worker"), threading.Event()
        work = self.work(database)
        jobs: list[tuple[str, Callable[[], None]]] = []
        relay: Relay | None = None
        consumer: Consumer | None = None
        if self.contract.publishes(self.settings.service):
            topics = sorted(self.contract.topics_of(self.settings.service))
            relay = Relay(database, self.settings.broker, topics, stop, self.settings.lease, clock=self.clock)
            jobs.append(("relay", relay.run))
        if self.handlers:
            args = (self.contract, self.settings.service, self.handlers, self.config, stop)
            consumer = Consumer(self.settings.broker, work, *args)
            jobs.append(("consumer", consumer.run))
            box = letterbox.LetterBox(self.settings.broker, work, *args, self.settings.lease)
            jobs.append(("letters", box.run))
        for deadline in self.deadlines:
            timers = Timers(work, deadline, self.config, stop)
            jobs.append((f"timers-{deadline.collection}", timers.run))
        for name, job in self.jobs.items():
            jobs.append((name, lambda job=job: job(work, self.config, stop)))  # type: ignore[misc]
        parts = [part for part in (relay, consumer) if part]
        for part in parts:
            telemetry.READY.labels(type(part).__name__.lower()).set_function(lambda part=part: float(part.healthy()))  # type: ignore[misc]
        pages = self.pages(work, self.config)
        run_worker(self.settings, database, jobs, stop, lambda: all(part.healthy() for part in parts), pages)

    def migrate(self) -> str:
        """Prepares the database and returns a one-line summary. Raises `PyMongoError` if the database is away."""
        telemetry.start(self.settings.service, "migrate", "warning")
        applied = [f"{migration.number} {migration.name}" for migration in self.prepare(self.database("migrate"))]
        return f"{self.settings.service}: {', '.join(applied) or 'nothing to migrate'} (at {len(self.migrations)})"

    def count_keys(self) -> Count:
        """Counts the stored keys by version of the master key. Raises `PyMongoError` if the database is away."""
        return count(self._wrapped(self._open("keys")))

    def rewrap(self, say: Callable[[str], None], what: str = "keys.rewrapped") -> Count:
        """Rewraps the stored keys under the current master key (`chassis.rewrap`), with the row ``what`` in the audit
        trail. Raises `PyMongoError`."""
        database, keys = self._open("rewrap"), needed(self.keys)
        audit.record_alone(database, what, "", f"master key {keys.version}")
        return rewrap(self._wrapped(database), keys, say)

    def _wrapped(self, database: Documents) -> list[Collection[Document]]:
        return [places.rows_of(database, name) for name in self.wrapped]


def _say(result: str) -> None:
    """Prints the result of a command as its last line, after the log lines that wait."""
    telemetry.flush()
    print(result)


def _counted(found: Count) -> str:
    return json.dumps({"versions": found.versions, "rewrapped": found.rewrapped, "unopened": found.unopened})


def _wait_for(action: Callable[[], object]) -> None:
    """Retries until database and key service are available: services and engines may start in any order."""
    while True:
        try:
            action()
            return
        except (PyMongoError, KeysAway) as error:
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
    """Runs ``python -m services.<name>.app http|worker|migrate|keys|rewrap|retire``.

    ``module`` has ``create_http()`` for the server. ``keys``, ``rewrap``, and ``retire``, which rewraps before older
    versions are removed, are steps of `deploy.rotate`; they print one line of JSON.
    """
    side = sys.argv[1] if len(sys.argv) == 2 else ""
    if side not in SIDES:
        sys.exit(f"usage: python -m {module} {'|'.join(SIDES)}")
    for number in (signal.SIGTERM, signal.SIGINT):  # no work is in flight yet; each side sets its own handlers later
        signal.signal(number, lambda *_: os._exit(0))
    try:
        service = from_environment(compose, environ)
        if side == "http":
            # here an error ends the process; the server would restart its child
            close_before_fork(service.begin("http"))
            serve(f"{module}:create_http", service.settings)
        elif side == "worker":
            service.worker()
        elif side == "migrate":
            _say(service.migrate())
        else:
            tell = partial(print, file=sys.stderr, flush=True)
            what = "keys.retired" if side == "retire" else "keys.rewrapped"
            _say(_counted(service.count_keys() if side == "keys" else service.rewrap(tell, what)))
    except (BadSetting, CannotStart) as error:
        sys.exit(f"relève: {error}")
    except KeysAway:
        sys.exit("relève: the key service does not answer; nothing is lost, run the command again")
    except PyMongoError as error:
        if side in ("http", "worker"):
            raise
        sys.exit(f"relève: MongoDB is unavailable or refused the request: {telemetry.error_name(error)}")
