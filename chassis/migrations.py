"""Migrations: numbered changes of the stored documents, each applied once, by the first process that starts.

Indexes are declared, not migrated: a new index is created at the next start. An index that is no longer declared is
reported and kept. One whose declaration has changed keeps the service from starting until a migration drops it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from chassis import telemetry
from chassis.clock import DATABASE_CLOCK, Clock
from chassis.keyring import Keyring, needed
from chassis.lease import Lease
from chassis.mongo import Document, Documents, is_outage
from chassis.places import AUDIT, LIFETIME, collections_of, rows_of

COLLECTION = "migrations"
BATCH = 1_000
POLL_S = 0.1
NOT_THERE = (26, 27)
CONFLICTS = (85, 86)
UNAUTHORIZED = 13


class CannotStart(Exception):
    """The stored data and the code do not match. The text is one line that says how to fix it, and holds no data."""


@dataclass(frozen=True)
class Migration:
    """One change of a service's data. Numbers are 1, 2, 3 …; number and name never change once released.

    ``seal`` replaces ``apply`` where the change needs the service's keys. Either must be idempotent and change only
    documents in the older shape (`change_each`): it may run again after a crash, and twice concurrently if a process
    loses its lease. Stop processes of the version before first, because they would write the older shape again.
    """

    number: int
    name: str
    apply: Callable[[Documents], None] | None = None
    seal: Callable[[Documents, Keyring], None] | None = None

    def run(self, database: Documents, keys: Keyring | None) -> None:
        """Applies it, once or again."""
        if self.apply:
            self.apply(database)
        if self.seal:
            self.seal(database, needed(keys))


def migrate(
    database: Documents,
    migrations: Sequence[Migration],
    lease: timedelta,
    clock: Clock = DATABASE_CLOCK,
    keys: Keyring | None = None,
) -> list[Migration]:
    """Applies the missing migrations in order. Returns those that this process applied, once none is missing.

    However many processes call it concurrently, one of them applies each migration and the others wait. Raises
    `CannotStart` for data of a newer version and for a migration that fails, and `pymongo.errors.PyMongoError` if the
    database is away.
    """
    if [migration.number for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError("migrations must be numbered 1, 2, 3 …")
    bid = Lease(database, COLLECTION, lease)
    applied: list[Migration] = []
    try:
        while missing(database, migrations):
            if not bid.hold():
                time.sleep(POLL_S)
                continue
            for migration in missing(database, migrations)[:1]:  # read again: another process may have applied it
                if _apply(database, migration, bid, lease, clock, keys):
                    applied.append(migration)
    finally:
        with suppress(PyMongoError):  # the lease expires by itself
            bid.release()
    return applied


def missing(database: Documents, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations not yet applied. Raises `CannotStart` if the data are newer or of another history."""
    done = {row["_id"]: row["name"] for row in database[COLLECTION].find()}
    newest = max(done, default=0)
    if newest > len(migrations):
        raise CannotStart(
            f"{database.name} holds data of a newer version (migration {newest}, {done[newest]}), and this one knows "
            f"{len(migrations)}: run the newer version, or bring back the backup from before it"
        )
    for migration in migrations:
        if done.get(migration.number, migration.name) != migration.name:
            raise CannotStart(
                f"{database.name} had {done[migration.number]} as migration {migration.number}, where this version has "
                f"{migration.name}: the data were written by code of another history"
            )
    return [migration for migration in migrations if migration.number not in done]


def change_each(
    rows: Collection[Document],
    older: Mapping[str, Any],
    change: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    batch: int = BATCH,
) -> int:
    """Updates the documents that match ``older``, in batches, and returns the number of changed documents.

    ``change`` is an update or an update pipeline. The database applies it document by document, so no concurrent write
    is lost. A changed document must no longer match ``older``, so that a second run continues where the first stopped.
    All ids must be of one type.
    """
    changed, rest = 0, dict[str, Any]()
    while ids := [
        row["_id"] for row in rows.find({"$and": [older, rest]}, {"_id": 1}).sort("_id", ASCENDING).limit(batch)
    ]:
        changed += rows.update_many({"$and": [{"_id": {"$in": ids}}, older]}, change).modified_count
        rest = {"_id": {"$gt": ids[-1]}}
    return changed


