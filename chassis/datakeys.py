"""Data keys: one for each aggregate whose sealed data must become unreadable at once, in every copy, by destroying it.

The key is stored wrapped, apart from what it seals, and is destroyed in the transaction that deletes the data.
"""

from dataclasses import dataclass, field

from chassis import sealing
from chassis.keyring import Keyring
from chassis.mongo import Document
from chassis.unit import Unit

COLLECTION = "vault/data_keys"
DESTROYED = "vault/destroyed_keys"
"""The ids of destroyed keys: a restore of an older backup drops these keys again (`deploy.backup.erased`)."""


@dataclass(frozen=True)
class DataKey:
    """The key of one aggregate, and its stored form."""

    id: str
    plain: bytes = field(repr=False)
    wrapped: Document = field(repr=False)


def draw(keys: Keyring, id: str) -> DataKey:
    """A new key, not stored yet. Call it before the transaction, since a key service may be far away."""
    plain = sealing.new_key()
    return DataKey(id, plain, keys.wrap(plain, _place(keys, id)))


def keep(unit: Unit, key: DataKey) -> None:
    """Stores a new key."""
    unit.collection(COLLECTION).insert_one({"_id": key.id, "key": key.wrapped, "at": unit.now})


def unwrapped(keys: Keyring, row: Document) -> bytes:
    """The key of a stored row. Raises `chassis.sealing.Unopened` and `chassis.sealing.KeysAway`."""
    return keys.unwrap(row["key"], _place(keys, row["_id"]))


def destroy(unit: Unit, id: str) -> None:
    """Deletes the key, if there is one, and keeps its id."""
    if unit.collection(COLLECTION).delete_one({"_id": id}).deleted_count:
        unit.collection(DESTROYED).replace_one({"_id": id}, {"_id": id, "at": unit.now}, upsert=True)


def _place(keys: Keyring, id: str) -> str:
    return keys.place(COLLECTION, id)
