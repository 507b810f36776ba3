"""Receipts: proof of what a mentor submitted and when, without revealing its contents.

The digest is SHA-256 over a random nonce and the canonical JSON (RFC 8785) of the quote's terms; a compact JWS
(RFC 7515, ES256) signs the digest with the time of receipt.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt
import rfc8785

from chassis.events import rfc3339
from chassis.keys import public_jwk
from services.quotes.model.terms import Terms

NONCE_BYTES = 32


@dataclass(frozen=True)
class Receipt:
    """``nonce`` and ``digest`` are lower-case hexadecimal; ``jws`` signs the digest and ``received_at``."""

    nonce: str
    digest: str
    received_at: datetime
    jws: str


@dataclass(frozen=True)
class Signer:
    """The signing key of receipts."""

    key_id: str
    private_pem: str = field(repr=False)

    def jwks(self) -> dict[str, Any]:
        """The public key as a JWK set (RFC 7517)."""
        return {"keys": [public_jwk(self.key_id, self.private_pem)]}

    def receipt(self, quote_id: str, project_id: str, terms: Terms, nonce: bytes, now: datetime) -> Receipt:
        """Signs a receipt for these terms. ``nonce`` must be `NONCE_BYTES` random bytes."""
        digest = digest_of(nonce, project_id, terms)
        signed = {"quote_id": quote_id, "project_id": project_id, "digest": digest, "received_at": rfc3339(now)}
        jws = jwt.PyJWS().encode(
            json.dumps(signed).encode(), self.private_pem, algorithm="ES256", headers={"kid": self.key_id}
        )
        return Receipt(nonce.hex(), digest, now, jws)


def digest_of(nonce: bytes, project_id: str, terms: Terms) -> str:
    """Lower-case hexadecimal SHA-256 over the nonce and the canonical JSON of the project's id and the terms."""
    return hashlib.sha256(nonce + rfc8785.dumps({"project_id": project_id, **vars(terms)})).hexdigest()
