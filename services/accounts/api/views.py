"""What the routes share: what is shown of an account, and the keys that sign."""

from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import store
from services.accounts.config import Config
from services.accounts.model import Account, KeyRing

NO_STORE = {"Cache-Control": "no-store"}
SHOWN = ("id", "email", "role", "display_name", "locale", "created_at")


def account_view(account: Account) -> Document:
    """An account as its owner sees it."""
    return {**{name: getattr(account, name) for name in SHOWN}, "verified": account.verified_at is not None}


def ring(work: UnitOfWork, config: Config) -> KeyRing:
    """The signing keys."""
    return store.read_ring(work.database, config.key_life, config.access_token_life)
