"""The signing key of receipts, in MongoDB."""

import secrets
from contextlib import suppress
from dataclasses import asdict

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pymongo.errors import DuplicateKeyError

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
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(secrets.token_urlsafe(8), pem.decode())
