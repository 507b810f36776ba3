"""E-mail addresses as people paste them, and the form under which they are compared."""

import hashlib
import hmac
import re

from email_validator import EmailNotValidError, validate_email

_PURPOSE = b"releve.programme-email.v1"
_COUNTED = b"releve.programme-mails.v1"
_NAMED = re.compile(r"\A[^<>]*<([^<>]+)>\Z")


def email_of(text: str) -> str | None:
    """The address in its normal form (RFC 5321, 6531), or None. ``Name <address>`` and ``mailto:`` are accepted.

    Reserved domains (RFC 2606) are accepted: they are harmless, and stories and tests use them.
    """
    named = _NAMED.match(text)
    bare = (named[1] if named else text).strip().removeprefix("mailto:")
    try:
        return validate_email(bare, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def domain_of(email: str) -> str:
    """The domain of an address in its normal form, as the DNS has it: ASCII, lower case."""
    return validate_email(email, check_deliverability=False, test_environment=True).ascii_domain.lower()


def email_digest(secret: bytes, programme: str, email: str) -> str:
    """What stays of an address that must not be enrolled again in this programme, and what finds it twice.

    Without the secret nobody can try addresses, and the digests of two programmes cannot be compared.
    """
    text = f"{programme}\n{email.lower()}".encode()
    return hmac.new(secret, _PURPOSE + text, hashlib.sha256).hexdigest()


def address_digest(secret: bytes, kind: str, email: str) -> str:
    """Under what mails of this kind to an address are counted, over all programmes."""
    return hmac.new(secret, _COUNTED + f"{kind}\n{email.lower()}".encode(), hashlib.sha256).hexdigest()
