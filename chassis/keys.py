"""Signing keys: P-256 for ES256 (RFC 7518, section 3.4), kept as PEM and published as JWKs (RFC 7517)."""

import secrets
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.keyring import Keyring
from chassis.mongo import Documents
from chassis.places import rows_of

ALGORITHM = "ES256"


def new_key_id() -> str:
    """The id of a new key."""
    return secrets.token_urlsafe(8)


def new_pem() -> str:
    """A new private key (PKCS 8, not encrypted)."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@lru_cache(maxsize=8)
def private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """The key in a PEM."""
    private = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private


def public_jwk(key_id: str, pem: str) -> dict[str, Any]:
    """The public half as a JWK."""
    jwk = ECAlgorithm.to_jwk(private_key(pem).public_key(), as_dict=True)
    return {**jwk, "kid": key_id, "use": "sig", "alg": ALGORITHM}


def wrapped_pem(keys: Keyring, key_id: str, pem: str) -> dict[str, Any]:
    """The stored form of a private key: wrapped by the service's master key."""
    return keys.wrap(pem.encode(), keys.place("keys", key_id))


def unwrapped_pem(keys: Keyring, key_id: str, stored: Any) -> str:
    """The PEM of a stored private key. Raises `chassis.sealing.Unopened`, also for one that is stored readable."""
    return keys.unwrap(stored, keys.place("keys", key_id)).decode()


def wrap_signing_key(database: Documents, keys: Keyring) -> None:
    """The migration that wraps private keys which are stored readable, as ``private_pem`` beside ``key_id``."""
    rows = rows_of(database, "vault/keys")
    for row in list(rows.find({"private_pem": {"$exists": True}})):
        change = {"private": wrapped_pem(keys, row["key_id"], row["private_pem"])}
        readable = {"_id": row["_id"], "private_pem": row["private_pem"]}
        rows.update_one(readable, {"$set": change, "$unset": {"private_pem": ""}})
