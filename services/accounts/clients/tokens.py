"""Tokens: access tokens are signed JWTs (RFC 9068, ES256); refresh tokens are random and stored only as digests."""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt

from chassis.http.auth import AUDIENCE, ISSUER
from chassis.http.proofs import context_of
from chassis.ids import new_id
from chassis.keys import new_key_id, new_pem, private_key, public_jwk
from services.accounts.model import Account, KeyRing, Session, SigningKey

CLIENT_ID = "releve"
"""RFC 9068 requires a client id; there is only one client, our own."""


def new_key(signs_from: datetime) -> SigningKey:
    """Generates a P-256 key."""
    return SigningKey(new_key_id(), new_pem(), signs_from)


def jwks(ring: KeyRing) -> dict[str, Any]:
    """The public keys as a JWK set (RFC 7517)."""
    return {"keys": [public_jwk(key.id, key.private_pem) for key in ring.keys]}


def public_key(key: SigningKey) -> jwt.PyJWK:
    """The public key, for verifying; the same object for the same key, by which verified tokens are remembered."""
    return _public(key.id, key.private_pem)


@lru_cache(maxsize=8)
def _public(key_id: str, pem: str) -> jwt.PyJWK:
    return jwt.PyJWK(public_jwk(key_id, pem), "ES256")


def access_token(key: SigningKey, account: Account, session: Session, now: datetime, life: timedelta) -> str:
    """A signed token with account, role and session, valid for ``life`` from ``now``.

    ``auth_time`` (RFC 9068) is when its owner last gave a password or a code, with its milliseconds: a revocation knows
    older ones by it, and raising a session conflicts with ending it. ``amr`` (RFC 8176) and ``acr`` say what was given.
    """
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": account.id,
        "client_id": CLIENT_ID,
        "role": account.role,
        "verified": account.verified_at is not None,
        "sid": session.id,
        "auth_time": session.authenticated_at.timestamp(),
        "amr": list(session.methods),
        "acr": context_of(session.methods),
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
        "jti": new_id(),
    }
    return jwt.encode(claims, private_key(key.private_pem), "ES256", headers={"kid": key.id, "typ": "at+jwt"})


def successor_of(token: str, key: str) -> str:
    """The refresh token that follows ``token``: only who holds it can derive it, although ``key`` is stored."""
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), token.encode(), "sha256")).rstrip(b"=").decode()


def new_token() -> str:
    """256 random bits, as a refresh token or for a link."""
    return secrets.token_urlsafe(32)
