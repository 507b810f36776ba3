"""Shared by the routes: signing keys, access tokens, and the header that keeps answers with secrets out of caches."""

from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import store
from services.accounts.clients.tokens import access_token, new_key
from services.accounts.commands.sessions import Granted
from services.accounts.config import Config
from services.accounts.model import KeyRing

NO_STORE = {"Cache-Control": "no-store"}


def ring(work: UnitOfWork, config: Config) -> KeyRing:
    """The signing keys."""
    return store.read_ring(work, new_key, config.key_life, config.access_token_life)


def bearer(work: UnitOfWork, config: Config, granted: Granted) -> Document:
    """An access token for a session (RFC 6749, section 5.1)."""
    key = ring(work, config).signing(granted.at)
    left = granted.session.created_at + config.session_life - granted.at
    life = min(config.access_token_life, left)
    return {
        "access_token": access_token(key, granted.account, granted.session, granted.at, life),
        "token_type": "Bearer",
        "expires_in": int(life.total_seconds()),
    }
