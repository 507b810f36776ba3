"""Tokens signed with the running system's own key: what an insider or a bug could make, and no stranger can."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.keys import private_key
from chassis.service import from_environment
from deploy.local.system import System
from services.accounts import store
from services.accounts.app import compose
from services.accounts.clients.tokens import new_key
from tests.kit.tokens import signed


class OwnKey:
    """The key with which accounts signs now."""

    def __init__(self, system: System) -> None:
        service = from_environment(compose, system.parts.services["accounts-http"].env or {})
        database = service.database("test")
        work, config = service.work(database), service.config
        ring = store.read_ring(work, new_key, config.key_life, config.access_token_life)
        self._key = private_key(ring.signing(work.now()).private_pem)
        database.client.close()

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any]) -> str:
        """A token with exactly these claims and headers."""
        return signed(claims, self._key, **headers)

    @property
    def public(self) -> str:
        """The public key as PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
