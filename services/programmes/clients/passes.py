"""Passes: signed JWTs (RFC 9068, ES256) for participants without an account, each for one programme alone."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import jwt

from chassis.facts import Refusal
from chassis.http.auth import AUDIENCE, Actor, read_token
from chassis.ids import new_id
from chassis.keys import private_key, public_jwk
from services.programmes.model.access import PassKey

ISSUER = "releve-programmes"
"""Other services accept tokens of accounts only, and the gateway accepts this issuer below /api/programmes only."""
ROLE = "participant"


def jwks(key: PassKey) -> dict[str, Any]:
    """The public key as a JWK set (RFC 7517)."""
    return {"keys": [public_jwk(key.id, key.private_pem)]}


def new_token() -> str:
    """256 random bits, for a link."""
    return secrets.token_urlsafe(32)


def sign(key: PassKey, participant: str, programme: str, now: datetime, life: timedelta) -> str:
    """A pass of this participant, valid for ``life`` from ``now``."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": participant,
        "client_id": "releve",
        "role": ROLE,
        "sid": programme,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
        "jti": new_id(),
    }
    return jwt.encode(claims, private_key(key.private_pem), "ES256", headers={"kid": key.id, "typ": "at+jwt"})


def is_pass(token: str) -> bool:
    """Whether the token says that it is a pass. Nothing is verified: it only decides which key must verify it."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return False
    return bool(claims.get("iss") == ISSUER)


def read_pass(token: str, key: PassKey) -> Actor:
    """The participant of a pass: id, role `ROLE`, and the programme as its session. Refuses ``unauthenticated``."""
    try:
        actor = read_token(token, _Only(key), ISSUER)
    except Refusal as refusal:
        raise Refusal(
            "unauthenticated", "The pass is not valid or has expired; open the link in your mail."
        ) from refusal
    if actor.role != ROLE:
        raise Refusal("unauthenticated", "This is not a valid pass.")
    return actor


class _Only:
    """The one key that signs passes."""

    def __init__(self, key: PassKey) -> None:
        self._key = key

    def get(self, key_id: str) -> jwt.PyJWK:
        if key_id != self._key.id:
            raise Refusal("unauthenticated", "This is not a valid pass.")
        return jwt.PyJWK(public_jwk(self._key.id, self._key.private_pem), "ES256")
