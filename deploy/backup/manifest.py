"""A backup on disk: a folder with a manifest, one BSON file per collection and, optionally, the secrets.

A backup is written under a temporary name and renamed at the end, so a folder under its final name is complete.
"""

import hashlib
import hmac
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chassis.places import names_of
from contracts.parts import DATABASES

FORMAT = 3
READABLE = (1, 2, FORMAT)
"""Format 1 had one database for each service, and neither 1 nor 2 was encrypted."""
ENCRYPTED = 3
ALL_DATABASES = frozenset(name for service in DATABASES for name in names_of(service))
MANIFEST = "manifest.json"
SECRETS = "secrets.json"
PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Refused(Exception):
    """The request cannot or should not be carried out. The text is one line that says what to do."""


@dataclass(frozen=True)
class Kept:
    """One collection: its number of documents, and the SHA-256 of its compressed file."""

    documents: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup: database, such as ``projects`` or ``projects_vault`` → collection → its file.

    ``cluster_time`` is the MongoDB cluster time of the snapshot (seconds since 1970 and a counter), and ``taken_at``
    its seconds in RFC 3339. ``blind_secret`` is the fingerprint of the system's blind secret, and ``secrets`` is the
    SHA-256 of the file with the secrets; each is None if the backup was taken without it. ``encrypted_to`` are the
    public keys that its files are encrypted to; empty before format 3.
    """

    taken_at: str
    cluster_time: tuple[int, int]
    blind_secret: str | None
    secrets: str | None
    services: Mapping[str, Mapping[str, Kept]]
    encrypted_to: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Writes the manifest into the folder, after all other files."""
        with new_file(folder / MANIFEST) as file:
            file.write(json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode() + b"\n")

    @classmethod
    def open(cls, folder: Path) -> "Manifest":
        """Reads the manifest of a backup and verifies every file against it.

        Raises `Refused` if there is none that this version can read, or if a file is missing or damaged.
        """
        manifest = cls._read(folder)
        manifest._check(folder)
        return manifest

    @classmethod
    def _read(cls, folder: Path) -> "Manifest":
        try:
            found = json.loads((folder / MANIFEST).read_text())
            if found["format"] not in READABLE:
                raise Refused(f"{folder} is a backup of format {found['format']}, and this version reads {FORMAT}")
            return cls(
                found["taken_at"],
                (int(found["cluster_time"][0]), int(found["cluster_time"][1])),
                found["blind_secret"],
                found["secrets"],
                {service: _kept(service, rows) for service, rows in found["services"].items()},
                tuple(map(str, found["encrypted_to"])) if found["format"] >= ENCRYPTED else (),
            )
        except FileNotFoundError:
            raise Refused(f"{folder} is no backup: it has no {MANIFEST}") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(f"the {MANIFEST} of {folder} cannot be read: take another backup") from error

    def _check(self, folder: Path) -> None:
        wanted = {f"{s}/{c}": (self.documents(folder, s, c), kept.sha256) for s, c, kept in self.collections()}
        if self.secrets is not None:
            wanted[SECRETS] = (self.secrets_file(folder), self.secrets)
        damaged = [name for name, (path, sha256) in wanted.items() if not path.is_file() or sha256_of(path) != sha256]
        if damaged:
            raise Refused(f"{folder} is damaged at {', '.join(damaged)}: nothing was restored; take another backup")

    def collections(self) -> Iterator[tuple[str, str, Kept]]:
        """Every collection with its service."""
        for service, rows in self.services.items():
            for collection, kept in rows.items():
                yield service, collection, kept

    def documents(self, folder: Path, service: str, collection: str) -> Path:
        """Path of one collection's documents in this backup."""
        path = documents_of(folder, service, collection)
        return path if self.encrypted_to else path.with_suffix("")

    def secrets_file(self, folder: Path) -> Path:
        """Path of the secrets in this backup."""
        path = secrets_of(folder)
        return path if self.encrypted_to else path.with_suffix("").with_suffix("")


@contextmanager
def new_folder(to: Path) -> Iterator[Path]:
    """A folder that only its owner can read. It has a temporary name until the body ends, and is deleted on failure.

    Raises `Refused` if ``to`` exists already.
    """
    to = to.absolute()
    if to.exists():
        raise Refused(f"{to} is there already: a backup is a new folder (TO=…)")
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{to.name}.", dir=to.parent))  # 0700
    try:
        yield draft
        for folder in [draft, *(path for path in draft.iterdir() if path.is_dir())]:
            _sync(folder)
        draft.rename(to)
        _sync(to.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """A new binary file that only its owner can read; synced to disk when the body ends."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def documents_of(folder: Path, service: str, collection: str) -> Path:
    """Path of one collection's documents."""
    return folder / service / f"{collection}.bson.gz.age"


def secrets_of(folder: Path) -> Path:
    """Path of the secrets."""
    return folder / f"{SECRETS}.gz.age"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(secret: str) -> str:
    """A digest that identifies a blind secret without revealing it."""
    return hmac.digest(secret.encode(), b"releve backup", "sha256").hex()


def _kept(service: str, rows: Mapping[str, Any]) -> dict[str, Kept]:
    """Validates the names, since they become paths and names of databases."""
    if service not in ALL_DATABASES or not all(PLAIN_NAME.fullmatch(name) for name in rows):
        raise ValueError("unknown service or malformed name of a collection")
    return {name: Kept(int(row["documents"]), str(row["sha256"])) for name, row in rows.items()}


def _sync(folder: Path) -> None:
    """Syncs the folder, so that a rename in it survives a power failure."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
