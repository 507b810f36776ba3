"""Takes a backup: a consistent snapshot of every database of a replica set, while the system runs."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure

from chassis.events import rfc3339
from chassis.mongo import Documents, connect
from chassis.places import names_of
from contracts.parts import DATABASES
from deploy.backup.manifest import (
    Kept,
    Manifest,
    Refused,
    documents_of,
    fingerprint,
    new_folder,
    secrets_of,
    sha256_of,
)
from deploy.backup.sealed import BackupKey, write_sealed

Say = Callable[[str], None]

RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument, tz_aware=True, tzinfo=UTC)
NOT_KEPT: Mapping[str, frozenset[str]] = {
    "": frozenset({"leases", "held", "letters"}),
    "accounts": frozenset({"sessions", "refresh_tokens"}),
}
"""Collections left out of every backup. Leases belong to processes that are gone. `held` waits for dead letters, which
a restore retries since it republishes everything; `letters` copies them. Without sessions, a sign-out after the backup
stays in force.
"""
ORDERLY = {"type": "collection", "name": {"$not": {"$regex": r"^system\."}}}
LISTED_ALIKE_TRIES = 10
TOO_OLD, UNAVAILABLE = 239, 246


def back_up(
    mongo_uri: str, prefix: str, services: Sequence[str], to: Path, *, key: BackupKey,
    blind_secret: str | None = None, secrets: Mapping[str, str] | None = None, say: Say = lambda line: None,
) -> Manifest:  # fmt: skip
    """Copies the services' databases, as of one moment, into the new folder ``to``, encrypted to ``key``.

    ``secrets`` are included, ``blind_secret`` only as a fingerprint. Nothing is locked or blocked, and memory does
    not grow with the data. Raises `Refused`, and `pymongo.errors.PyMongoError` if the database is unavailable.
    """
    with new_folder(to) as draft:
        databases = {
            name: connect(mongo_uri, prefix + name, app="backup") for service in services for name in names_of(service)
        }
        try:
            moment, names = _moment(databases)
            at = rfc3339(datetime.fromtimestamp(moment.time, UTC))
            say(f"  the data as of {at}")
            kept = {
                name: _copy(databases[name], some, moment, draft, name, key, say)
                for name, some in names.items()
                if some
            }
        except OperationFailure as error:
            raise _refusal(error) from error
        finally:
            for database in databases.values():
                database.client.close()
        secrets_sum = None
        if secrets:
            write_sealed(secrets_of(draft), [json.dumps(dict(secrets)).encode()], key)
            secrets_sum = sha256_of(secrets_of(draft))
        known = fingerprint(blind_secret) if blind_secret else None
        manifest = Manifest(at, (moment.time, moment.inc), known, secrets_sum, kept, key.public)
        manifest.write(draft)
    return manifest


def _moment(databases: Mapping[str, Documents]) -> tuple[Timestamp, dict[str, list[str]]]:
    """A cluster time, and all collections that existed at it.

    MongoDB cannot list collections in a snapshot, so this retries until the list is the same before and after.
    """
    first, database = next(iter(databases.items()))
    for _ in range(LISTED_ALIKE_TRIES):
        before = _names(databases)
        for service, names in before.items():
            if not names and service in DATABASES:
                raise Refused(
                    f"there is no database {databases[service].name}: is RELEVE_DB_PREFIX right? Of services that have "
                    "a MongoDB of their own each is backed up by itself (SERVICE=…)"
                )
        asked = database.command("find", before[first][0], limit=1, readConcern={"level": "snapshot"})
        moment: Timestamp = asked["cursor"]["atClusterTime"]
        if _names(databases) == before:
            return moment, before
    raise Refused("collections are being made all the time: take the backup once the services have started")


def _names(databases: Mapping[str, Documents]) -> dict[str, list[str]]:
    return {service: _of_service(database, service) for service, database in databases.items()}


def _of_service(database: Documents, service: str) -> list[str]:
    left_out = NOT_KEPT[""] | NOT_KEPT.get(service, frozenset())
    return sorted(set(database.list_collection_names(filter=ORDERLY)) - left_out)


def _copy(
    database: Documents, names: Sequence[str], moment: Timestamp, draft: Path, service: str, key: BackupKey, say: Say
) -> dict[str, Kept]:
    (draft / service).mkdir(mode=0o700)
    kept = {}
    for name in names:
        path = documents_of(draft, service, name)
        documents = _write(database, name, moment, path, key)
        kept[name] = Kept(documents, sha256_of(path))
    size = sum(documents_of(draft, service, name).stat().st_size for name in names)
    say(f"  ✓ {service}: {sum(each.documents for each in kept.values())} documents, {size / 1e6:.1f} MB")
    return kept


def _write(database: Documents, name: str, moment: Timestamp, path: Path, key: BackupKey) -> int:
    """Streams one collection as it was at the moment, byte for byte; how many documents."""
    count = itertools.count()
    concern: dict[str, Any] = {"level": "snapshot", "atClusterTime": moment}
    raw = database.with_options(codec_options=RAW)  # what later batches are decoded by
    rows = raw.cursor_command("find", name, readConcern=concern, codec_options=RAW)
    write_sealed(path, (bytes(document.raw) for document, _ in zip(rows, count, strict=False)), key)
    return next(count)


def _refusal(error: OperationFailure) -> Exception:
    if error.code == TOO_OLD:
        return Refused(
            "MongoDB no longer keeps the moment of this backup: reading took longer than the server parameter "
            "minSnapshotHistoryWindowInSeconds (300). Raise it on every member while backups are taken, such as "
            "db.adminCommand({setParameter: 1, minSnapshotHistoryWindowInSeconds: 3600})"
        )
    if error.code == UNAVAILABLE:
        return Refused("a service is changing its indexes at this moment: take the backup again once it has started")
    return error
