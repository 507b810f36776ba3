"""Receipts: proof of what a mentor handed in and when, without showing it to anybody.

The digest is SHA-256 over a random nonce and the canonical JSON (RFC 8785) of the quote's terms; a compact JWS
(RFC 7515, ES256) signs the digest with the time of receipt.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.events import rfc3339

TERMS = ("project_id", "price", "days", "starts_on", "proposal", "valid_until")


@dataclass(frozen=True)
class Signer:
    """The key that signs receipts."""

    key_id: str
    private_pem: str

    @classmethod
    def new(cls) -> "Signer":
        """A fresh P-256 key."""
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(secrets.token_urlsafe(8), pem.decode())

    def jwks(self) -> dict[str, Any]:
        """The public half as a JWK set (RFC 7517)."""
        private = serialization.load_pem_private_key(self.private_pem.encode(), None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        jwk = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return {"keys": [{**jwk, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    def receipt(self, quote_id: str, terms: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """``nonce`` (64 hexadecimal digits), ``digest``, ``received_at`` and ``jws`` for these terms."""
        nonce = secrets.token_bytes(32)
        digest = digest_of(nonce, terms)
        signed = {"quote_id": quote_id, "project_id": terms["project_id"], "digest": digest}
        payload = json.dumps({**signed, "received_at": rfc3339(now)}).encode()
        jws = jwt.PyJWS().encode(payload, self.private_pem, algorithm="ES256", headers={"kid": self.key_id})
        return {"nonce": nonce.hex(), "digest": digest, "received_at": now, "jws": jws}


def digest_of(nonce: bytes, terms: Mapping[str, Any]) -> str:
    """Lower-case hexadecimal SHA-256 over the nonce and the canonical JSON of the terms."""
    return hashlib.sha256(nonce + rfc8785.dumps({name: terms[name] for name in TERMS})).hexdigest()
