"""The signing key of passes, in MongoDB. The private half is wrapped by the service's master key."""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from chassis.keys import new_key_id, new_pem, unwrapped_pem, wrapped_pem
from chassis.places import rows_of
from chassis.unit import UnitOfWork
from services.programmes.model.access import PassKey

KEYS = "vault/keys"
PASSES = "passes"


def pass_key(work: UnitOfWork) -> PassKey:
    """The signing key of passes, generated and stored on the first call."""
    rows = rows_of(work.database, KEYS)
    kept = rows.find_one({"_id": PASSES})
    if kept is None:
        key_id = new_key_id()
        made = {"_id": PASSES, "key_id": key_id, "private": wrapped_pem(work.keys, key_id, new_pem())}
        with suppress(DuplicateKeyError):  # another process was first
            rows.insert_one(made)
        kept = rows.find_one({"_id": PASSES}) or {}
    return PassKey(kept["key_id"], unwrapped_pem(work.keys, kept["key_id"], kept.get("private")))
