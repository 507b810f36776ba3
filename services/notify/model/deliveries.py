"""A mail on its way: of a notification, of a day of them (a digest), or about the account. Pure."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DIGEST = "digest"
NET = timedelta(minutes=10)
"""How long after its digest's hour a gathered delivery looks what has become of the digest."""
MAILED = ("sent", "digested")
"""States in which the person has the mail: it stays on record, even if its notification is taken back."""


@dataclass(frozen=True)
class Delivery:
    """One mail to one person. ``news_at`` is when what it says happened; ``due_at`` None once nothing is to be done.

    ``state`` is ``pending``, ``retrying``, ``gathered`` (waits for ``digest``), ``sent``, ``digested``, ``suppressed``
    or ``dead``. ``mail_id`` is accounts' id of a mail about the account, ``claim`` the mark of whoever sends it now.
    """

    id: str
    account: str
    kind: str
    created_at: datetime
    news_at: datetime
    due_at: datetime | None
    notification_id: str | None = None
    project_id: str | None = None
    mail_id: str | None = None
    channel: str = "email"
    state: str = "pending"
    tries: int = 0
    claim: str | None = None
    digest: str | None = None
    reason: str | None = None
    error: str | None = None
    sent_at: datetime | None = None


def email_id(of: str) -> str:
    """The id of the mail of a notification, or of a mail that accounts asked for: one each."""
    return f"{of}.email"


def account_mail(mail_id: str, account: str, kind: str, news_at: datetime, now: datetime) -> Delivery:
    """A mail that accounts asked for. What it says is asked for when it is sent."""
    return Delivery(email_id(mail_id), account, kind, now, news_at, now, mail_id=mail_id)


def digest_of(account: str, until: datetime, now: datetime) -> Delivery:
    """The mail of all that is gathered for somebody until that moment."""
    return Delivery(digest_id(account, until), account, DIGEST, now, until, until)


def digest_id(account: str, at: datetime) -> str:
    """The same for all that is gathered for somebody until one moment, and for every try to send it."""
    key = "\n".join(("digest", account, at.astimezone(UTC).isoformat()))
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:18]).decode() + ".digest"
