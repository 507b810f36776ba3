"""The rules of accounts, passwords, sessions, signing keys, mails, departures and erasures. Pure: time is an argument.

Methods return facts, or raise one `Refusal` named as in docs/api.md.
"""

from services.accounts.model.accounts import LOCALES, OPERATOR, ROLES, Account, register
from services.accounts.model.addresses import AddressChange, ask_address, change_shown
from services.accounts.model.attempts import FREE_ATTEMPTS, FREE_GUESSES, GUESS_WAITS_S, WAITS_S
from services.accounts.model.departures import Departure, begin_departure
from services.accounts.model.emails import email_key, normal_email
from services.accounts.model.erasures import OVERDUE, STAGES, Erasure, begin_erasure, stage
from services.accounts.model.factors import (
    OTP,
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    Factor,
    awaited,
    recovery_code,
    recovery_digest,
    shown_secret,
    uri,
)
from services.accounts.model.keys import KeyRing, SigningKey, first_ring
from services.accounts.model.mailboxes import is_public_domain
from services.accounts.model.mails import (
    ADDRESS_CHANGED,
    ADDRESS_IN_USE,
    CONFIRM_ADDRESS,
    ERASED,
    ERASURE_ASKED,
    ERASURE_INCOMPLETE,
    ERASURE_REFUSED,
    ERASURE_STOPPED,
    IN_USE,
    KEPT,
    LINKED,
    MOST_MAILS,
    MOST_TOKENS,
    PASSWORD_CHANGED,
    RESET,
    VERIFY,
    Address,
    Mail,
    digest_of,
)
from services.accounts.model.passwords import check_password, common_passwords, normal_password
from services.accounts.model.registrations import Registration, ask_registration
from services.accounts.model.sessions import PASSWORD_ONLY, RefreshToken, Session

__all__ = [
    "ADDRESS_CHANGED",
    "ADDRESS_IN_USE",
    "CONFIRM_ADDRESS",
    "ERASED",
    "ERASURE_ASKED",
    "ERASURE_INCOMPLETE",
    "ERASURE_REFUSED",
    "ERASURE_STOPPED",
    "FREE_ATTEMPTS",
    "FREE_GUESSES",
    "GUESS_WAITS_S",
    "IN_USE",
    "KEPT",
    "LINKED",
    "LOCALES",
    "MOST_MAILS",
    "MOST_TOKENS",
    "OPERATOR",
    "OTP",
    "OVERDUE",
    "PASSWORD_CHANGED",
    "PASSWORD_ONLY",
    "RECOVERY_BYTES",
    "RECOVERY_CODES",
    "RESET",
    "ROLES",
    "SECRET_BYTES",
    "STAGES",
    "VERIFY",
    "WAITS_S",
    "Account",
    "Address",
    "AddressChange",
    "Departure",
    "Erasure",
    "Factor",
    "KeyRing",
    "Mail",
    "RefreshToken",
    "Registration",
    "Session",
    "SigningKey",
    "ask_address",
    "ask_registration",
    "awaited",
    "begin_departure",
    "begin_erasure",
    "change_shown",
    "check_password",
    "common_passwords",
    "digest_of",
    "email_key",
    "first_ring",
    "is_public_domain",
    "normal_email",
    "normal_password",
    "recovery_code",
    "recovery_digest",
    "register",
    "shown_secret",
    "stage",
    "uri",
]
