"""A registration whose e-mail nobody has confirmed yet. Pure.

It is no account: nobody can sign in. Whoever opens the link of the mail sets the password, and then there is one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.facts import Fact
from services.accounts.model.accounts import Account, register
from services.accounts.model.emails import email_key
from services.accounts.model.mails import Address


@dataclass(frozen=True)
class Registration:
    """Somebody gave this e-mail. ``account`` is the id that the account will have; it ends with its last link."""

    id: str
    account: str
    email: str
    email_key: str
    role: str
    display_name: str
    locale: str
    created_at: datetime
    expires_at: datetime
    version: int = 0

    def address(self) -> Address:
        """The address for mails, without the name: strangers must not get chosen text."""
        return Address(self.email, "", self.locale)

    def until(self, expires_at: datetime) -> "Registration":
        """The registration once another link was sent."""
        return replace(self, expires_at=max(self.expires_at, expires_at))

    def confirm(
        self, password_hash: str, secret: bytes, is_public_domain: Callable[[str], bool], now: datetime
    ) -> tuple[Account, list[Fact]]:
        """The account, with a verified e-mail and the password of whoever opened the link."""
        wish = {"email": self.email, "role": self.role, "display_name": self.display_name, "locale": self.locale}
        account, registered = register(self.account, wish, password_hash, now)
        verified, facts = account.verify(secret, is_public_domain, now)
        return verified, [*registered, *facts]


def ask_registration(
    registration_id: str, account_id: str, wish: Mapping[str, Any], now: datetime, expires_at: datetime
) -> Registration:
    """A registration that waits for its link to be opened."""
    return Registration(
        id=registration_id,
        account=account_id,
        email=wish["email"],
        email_key=email_key(wish["email"]),
        role=wish["role"],
        display_name=wish["display_name"],
        locale=wish["locale"],
        created_at=now,
        expires_at=expires_at,
    )
