"""The signing keys in MongoDB: one row."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.accounts.model import KeyRing, SigningKey, first_ring

RING = "access-tokens"
Make = Callable[[datetime], SigningKey]
"""Creates a key that signs from the given time."""


def read_ring(work: UnitOfWork, make: Make, key_life: timedelta, token_life: timedelta) -> KeyRing:
    """The signing keys, created at the first call. Deleting the row replaces them and invalidates every token."""
    database = work.database
    document = database["keys"].find_one({"_id": RING})
    if document is None:
        ring = first_ring(make, key_life, work.now())
        with suppress(DuplicateKeyError):  # another process was first
            database["keys"].insert_one({**ring_document(ring, token_life), "version": 1})
        document = database["keys"].find_one({"_id": RING}) or {}
    return ring_from(document)


def find_ring(unit: Unit) -> KeyRing | None:
    """The signing keys as this transaction sees them."""
    document = unit.find("keys", {"_id": RING})
    return ring_from(document) if document else None


def save_ring(unit: Unit, ring: KeyRing, token_life: timedelta) -> None:
    """Stores the signing keys and when they rotate next."""
    unit.put("keys", ring_document(ring, token_life))


def ring_document(ring: KeyRing, token_life: timedelta) -> Document:
    """The signing keys as they are stored."""
    return {"_id": RING, **asdict(ring), "due_at": ring.due_at(token_life)}


def ring_from(document: Document) -> KeyRing:
    """Reads a document written by `ring_document`."""
    return KeyRing([SigningKey(**key) for key in document["keys"]], document["version"])
