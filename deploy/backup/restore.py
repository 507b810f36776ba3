"""Restores a backup into empty databases, for an unused Kafka; all of it or nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import DuplicateKeyError

from chassis import migrations, outbox
from chassis.broker import Broker
from chassis.mongo import Documents, connect, database_now
from chassis.places import AUDIT, PLACES, names_of
from contracts.parts import DATABASES
from deploy.backup.logs import require_unused
from deploy.backup.manifest import Manifest, Refused
from deploy.backup.sealed import BackupKey, read_sealed

Say = Callable[[str], None]
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument, tz_aware=True, tzinfo=UTC)
BATCH_DOCUMENTS, BATCH_BYTES = 1_000, 4_000_000
UNFINISHED = {"_id": 2**31 - 1, "name": "restore_unfinished"}
"""A migration unknown to any version: it keeps services from starting on a partial restore, and blocks a second one."""


def restore(
    folder: Path, manifest: Manifest, mongo_uri: str, prefix: str, horizon: timedelta, *, kafka: Broker | None,
    key: BackupKey | None,
    before_the_end: Callable[[], None] = lambda: None, say: Say = lambda line: None,
) -> None:  # fmt: skip
    """Restores the backup in ``folder``, which `Manifest.open` has verified.

    ``key`` decrypts it; None for an older backup, which is not encrypted. ``kafka`` is where the restored outboxes will
    be published, or None if there has never been a Kafka. ``before_the_end`` may change the accounts database while the
    other services still cannot start. Raises `Refused` if a database or Kafka is not empty. On failure, everything
    written is dropped again. Memory is limited to one batch of documents, whatever the size of the backup.
    """
    if kafka is not None:
        require_unused(kafka)
    with ExitStack() as claims:
        databases = {}
        wanted = (name for service in DATABASES if service in manifest.services for name in names_of(service))
        for service in wanted:
            databases[service] = connect(mongo_uri, prefix + service, app="restore")
            claims.callback(databases[service].client.close)
        for database in databases.values():
            _require_empty(database)
        for database in databases.values():
            claims.enter_context(_claimed(database))
        for service, database in databases.items():
            if service in manifest.services:
                _fill(folder, manifest, service, database, horizon, key, say)
        if "accounts" in databases:
            _free(databases["accounts"])
        before_the_end()
        for database in reversed(databases.values()):
            _free(database)


def _require_empty(database: Documents) -> None:
    names = database.list_collection_names()
    if database.name.endswith(f"_{AUDIT}"):  # provisioning makes collections there, because the service may not
        names = [name for name in names if database[name].find_one()]
    if names == [migrations.COLLECTION] and database[migrations.COLLECTION].find_one({"_id": UNFINISHED["_id"]}):
        raise Refused(f"{database.name} is what a restore left that was cut off: drop it, and restore again")
    if names:
        raise Refused(
            f"{database.name} holds data ({len(names)} collections), and a restore goes into empty databases only: "
            "restore into a new folder (RELEVE_DATA), another MongoDB or under another RELEVE_DB_PREFIX"
        )


@contextmanager
def _claimed(database: Documents) -> Iterator[None]:
    """Claims the database for this restore while the body runs; drops it on failure."""
    try:
        database[migrations.COLLECTION].insert_one(dict(UNFINISHED))
    except DuplicateKeyError:
        raise Refused(f"another restore into {database.name} is under way") from None
    try:
        yield
    except BaseException:
        for name in database.list_collection_names():
            if database.name.endswith(f"_{AUDIT}") and len(database[name].index_information()) > 1:
                database[name].delete_many({})  # provisioning made these indexes, and a service may not
            else:
                database.drop_collection(name)
        raise


def _free(database: Documents) -> None:
    """Removes the claim, so that services can start on the database."""
    rows = database[migrations.COLLECTION]
    rows.delete_one({"_id": UNFINISHED["_id"]})
    if database.name.endswith(PLACES):
        rows.drop()


def _fill(
    folder: Path, manifest: Manifest, service: str, database: Documents, horizon: timedelta, key: BackupKey | None,
    say: Say,
) -> None:  # fmt: skip
    expired = database_now(database) - horizon
    documents = left_out = 0
    for name, kept in manifest.services[service].items():
        rows, read = database[name], 0
        for batch in _batches(manifest.documents(folder, service, name), key):
            wanted = [row for row in batch if name != outbox.COLLECTION or not _is_past(row, expired)]
            if wanted:
                rows.insert_many(cast(Any, wanted), ordered=False)
            read, left_out, documents = read + len(batch), left_out + len(batch) - len(wanted), documents + len(wanted)
        if read != kept.documents:
            raise Refused(f"{service}/{name} holds {read} documents, and the manifest says {kept.documents}")
    say(f"  ✓ {service}: {documents} documents" + (f", {left_out} events past the horizon left out" * bool(left_out)))


def _is_past(row: RawBSONDocument, expired: datetime) -> bool:
    """Whether an outbox row is so old that inboxes have forgotten it: republished, it would count twice."""
    published_at: datetime | None = row.get("published_at")
    return published_at is not None and published_at < expired


def _batches(path: Path, key: BackupKey | None) -> Iterator[Sequence[RawBSONDocument]]:
    """The documents of a file, in batches."""
    batch: list[RawBSONDocument] = []
    size = 0
    with read_sealed(path, key) as packed:
        for document in bson.decode_file_iter(cast(Any, packed), RAW):
            batch.append(document)
            size += len(document.raw)
            if len(batch) == BATCH_DOCUMENTS or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch
