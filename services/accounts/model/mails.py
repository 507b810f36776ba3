"""Mails that accounts requests from notify, and the links in them. Pure.

A link's token is generated when notify sends the mail, and only its SHA-256 is stored: neither the database nor Kafka
ever holds a usable link. A retried mail contains another token; all tokens of one mail stand for one link, which works
once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Fact
from contracts.facts import MailRequested, MailRequested2

VERIFY, RESET, IN_USE, ERASED = "verify-email", "password-reset", "already-registered", "erasure-done"
"""The kinds of mails about accounts that version 1 of ``mail.requested`` lists."""
ERASURE_ASKED, ERASURE_STOPPED, ERASURE_REFUSED = "erasure-asked", "erasure-stopped", "erasure-refused"
ERASURE_INCOMPLETE = "erasure-incomplete"
CONFIRM_ADDRESS, ADDRESS_IN_USE, ADDRESS_CHANGED = "address-confirm", "address-in-use", "address-changed"
PASSWORD_CHANGED = "password-changed"
"""Further kinds."""
LINKED = (VERIFY, RESET, ERASURE_ASKED, CONFIRM_ADDRESS, ADDRESS_CHANGED)
"""Kinds whose link needs a token."""
MOST_MAILS = 5
"""Default of the maximum of mails of one kind to one e-mail per hour that people who did not prove to own it cause.
Further requests get the same answer, but no mail is sent."""
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

    ``data`` are the values of its text: ``at``, a time; ``confirmed`` and ``missing``, services. ``digests`` are
    the SHA-256 digests of the tokens that its link accepts.
    """

    id: str
    account: str
    kind: str
    expires_at: datetime
    to: Address | None = None
    digests: Sequence[str] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_link(self) -> bool:
        """Whether its link needs a token."""
        return self.kind in LINKED

    def request(self) -> Fact:
        """The fact that requests it from notify."""
        if self.kind in (VERIFY, RESET, IN_USE, ERASED):
            return MailRequested(mail_id=self.id, kind=self.kind)
        return MailRequested2(mail_id=self.id, kind=self.kind)


def digest_of(token: str) -> str:
    """The stored form of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
