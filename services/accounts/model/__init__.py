"""The rules of accounts, passwords, sessions, signing keys, mails and erasures. Pure: time is an argument.

Methods return facts, or raise one `Refusal` named as in docs/api.md.
"""

from services.accounts.model.accounts import LOCALES, OPERATOR, ROLES, Account, register
from services.accounts.model.attempts import FREE_ATTEMPTS, WAITS_S
from services.accounts.model.emails import email_key, normal_email
from services.accounts.model.erasures import Erasure, begin_erasure
from services.accounts.model.keys import KeyRing, SigningKey, first_ring
from services.accounts.model.mailboxes import is_public_domain
from services.accounts.model.mails import (
    ERASED,
    IN_USE,
    KEPT,
    LINKED,
    MOST_MAILS,
    MOST_TOKENS,
    RESET,
    VERIFY,
    Address,
    Mail,
    digest_of,
)
from services.accounts.model.passwords import check_password, common_passwords, normal_password
from services.accounts.model.sessions import RefreshToken, Session

__all__ = [
    "ERASED",
    "FREE_ATTEMPTS",
    "IN_USE",
    "KEPT",
    "LINKED",
    "LOCALES",
    "MOST_MAILS",
    "MOST_TOKENS",
    "OPERATOR",
    "RESET",
    "ROLES",
    "VERIFY",
    "WAITS_S",
    "Account",
    "Address",
    "Erasure",
    "KeyRing",
    "Mail",
    "RefreshToken",
    "Session",
    "SigningKey",
    "begin_erasure",
    "check_password",
    "common_passwords",
    "digest_of",
    "email_key",
    "first_ring",
    "is_public_domain",
    "normal_email",
    "normal_password",
    "register",
]
