"""The signing key of passes, in MongoDB."""

import secrets
from contextlib import suppress

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pymongo.errors import DuplicateKeyError

from chassis.mongo import Documents
from services.programmes.model.access import PassKey

KEY = "passes"


def pass_key(database: Documents) -> PassKey:
    """The signing key of passes, generated and stored on the first call."""
    kept = database["keys"].find_one({"_id": KEY})
    if kept is None:
        made = _new_key()
        with suppress(DuplicateKeyError):  # another process was first
            database["keys"].insert_one({"_id": KEY, "key_id": made.id, "private_pem": made.private_pem})
        kept = database["keys"].find_one({"_id": KEY}) or {}
    return PassKey(kept["key_id"], kept["private_pem"])


def _new_key() -> PassKey:
    """Generates a P-256 key."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return PassKey(secrets.token_urlsafe(8), pem.decode())
