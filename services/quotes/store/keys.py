"""The signing key of receipts, in MongoDB. The private half is wrapped by the service's master key."""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from chassis.keyring import Keyring
from chassis.keys import new_key_id, new_pem, unwrapped_pem, wrapped_pem
from chassis.mongo import Document
from chassis.places import rows_of
from chassis.unit import UnitOfWork
from services.quotes.model import Signer

KEYS = "vault/keys"
RECEIPTS = "receipts"


def signer(work: UnitOfWork) -> Signer:
    """The signing key of receipts, generated and stored on the first call."""
    rows = rows_of(work.database, KEYS)
    kept = rows.find_one({"_id": RECEIPTS})
    if kept is None:
        with suppress(DuplicateKeyError):  # another process was first
            rows.insert_one({"_id": RECEIPTS, **signer_document(work.keys, new_signer())})
        kept = rows.find_one({"_id": RECEIPTS}) or {}
    return Signer(kept["key_id"], unwrapped_pem(work.keys, kept["key_id"], kept.get("private")))


def signer_document(keys: Keyring, signer: Signer) -> Document:
    """The stored form of a signing key, without its id."""
    return {"key_id": signer.key_id, "private": wrapped_pem(keys, signer.key_id, signer.private_pem)}


def new_signer() -> Signer:
    """Generates a P-256 key."""
    return Signer(new_key_id(), new_pem())
