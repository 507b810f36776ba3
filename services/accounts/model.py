"""The rules of accounts: passwords, slowing down guesses, e-mails confirmed, refresh tokens, the ring of signing keys.

Pure: time is an argument, no I/O. A method returns what happened, or raises one `Refusal` named as in docs/api.md.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from email_validator import EmailNotValidError, validate_email

from chassis.facts import Fact, Refusal
from contracts.blind import domain_digest
from contracts.facts import AccountChanged, AccountRegistered, AccountReinstated, AccountSuspended, AccountVerified

ROLES = ("client", "mentor")
"""What a person may register as; operators are made by a command."""
OPERATOR = "operator"
LOCALES = ("fr", "en")
LEAST_PASSWORD = 12
LEAST_DIFFERENT = 5
LEAST_LOCAL_PART = 4
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "12345678901",
    *("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn"),
)
"""What fingers run along: the alphabet, the digits, the rows of the two keyboards of our countries."""
STEPS = {pair for run in RUNS for pair in pairwise(run)} | {pair for run in RUNS for pair in pairwise(run[::-1])}
LEET = str.maketrans("0134578@$!", "oieastbasi")
FREE_ATTEMPTS = 10
WAITS_S = (0,) * FREE_ATTEMPTS + (5, 10, 20, 40, 80, 160, 320, 640, 900)
"""Seconds to wait after the n-th failed attempt to sign in: none before the tenth, a quarter of an hour at the most."""
VERIFY, RESET, IN_USE, ERASED = "verify-email", "password-reset", "already-registered", "erasure-done"
"""The mails of accounts."""
LINKED = (VERIFY, RESET)
"""Those with a link that does something."""
MOST_MAILS = 5
"""Of one kind to one e-mail in an hour; whoever asks for more gets the same answer and no mail."""


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

    def address(self) -> dict[str, str]:
        """Where mails go. The name only once the e-mail is confirmed: a stranger gets no text of somebody's choice."""
        name = self.display_name if self.verified_at is not None else ""
        return {"email": self.email, "display_name": name, "locale": self.locale}

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


def normal_email(text: str) -> str:
    """The e-mail in its normal form (RFC 5321, 6531); raises `email_validator.EmailNotValidError`.

    The reserved domains of RFC 2606 are let in: they harm nobody, and stories and tests use them.
    """
    return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized


def mail_domain(email: str) -> str:
    """The domain of an e-mail in its normal form, as it stands in the DNS."""
    return validate_email(email, check_deliverability=False, test_environment=True).ascii_domain.lower()


def email_key(text: str) -> str:
    """The form under which e-mails are compared. What is no e-mail gets one too, so that both take the same path."""
    try:
        return normal_email(text).lower()
    except EmailNotValidError:
        return text.strip().lower()


def normal_password(text: str) -> str:
    """The password as it is counted, checked and hashed: one form for what looks the same (NIST SP 800-63B, 3.1.1)."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, email: str, common: frozenset[str]) -> None:
    """``invalid`` for a password that is short or among the first that anybody would guess.

    ``common`` holds well-known passwords and the words they are made of, folded by `folded`.
    """
    password = normal_password(text)
    if len(password) < LEAST_PASSWORD:
        raise _bad_password(f"Give at least {LEAST_PASSWORD} characters.")
    if common.intersection(_guises(password)):
        raise _bad_password("This password is among the common ones.")
    if _repeats(password.casefold()) or _runs(password.casefold()):
        raise _bad_password("This password repeats itself or runs along the keyboard.")
    local_part = _letters(email.rpartition("@")[0].partition("+")[0])
    if len(local_part) >= LEAST_LOCAL_PART and local_part in _letters(password):
        raise _bad_password("This password contains your e-mail's name.")


def folded(text: str) -> str:
    """A password without capitals and without digits that stand for letters."""
    return normal_password(text).casefold().translate(LEET)


@dataclass(frozen=True)
class RefreshToken:
    """One refresh token of a session, known by its digest. It may be exchanged once, and once more within the grace."""

    digest: str
    session: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def lives(self, now: datetime) -> bool:
        """Whether its life has not ended; a used one lives on to be recognised."""
        return now < self.expires_at

    def reused(self, now: datetime, grace: timedelta) -> bool:
        """Whether it was used before, longer ago than a lost answer or a second tab explains: somebody has a copy."""
        return self.used_at is not None and now >= self.used_at + grace


@dataclass(frozen=True)
class SigningKey:
    """A private key and the moment from which it signs."""

    id: str
    private_pem: str
    signs_from: datetime


@dataclass
class KeyRing:
    """The two published keys, in the order in which they sign.

    Mostly these are the one that signs and the next, known to everybody long before it is used. For one token's
    life after a change they are the former one, whose tokens still live, and the one that signs. Which key signs
    follows from the time alone, so that all processes agree, and no worker is needed for the change itself.
    """

    keys: list[SigningKey]
    version: int = 0

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs now."""
        return next((key for key in reversed(self.keys) if key.signs_from <= now), self.keys[0])

    def due_at(self, token_life: timedelta) -> datetime:
        """When the last token of the first key has expired."""
        return self.keys[-1].signs_from + token_life

    def turn(
        self, make: Callable[[datetime], SigningKey], life: timedelta, token_life: timedelta, now: datetime
    ) -> None:
        """Drops the first key and publishes another, which waits its full time even where the turn comes late."""
        self.keys = [*self.keys[1:], make(now + life - token_life)]


def first_ring(make: Callable[[datetime], SigningKey], life: timedelta, now: datetime) -> KeyRing:
    """A key that signs from now on, and the next."""
    return KeyRing([make(now), make(now + life)])


def _bad_password(message: str) -> Refusal:
    return Refusal("invalid", errors=[{"field": "password", "message": message}])


def _guises(password: str) -> Iterable[str]:
    """The password, and the word in it when digits and signs only stand around it."""
    lower = password.casefold()
    letters = [place for place, sign in enumerate(lower) if sign.isalpha()]
    word = lower[letters[0] : letters[-1] + 1] if letters else ""
    return {folded(lower), folded(word)}


def _letters(text: str) -> str:
    return "".join(sign for sign in normal_password(text).casefold() if sign.isalnum())


def _repeats(text: str) -> bool:
    """Few different characters, or one piece at least twice over."""
    pieces = range(1, len(text) // 2 + 1)
    return len(set(text)) < LEAST_DIFFERENT or any(text[size:] == text[:-size] for size in pieces)


def _runs(text: str) -> bool:
    """Whether it falls into runs of four characters and more on the average."""
    breaks = sum(1 for pair in pairwise(text) if pair not in STEPS and pair[0] != pair[1])
    return (breaks + 1) * 4 <= len(text)
