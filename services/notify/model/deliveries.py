"""A delivery: one mail of a notification, of a day's notifications (a digest), of a programme, or about the account.

Pure.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DIGEST = "digest"
NET = timedelta(minutes=10)
"""Time after its digest is due at which a gathered delivery becomes due itself, in case the digest was lost."""
MAILED = ("sent", "digested")
"""States in which the mail was sent: the delivery stays on record even if its notification is taken back."""


@dataclass(frozen=True)
class Delivery:
    """One mail to one person. ``news_at`` is the time of the event that it reports; ``due_at`` is None when finished.

    ``state`` is ``pending``, ``retrying``, ``gathered`` (waits for ``digest``), ``sent``, ``digested``, ``suppressed``
    or ``dead``. ``mail_id`` is accounts' id of a mail about the account, ``message_id`` that of a programme's message,
    whose recipient may have no account (``account`` is then empty). ``claim`` identifies the lease under which a worker
    sends it now.
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
    message_id: str | None = None
    channel: str = "email"
    state: str = "pending"
    tries: int = 0
    claim: str | None = None
    digest: str | None = None
    reason: str | None = None
    error: str | None = None
    sent_at: datetime | None = None


def email_id(of: str) -> str:
    """The delivery's id for a notification, or for a mail that accounts requested: one each."""
    return f"{of}.email"


def account_mail(mail_id: str, account: str, kind: str, news_at: datetime, now: datetime) -> Delivery:
    """A mail that accounts requested. Its content is fetched when it is sent."""
    return Delivery(email_id(mail_id), account, kind, now, news_at, now, mail_id=mail_id)


def programme_mail(message_id: str, account: str | None, kind: str, news_at: datetime, now: datetime) -> Delivery:
    """A message of a programme. Its recipient and its content are fetched when it is sent."""
    return Delivery(email_id(message_id), account or "", kind, now, news_at, now, message_id=message_id)


def digest_of(account: str, until: datetime, now: datetime) -> Delivery:
    """The digest of a person's mails gathered until ``until``, when it is due."""
    return Delivery(digest_id(account, until), account, DIGEST, now, until, until)


def digest_id(account: str, at: datetime) -> str:
    """One id for each person and due time, so that gathering and retries find the same digest."""
    key = "\n".join(("digest", account, at.astimezone(UTC).isoformat()))
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:18]).decode() + ".digest"