def drop_index(rows: Collection[Document], name: str) -> None:
    """Drops an index, if it exists."""
    try:
        rows.drop_index(name)
    except OperationFailure as error:
        if error.code not in NOT_THERE:
            raise


def make_indexes(database: Documents, declared: Mapping[str, Sequence[IndexModel]]) -> None:
    """Creates the declared indexes that are missing and logs a warning for each index that is not declared.

    The lifetime of a TTL index is updated to the declared one, because it is a setting. Raises `CannotStart` for any
    other difference.
    """
    for name, models in declared.items():
        rows = rows_of(database, name)
        if models and not (name.startswith(f"{AUDIT}/") and _has_all(rows, models)):
            try:
                rows.create_indexes(models)
            except OperationFailure as error:
                if error.code == UNAUTHORIZED:
                    raise CannotStart(
                        f"{rows.database.name} lacks indexes and this service may not make them there: create the "
                        "users of MongoDB again (deploy.mongo.provision)"
                    ) from error
                if error.code not in CONFLICTS:
                    raise
                for model in models:
                    _make_index(rows, model)
    for name in collections_of(database):
        known = {"_id_", LIFETIME, *(model.document["name"] for model in declared.get(name, ()))}
        for index in rows_of(database, name).list_indexes():
            if index["name"] not in known:
                telemetry.log.warning("index_not_declared", collection=name, index=index["name"])


def _has_all(rows: Collection[Document], models: Sequence[IndexModel]) -> bool:
    return {model.document["name"] for model in models} <= {index["name"] for index in rows.list_indexes()}


def _apply(
    database: Documents, migration: Migration, bid: Lease, lease: timedelta, clock: Clock, keys: Keyring | None
) -> bool:
    """Applies and records a migration. Returns False if another process took the lease meanwhile."""
    epoch, began = bid.epoch, time.monotonic()
    telemetry.log.info("migration_begins", number=migration.number, name=migration.name)
    with _renewed(bid, lease):
        try:
            migration.run(database, keys)
        except Exception as error:
            if is_outage(error):
                raise
            raise CannotStart(
                f"{database.name}: migration {migration.number} ({migration.name}) failed with "
                f"{telemetry.error_name(error)} at {telemetry.error_place(error)}; it runs again at the next start"
            ) from error
    if not bid.hold() or bid.epoch != epoch:
        telemetry.log.warning("migration_lease_lost", number=migration.number, name=migration.name)
        return False
    row = {"_id": migration.number, "name": migration.name, "applied_at": clock.now(database)}
    with suppress(DuplicateKeyError):
        database[COLLECTION].insert_one(row)
    seconds = round(time.monotonic() - began, 3)
    telemetry.log.info("migration_applied", number=migration.number, name=migration.name, seconds=seconds)
    return True


@contextmanager
def _renewed(bid: Lease, lease: timedelta) -> Iterator[None]:
    """Renews the lease while the block runs, which may take much longer. The block must not use ``bid``."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(lease.total_seconds() / 3):
            with suppress(PyMongoError):  # retried at the next interval; the caller checks the lease afterwards
                bid.hold()

    thread = threading.Thread(target=renew, name="migrations-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _make_index(rows: Collection[Document], model: IndexModel) -> None:
    try:
        rows.create_indexes([model])
    except OperationFailure as error:
        if error.code not in CONFLICTS:
            raise
        wanted = model.document
        for index in rows.list_indexes():
            if _definition(index) == _definition(wanted) and "expireAfterSeconds" in index.keys() & wanted.keys():
                ttl = {"name": index["name"], "expireAfterSeconds": wanted["expireAfterSeconds"]}
                rows.database.command("collMod", rows.name, index=ttl)
                telemetry.log.info("index_ttl_changed", collection=rows.name, index=index["name"])
                return
        raise CannotStart(
            f"{rows.database.name}: index {wanted['name']} of {rows.name} is declared otherwise than it was made; "
            "a migration must drop it first (chassis.migrations.drop_index)"
        ) from error


def _definition(index: Mapping[str, Any]) -> dict[str, Any]:
    """The keys and options that identify an index, without its TTL."""
    options = {name: value for name, value in index.items() if name not in ("v", "ns", "expireAfterSeconds")}
    return {**options, "key": list(index["key"].items())}
