"""A change of an account's e-mail: a link to the new one confirms it, a link to the old one undoes it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.accounts.model.accounts import Account
from services.accounts.model.emails import email_key
from services.accounts.model.mails import Address


@dataclass(frozen=True)
class AddressChange:
    """One change. Until it is confirmed, ``email`` is the new address; after that it is the old one, to be restored.

    ``session`` asked for it and goes on; all others end. Nobody else can take the old address until ``expires_at``.
    """

    id: str
    account: str
    session: str
    email: str
    email_key: str
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None
    version: int = 0

    def address(self, locale: str) -> Address:
        """The address for the mail of this change, without a name: it may be a stranger's."""
        return Address(self.email, "", locale)

    def confirm(self, account: Account, now: datetime, undo_until: datetime) -> "AddressChange":
        """The change once it has happened, with the address that the account had."""
        return replace(self, email=account.email, email_key=account.email_key, confirmed_at=now, expires_at=undo_until)


def ask_address(
    change_id: str, account: str, session: str, email: str, now: datetime, expires_at: datetime
) -> AddressChange:
    """A change that waits for its link to be opened."""
    return AddressChange(change_id, account, session, email, email_key(email), now, expires_at)


def change_shown(change: AddressChange) -> dict[str, Any]:
    """The change as its person's export shows it."""
    shown = ("email", "asked_at", "confirmed_at", "expires_at")
    return {name: getattr(change, name) for name in shown}
