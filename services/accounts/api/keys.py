"""The public keys that verify access tokens."""

import time

import jwt
from flask import Blueprint as FlaskBlueprint

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.parsing import Blueprint
from chassis.http.said import KEY_SET, answers, documented, key_set
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import store
from services.accounts.api.signing import ring
from services.accounts.clients.tokens import jwks, public_key
from services.accounts.config import Config

JWKS_MAX_AGE_S = 30
FRESH_S = 1.0
"""How old the keys may be that verify a token, in seconds."""


class OwnKeys:
    """Verifies tokens with this service's own keys, without an HTTP request to itself.

    A key that leaves the ring verifies for `FRESH_S` more; other services read the keys less often.
    """

    def __init__(self, work: UnitOfWork, config: Config) -> None:
        self._work = work
        self._config = config
        self._read: tuple[float, dict[str, jwt.PyJWK]] = (float("-inf"), {})
        """When the keys were read, and the keys by id; replaced, never changed: requests read it without a lock."""

    def get(self, key_id: str) -> jwt.PyJWK:
        """The key with this id; ``unauthenticated`` if it is unknown."""
        at, keys = self._read
        if time.monotonic() - at > FRESH_S or key_id not in keys:
            at = time.monotonic()
            keys = {key.id: public_key(key) for key in ring(self._work, self._config).keys}
            self._read = (at, keys)
        if key_id not in keys:
            raise Refusal("unauthenticated", "The token's key is not known.")
        return keys[key_id]


class _OwnSessions:
    """Looks up the caller's session in this service's own database, so that its end counts at once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def check(self, actor: Actor) -> None:
        """Refuses ``unauthenticated`` if the actor's session has ended."""
        store.check_session(self._work.database, actor)


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The routes of keys; also lets this service verify tokens with its own keys and sessions."""
    blueprint = Blueprint("keys", __name__)
    own = {"releve_keys": OwnKeys(work, config), "releve_revoked": _OwnSessions(work)}
    blueprint.record_once(lambda state: state.app.extensions.update(own))

    @blueprint.get("/.well-known/jwks.json")
    @documented(responses=answers("application/json", KEY_SET, key_set("access-1")))
    def read_signing_keys() -> tuple[Document, dict[str, str]]:
        """The two public keys that verify access tokens."""
        return jwks(ring(work, config)), {"Cache-Control": f"public, max-age={JWKS_MAX_AGE_S}"}

    return blueprint


def pages(work: UnitOfWork, config: Config) -> list[FlaskBlueprint]:
    """The same public keys on the worker, where other services read them without reaching the HTTP side."""
    blueprint = FlaskBlueprint("keys", __name__)

    @blueprint.get("/.well-known/jwks.json")
    def read_signing_keys() -> Document:
        return jwks(ring(work, config))

    return [blueprint]
