"""The signing keys in MongoDB: one row. The private halves are wrapped by the service's master key."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chassis.keyring import Keyring
from chassis.keys import unwrapped_pem, wrapped_pem
from chassis.mongo import Document
from chassis.places import rows_of
from chassis.unit import Unit, UnitOfWork
from services.accounts.model import KeyRing, SigningKey, first_ring

KEYS = "vault/keys"
RING = "access-tokens"
Make = Callable[[datetime], SigningKey]
"""Creates a key that signs from the given time."""


def read_ring(work: UnitOfWork, make: Make, key_life: timedelta, token_life: timedelta) -> KeyRing:
    """The signing keys, created at the first call. Deleting the row replaces them and invalidates every token."""
    rows = rows_of(work.database, KEYS)
    document = rows.find_one({"_id": RING})
    if document is None:
        ring = first_ring(make, key_life, work.now())
        with suppress(DuplicateKeyError):  # another process was first
            rows.insert_one({**ring_document(work.keys, ring, token_life), "version": 1})
        document = rows.find_one({"_id": RING}) or {}
    return ring_from(work.keys, document)


def find_ring(unit: Unit) -> KeyRing | None:
    """The signing keys as this transaction sees them."""
    document = unit.find(KEYS, {"_id": RING})
    return ring_from(unit.keys, document) if document else None


def save_ring(unit: Unit, ring: KeyRing, token_life: timedelta) -> None:
    """Stores the signing keys and when they rotate next."""
    unit.put(KEYS, ring_document(unit.keys, ring, token_life))


def ring_document(keys: Keyring, ring: KeyRing, token_life: timedelta) -> Document:
    """The signing keys as they are stored."""
    stored = [
        {"id": key.id, "private": wrapped_pem(keys, key.id, key.private_pem), "signs_from": key.signs_from}
        for key in ring.keys
    ]
    return {"_id": RING, "keys": stored, "version": ring.version, "due_at": ring.due_at(token_life)}


def ring_from(keys: Keyring, document: Document) -> KeyRing:
    """Reads a document written by `ring_document`. Raises `chassis.sealing.Unopened`."""
    found = [
        SigningKey(key["id"], unwrapped_pem(keys, key["id"], key.get("private")), key["signs_from"])
        for key in document["keys"]
    ]
    return KeyRing(found, document["version"])
