"""Shared by the routes: the signing keys, and the header that keeps answers with secrets out of caches."""

from chassis.unit import UnitOfWork
from services.accounts import store
from services.accounts.clients.tokens import new_key
from services.accounts.config import Config
from services.accounts.model import KeyRing

NO_STORE = {"Cache-Control": "no-store"}


def ring(work: UnitOfWork, config: Config) -> KeyRing:
    """The signing keys."""
    return store.read_ring(work, new_key, config.key_life, config.access_token_life)
