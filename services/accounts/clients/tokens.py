"""Tokens: access tokens are signed JWTs (RFC 9068, ES256); refresh tokens are random and stored only as digests."""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.http.auth import AUDIENCE, ISSUER
from chassis.ids import new_id
from services.accounts.model import Account, KeyRing, SigningKey

CLIENT_ID = "releve"
"""RFC 9068 requires a client id; there is only one client, our own."""


def new_key(signs_from: datetime) -> SigningKey:
    """Generates a P-256 key."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(secrets.token_urlsafe(8), pem.decode(), signs_from)


def jwks(ring: KeyRing) -> dict[str, Any]:
    """The public keys as a JWK set (RFC 7517)."""
    return {"keys": [_jwk(key) for key in ring.keys]}


def public_key(key: SigningKey) -> jwt.PyJWK:
    """The public key, for verifying."""
    return jwt.PyJWK(_jwk(key), "ES256")


def access_token(key: SigningKey, account: Account, session: str, now: datetime, life: timedelta) -> str:
    """A signed token with account, role and session, valid for ``life`` from ``now``."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": account.id,
        "client_id": CLIENT_ID,
        "role": account.role,
        "sid": session,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
        "jti": new_id(),
    }
    return jwt.encode(claims, _private(key.private_pem), "ES256", headers={"kid": key.id, "typ": "at+jwt"})


def new_token() -> str:
    """256 random bits, as a refresh token or for a link."""
    return secrets.token_urlsafe(32)


@lru_cache(maxsize=8)
def _private(pem: str) -> ec.EllipticCurvePrivateKey:
    private = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private


def _jwk(key: SigningKey) -> dict[str, Any]:
    jwk = ECAlgorithm.to_jwk(_private(key.private_pem).public_key(), as_dict=True)
    return {**jwk, "kid": key.id, "use": "sig", "alg": "ES256"}
