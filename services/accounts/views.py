"""What is shown of an account."""

from chassis.mongo import Document
from services.accounts.model import Account

SHOWN = ("id", "email", "role", "display_name", "locale", "created_at")


def account_view(account: Account) -> Document:
    """An account as its owner sees it."""
    return {**{name: getattr(account, name) for name in SHOWN}, "verified": account.verified_at is not None}
