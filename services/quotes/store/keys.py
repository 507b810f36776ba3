"""The signing key of receipts, in MongoDB."""

from contextlib import suppress
from dataclasses import asdict

from pymongo.errors import DuplicateKeyError

from chassis.keys import new_key_id, new_pem
from chassis.mongo import Documents
from services.quotes.model import Signer


def signer(database: Documents) -> Signer:
    """The signing key of receipts, generated and stored on the first call."""
    kept = database["keys"].find_one({"_id": "receipts"})
    if kept is None:
        with suppress(DuplicateKeyError):  # another process was first
            database["keys"].insert_one({"_id": "receipts", **asdict(new_signer())})
        kept = database["keys"].find_one({"_id": "receipts"}) or {}
    return Signer(kept["key_id"], kept["private_pem"])


def new_signer() -> Signer:
    """Generates a P-256 key."""
    return Signer(new_key_id(), new_pem())
