"""Mails that accounts requests from notify, and the links in them. Pure.

A link's token is generated when notify sends the mail, and only its SHA-256 is stored: neither the database nor Kafka
ever holds a usable link. A retried mail contains another token; all tokens of one mail stand for one link, which works
once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.facts import MailRequested

VERIFY, RESET, IN_USE, ERASED = "verify-email", "password-reset", "already-registered", "erasure-done"
"""The kinds of mails about accounts."""
LINKED = (VERIFY, RESET)
"""Kinds whose link needs a token."""
MOST_MAILS = 5
"""Maximum mails of one kind to one e-mail per hour; further requests get the same answer, but no mail is sent."""
KEPT = timedelta(days=3)
"""Maximum time that a mail without a link waits to be sent; notify gives up earlier."""
MOST_TOKENS = 20
"""Maximum tokens stored per mail; more than notify's attempts to send it."""


@dataclass(frozen=True)
class Address:
    """A recipient; ``display_name`` is empty until the e-mail is verified."""

    email: str
    display_name: str
    locale: str


@dataclass(frozen=True)
class Mail:
    """A requested mail, or a link without a mail. ``to`` is the address if the account no longer exists.

    ``digests`` are the SHA-256 digests of the tokens that its link accepts.
    """

    id: str
    account: str
    kind: str
    expires_at: datetime
    to: Address | None = None
    digests: Sequence[str] = ()

    @property
    def has_link(self) -> bool:
        """Whether its link needs a token."""
        return self.kind in LINKED

    def request(self) -> MailRequested:
        """The fact that requests it from notify."""
        return MailRequested(mail_id=self.id, kind=self.kind)


def digest_of(token: str) -> str:
    """The stored form of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
