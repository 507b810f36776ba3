"""An account: opened, confirmed, suspended. A method returns what happened, or raises one `Refusal`. Pure."""

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
"""What a person may register as; operators are made by a command."""
OPERATOR = "operator"
LOCALES = ("fr", "en")


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in. ``email_key`` is the e-mail as it is compared, unique."""

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
        """The account with another name or language; the language is news."""
        revised = replace(
            self,
            display_name=changes.get("display_name", self.display_name),
            locale=changes.get("locale", self.locale),
        )
        return revised, [AccountChanged(locale=revised.locale)] if revised.locale != self.locale else []

    def verify(
        self, secret: bytes, open_to_anybody: Callable[[str], bool], now: datetime
    ) -> tuple["Account", list[Fact]]:
        """Mail has reached the owner. The news holds a digest of its domain, unless anybody gets an address there."""
        if self.verified_at is not None:
            return self, []
        domain = mail_domain(self.email)
        blind = None if open_to_anybody(domain) else domain_digest(secret, self.id, domain)
        return replace(self, verified_at=now), [AccountVerified(blind_domain=blind)]

    def address(self) -> Address:
        """Where mails go. The name only once the e-mail is confirmed: a stranger gets no text of somebody's choice."""
        name = self.display_name if self.verified_at is not None else ""
        return Address(self.email, name, self.locale)

    def suspend(self, now: datetime) -> tuple["Account", list[Fact]]:
        """Keeps the owner from signing in; again, nothing more happens."""
        if self.suspended_at is not None:
            return self, []
        return replace(self, suspended_at=now), [AccountSuspended()]

    def reinstate(self) -> tuple["Account", list[Fact]]:
        """Lets the owner sign in again."""
        if self.suspended_at is None:
            return self, []
        return replace(self, suspended_at=None), [AccountReinstated()]

    def check_admitted(self) -> None:
        """``suspended`` while an operator keeps the owner out."""
        if self.suspended_at is not None:
            raise Refusal("suspended", "This account is suspended. Write to us if you think that is a mistake.")


def register(account_id: str, wish: Mapping[str, Any], password_hash: str, now: datetime) -> tuple[Account, list[Fact]]:
    """A new account; the news names its role and language and nothing else."""
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
