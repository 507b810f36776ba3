"""The signing key of passes, in MongoDB."""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from chassis.keys import new_key_id, new_pem
from chassis.mongo import Documents
from services.programmes.model.access import PassKey

KEY = "passes"


def pass_key(database: Documents) -> PassKey:
    """The signing key of passes, generated and stored on the first call."""
    kept = database["keys"].find_one({"_id": KEY})
    if kept is None:
        made = PassKey(new_key_id(), new_pem())
        with suppress(DuplicateKeyError):  # another process was first
            database["keys"].insert_one({"_id": KEY, "key_id": made.id, "private_pem": made.private_pem})
        kept = database["keys"].find_one({"_id": KEY}) or {}
    return PassKey(kept["key_id"], kept["private_pem"])
