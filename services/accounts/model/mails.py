"""Mails that notify is asked to send, and the links in them. Pure.

A link's token is drawn when notify sends the mail, and only its SHA-256 is kept: there is no moment at which the
database or Kafka holds anything that a link could be made of. A mail that is sent again carries another token; all
of one mail are one link, which works once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.facts import MailRequested

VERIFY, RESET, IN_USE, ERASED = "verify-email", "password-reset", "already-registered", "erasure-done"
"""The mails of accounts."""
LINKED = (VERIFY, RESET)
"""Those with a link that does something."""
MOST_MAILS = 5
"""Of one kind to one e-mail in an hour; whoever asks for more gets the same answer and no mail."""
KEPT = timedelta(days=3)
"""How long a mail without a link may wait to be sent; notify itself gives up sooner."""
MOST_TOKENS = 20
"""More than notify ever tries to send one mail."""


@dataclass(frozen=True)
class Address:
    """Where mails go; ``display_name`` is empty for somebody whose e-mail is not confirmed."""

    email: str
    display_name: str
    locale: str


@dataclass(frozen=True)
class Mail:
    """A mail to somebody, or a link without one. ``to`` is the address where the account no longer has it.

    ``digests`` are those of the tokens that its link goes by.
    """

    id: str
    account: str
    kind: str
    expires_at: datetime
    to: Address | None = None
    digests: Sequence[str] = ()

    @property
    def has_link(self) -> bool:
        """Whether it holds a link that does something."""
        return self.kind in LINKED

    def request(self) -> MailRequested:
        """The news that asks notify to send it."""
        return MailRequested(mail_id=self.id, kind=self.kind)


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
