"""Authentication: checks access tokens (RFC 9068, ES256) against the keys of accounts, again after Envoy's check."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from ssl import SSLContext
from typing import Any, Protocol, TypeVar

import jwt
from flask import current_app, request

from chassis import telemetry
from chassis.facts import Refusal
from chassis.http.proofs import REFUSED, Proof
from chassis.http.remembered import Remembered, Verified

ISSUER = "releve"
AUDIENCE = "releve-api"
OPERATOR = "operator"
"""The role whose routes may ask for a second factor (`chassis.http.proofs`)."""
ROLES = ("client", "mentor", OPERATOR)
"""The roles of accounts; a token of accounts with another one is not ours."""
FRESH_S = 60.0
LEAST_BETWEEN_FETCHES_S = 1.0
CLOCK_SKEW_S = 5
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Actor:
    """The signed-in caller: account id, role and the session that the token belongs to.

    ``verified`` says whether the e-mail was verified when the token was issued, ``since`` when the caller last gave a
    password or a code (Unix time), ``methods`` how (RFC 8176). Only tokens of the version before these claims lack
    them, for one token's life after an upgrade: they count as verified, because that version let everybody in, as old
    as the token itself, and as nothing more than a password.
    """

    id: str
    role: str
    session: str
    verified: bool = True
    since: float = field(default=0.0, compare=False)
    methods: frozenset[str] = field(default=frozenset(), compare=False)


class KeySource(Protocol):
    """Finds the public key that must verify a token."""

    def get(self, key_id: str) -> jwt.PyJWK:
        """The key with this id. Refuses ``unauthenticated`` if there is none."""


class Keys:
    """The public keys of the accounts service, by key id. They are fetched when needed and kept while it is away."""

    def __init__(self, url: str, tls: SSLContext | None = None) -> None:
        self._url = url
        self._tls = tls
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = 0.0
        self._lock = threading.Lock()

    def get(self, key_id: str) -> jwt.PyJWK:
        """The key with this id. Refuses ``unauthenticated`` if it is unknown, ``unavailable`` if no key was fetched."""
        age = time.monotonic() - self._fetched
        if age > FRESH_S or (key_id not in self._keys and age > LEAST_BETWEEN_FETCHES_S):
            self._fetch()
        if not self._keys:
            raise Refusal("unavailable", "Sign-in cannot be checked at the moment.", retry_after=2)
        if key_id not in self._keys:
            raise Refusal("unauthenticated", "The token's key is unknown.")
        return self._keys[key_id]

    def _fetch(self) -> None:
        with self._lock:
            if time.monotonic() - self._fetched <= LEAST_BETWEEN_FETCHES_S and self._keys:
                return
            try:
                with urllib.request.urlopen(self._url, timeout=2, context=self._tls) as answer:
                    found = usable_keys(json.load(answer)["keys"])
                if not found:
                    raise ValueError("no usable key")
                self._keys = found
                self._fetched = time.monotonic()
            except (OSError, ValueError, KeyError, TypeError) as error:
                telemetry.log.warning("keys_not_fetched", error=telemetry.error_name(error))
                self._fetched = time.monotonic() if self._keys else 0.0


def usable_keys(found: list[Any]) -> dict[str, jwt.PyJWK]:
    """The ES256 keys among these, by key id. Each other key is ignored (RFC 7517, section 5)."""
    keys = {}
    for key in found:
        if not isinstance(key, dict) or (key.get("kty"), key.get("crv")) != ("EC", "P-256"):
            continue
        if key.get("use", "sig") != "sig" or key.get("alg", "ES256") != "ES256":
            continue
        try:
            keys[str(key["kid"])] = jwt.PyJWK(key, "ES256")
        except (KeyError, ValueError, TypeError, jwt.PyJWTError):
            continue
    return keys


def read_token(token: str, keys: KeySource, issuer: str = ISSUER) -> Actor:
    """The actor of an access token of this issuer. Refuses ``unauthenticated`` for a token that is not valid."""
    return verify(token, keys, issuer).actor


def verify(token: str, keys: KeySource, issuer: str = ISSUER) -> Verified:
    """What an access token of this issuer says, as `read_token`."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != "at+jwt" or header.get("alg") != "ES256":
            raise Refusal("unauthenticated", "This is not an access token.")
        key_id = str(header.get("kid", ""))
        key = keys.get(key_id)
        claims = jwt.decode(
            token,
            key,
            algorithms=["ES256"],
            issuer=issuer,
            audience=AUDIENCE,
            leeway=CLOCK_SKEW_S,
            options={"require": ["exp", "sub"]},
        )
        since = float(claims.get("auth_time", claims.get("iat", 0)))
        verified = claims.get("verified", True) is True
        methods = frozenset(map(str, claims.get("amr", ())))
        if issuer == ISSUER and claims["role"] not in ROLES:
            raise Refusal("unauthenticated", "The token's role is unknown.")
        actor = Actor(str(claims["sub"]), str(claims["role"]), str(claims["sid"]), verified, since, methods)
        return Verified(actor, key_id, key, float(claims["exp"]) + CLOCK_SKEW_S)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise Refusal("unauthenticated", "The token is not valid or has expired.") from error


def present_actor() -> Actor:
    """The actor of the current request. Refuses ``unauthenticated`` without a valid access token of a session that has
    not ended."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal("unauthenticated", "Send an access token: Authorization: Bearer …")
    known = current_app.extensions
    actor = remembered_actor(token.strip(), known["releve_keys"], known["releve_remembered"])
    current_app.extensions["releve_revoked"].check(actor)
    return actor


def remembered_actor(token: str, keys: KeySource, remembered: Remembered) -> Actor:
    """The actor of an access token, which is verified only if it is not remembered."""
    known = remembered.find(token, keys)
    if known is None:
        known = verify(token, keys)
        remembered.keep(token, known)
    return known.actor


def still_signed_in(actor: Actor) -> Callable[[], bool]:
    """A function that says whether the actor's session goes on, for an answer that lasts longer than a check."""
    revoked = current_app.extensions["releve_revoked"]

    def check() -> bool:
        try:
            revoked.check(actor)
        except Refusal:
            return False
        return True

    return check


def signed_in(*roles: str, proof: Proof = Proof.FACTOR) -> Callable[[View], View]:
    """Lets only these roles call the view, or any role if none is given, and passes it the ``actor``.

    A view for operators demands this ``proof`` of them as well, where the settings require it.
    """

    def decorate(view: View) -> View:
        demanded = proof if OPERATOR in roles else Proof.PASSWORD

        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            actor = present_actor()
            if roles and actor.role not in roles:
                raise Refusal("forbidden", f"This is for: {', '.join(roles)}.")
            if actor.role == OPERATOR:
                current_app.extensions["releve_proofs"].check(demanded, actor.methods, actor.since)
            return view(*args, actor=actor, **kwargs)

        checked.roles, checked.proof = roles, demanded  # type: ignore[attr-defined]  # for `chassis.http.openapi`
        checked.refusals = (*getattr(view, "refusals", ()), *REFUSED[demanded])  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate
