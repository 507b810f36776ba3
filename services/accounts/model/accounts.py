"""An account: opened, verified, suspended. Methods return facts, or raise one `Refusal`. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.blind import domain_digest
from contracts.facts import AccountChanged, AccountRegistered, AccountReinstated, AccountSuspended, AccountVerified
from services.accounts.model.emails import email_key, mail_domain
from services.accounts.model.mails import Address

ROLES = ("client", "mentor")
"""The roles that a person may register with; operators are created by a command."""
OPERATOR = "operator"
LOCALES = ("fr", "en")


@dataclass(frozen=True)
class Account:
    """An account that can sign in. ``email_key`` is the unique form under which e-mails are compared."""

    id: str
    email: str
    email_key: str
    password_hash: str
    role: str
    display_name: str
    locale: str
    created_at: datetime
    verified_at: datetime | None = None
    suspended_at: datetime | None = None
    version: int = 0

    def revise(self, changes: Mapping[str, str]) -> tuple["Account", list[Fact]]:
        """Changes name or language; a new language is published."""
        revised = replace(
            self,
            display_name=changes.get("display_name", self.display_name),
            locale=changes.get("locale", self.locale),
        )
        return revised, [AccountChanged(locale=revised.locale)] if revised.locale != self.locale else []

    def verify(
        self, secret: bytes, is_public_domain: Callable[[str], bool], now: datetime
    ) -> tuple["Account", list[Fact]]:
        """The e-mail is verified. The fact holds a digest of its domain, unless the domain is open to the public."""
        if self.verified_at is not None:
            return self, []
        domain = mail_domain(self.email)
        blind = None if is_public_domain(domain) else domain_digest(secret, self.id, domain)
        return replace(self, verified_at=now), [AccountVerified(blind_domain=blind)]

    def move(
        self, email: str, secret: bytes, is_public_domain: Callable[[str], bool], now: datetime
    ) -> tuple["Account", list[Fact]]:
        """The account with another e-mail, which its owner has just proven. The fact replaces the digest published."""
        moved = replace(self, email=email, email_key=email_key(email), verified_at=None)
        return moved.verify(secret, is_public_domain, now)

    def is_admitted(self, verify_email: bool) -> bool:
        """Whether it may have sessions: with ``verify_email`` its e-mail must be verified. Operators are known."""
        return self.verified_at is not None or self.role == OPERATOR or not verify_email

    def address(self) -> Address:
        """The address for mails. Without the name until the e-mail is verified: strangers must not get chosen text."""
        name = self.display_name if self.verified_at is not None else ""
        return Address(self.email, name, self.locale)

    def suspend(self, now: datetime) -> tuple["Account", list[Fact]]:
        """Keeps the owner from signing in. Repeated, it changes nothing."""
        if self.suspended_at is not None:
            return self, []
        return replace(self, suspended_at=now), [AccountSuspended()]

    def reinstate(self) -> tuple["Account", list[Fact]]:
        """Lets the owner sign in again. Repeated, it changes nothing."""
        if self.suspended_at is None:
            return self, []
        return replace(self, suspended_at=None), [AccountReinstated()]

    def check_admitted(self) -> None:
        """Refuses a suspended account (``suspended``)."""
        if self.suspended_at is not None:
            raise Refusal("suspended", "This account is suspended. Write to us if you think that is a mistake.")


def register(account_id: str, wish: Mapping[str, Any], password_hash: str, now: datetime) -> tuple[Account, list[Fact]]:
    """Creates an account; its fact holds only the role and language."""
    account = Account(
        id=account_id,
        email=wish["email"],
        email_key=email_key(wish["email"]),
        password_hash=password_hash,
        role=wish["role"],
        display_name=wish["display_name"],
        locale=wish["locale"],
        created_at=now,
    )
    return account, [AccountRegistered(role=account.role, locale=account.locale)]
