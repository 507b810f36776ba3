"""Data over versions: a change of what documents look like is a numbered migration, applied once, by who starts first.

Indexes are declared, not migrated: a new one is made at the next start. One that is no longer declared is reported
and stays, and one that is declared otherwise keeps the service from starting, until a migration drops it.
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
from chassis.lease import Lease
from chassis.mongo import Document, Documents, is_outage

COLLECTION = "migrations"
BATCH = 1_000
POLL_S = 0.1
NOT_THERE = (26, 27)
CONFLICTS = (85, 86)


class CannotStart(Exception):
    """Data and code do not go together. The text is one line that says what to do, and holds no data."""


@dataclass(frozen=True)
class Migration:
    """One change of a service's data. Numbers are 1, 2, 3 …; number and name stay as they are once released.

    ``apply`` may run again after a crash in its middle, and beside itself where a process lost its lease: it
    changes only what is still in the older shape (`change_each`). A process of the version before that goes on
    running would write the older shape again: stop those first.
    """

    number: int
    name: str
    apply: Callable[[Documents], None]


def migrate(
    database: Documents, migrations: Sequence[Migration], lease: timedelta, clock: Clock = DATABASE_CLOCK
) -> list[Migration]:
    """Applies what is missing, in order, and returns what this process applied, once nothing is missing.

    However many processes call it at once, each migration is applied by one of them and the others wait.
    Raises `CannotStart` for data of a newer version and for a migration that fails, and
    `pymongo.errors.PyMongoError` where the database is away.
    """
    if [migration.number for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError("migrations are numbered 1, 2, 3 …")
    bid = Lease(database, COLLECTION, lease)
    applied: list[Migration] = []
    try:
        while missing(database, migrations):
            if not bid.hold():
                time.sleep(POLL_S)
                continue
            for migration in missing(database, migrations)[:1]:  # asked again: it may have been done meanwhile
                if _apply(database, migration, bid, lease, clock):
                    applied.append(migration)
    finally:
        with suppress(PyMongoError):  # it ends by itself
            bid.release()
    return applied


def missing(database: Documents, migrations: Sequence[Migration]) -> list[Migration]:
    """What has not been applied; `CannotStart` where the data are newer than the code, or of another history."""
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
    """Updates the documents that match ``older``, a batch at a time; how many it changed.

    ``change`` is an update or an update pipeline, which the database carries out document by document, so that
    nothing that others write meanwhile is lost. What it has changed no longer matches ``older``: run again, it
    goes on where it stopped. Ids are of one type.
    """
    changed, rest = 0, dict[str, Any]()
    while ids := [
        row["_id"] for row in rows.find({"$and": [older, rest]}, {"_id": 1}).sort("_id", ASCENDING).limit(batch)
    ]:
        changed += rows.update_many({"$and": [{"_id": {"$in": ids}}, older]}, change).modified_count
        rest = {"_id": {"$gt": ids[-1]}}
    return changed


def drop_index(rows: Collection[Document], name: str) -> None:
    """Drops an index that is no longer wanted as it was; nothing happens where it is not there."""
    try:
        rows.drop_index(name)
    except OperationFailure as error:
        if error.code not in NOT_THERE:
            raise


def make_indexes(database: Documents, declared: Mapping[str, Sequence[IndexModel]]) -> None:
    """Makes the declared indexes that are missing and reports those that nobody declares.

    How long a TTL index keeps documents follows the declaration, since that is a setting. Any other difference
    is `CannotStart`.
    """
    for name, models in declared.items():
        if models:
            try:
                database[name].create_indexes(models)
            except OperationFailure as error:
                if error.code not in CONFLICTS:
                    raise
                for model in models:
                    _make_index(database[name], model)
    for name in database.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}):
        known = {"_id_", *(model.document["name"] for model in declared.get(name, ()))}
        for index in database[name].list_indexes():
            if index["name"] not in known:
                telemetry.log.warning("index_not_declared", collection=name, index=index["name"])


def _apply(database: Documents, migration: Migration, bid: Lease, lease: timedelta, clock: Clock) -> bool:
    """Whether it is applied and recorded; False when the lease went to somebody else meanwhile."""
    epoch, began = bid.epoch, time.monotonic()
    telemetry.log.info("migration_begins", number=migration.number, name=migration.name)
    with _renewed(bid, lease):
        try:
            migration.apply(database)
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
    """Keeps the lease while the body runs, which may take much longer; nobody else uses ``bid`` meanwhile."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(lease.total_seconds() / 3):
            with suppress(PyMongoError):  # tried again, and looked at in the end
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
    """What makes an index what it is, its TTL left out."""
    options = {name: value for name, value in index.items() if name not in ("v", "ns", "expireAfterSeconds")}
    return {**options, "key": list(index["key"].items())}
