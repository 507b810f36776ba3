"""The mails of programmes: when they are sent and what they look like. Pure.

The recipient, the values of the words and the token of the link come from programmes when a mail is sent; notify stores
none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from contracts.messages import INSTANTS
from services.notify.model.audience import Notice
from services.notify.model.letter import Link, paragraphs
from services.notify.model.mailing import SEND, STALE_AFTER, Plan, quiet_until
from services.notify.model.mails import Address, Letterhead, assemble, letter_to
from services.notify.model.people import QuietHours
from services.notify.model.programme_texts import words_of
from services.notify.model.texts import mail_texts

ASKED_FOR = frozenset({"joined", "link-renewed", "objected"})
"""Mails that answer what the recipient has just done: quiet hours do not delay them, nothing notifies in-app."""
OWED = ASKED_FOR | {"enrolled", "organiser-invited"}
"""Mails sent whatever the preferences: people must learn that they were enrolled, and get a link they asked for."""
LAST = frozenset({"objected", "programme-closed"})
"""Mails after which there is nothing left to stop."""


@dataclass(frozen=True)
class ProgrammeMail:
    """A message as programmes answered it. ``to`` is None for an account whose address accounts knows."""

    kind: str
    account: str | None
    to: Address | None = field(repr=False)
    page: str
    token: str | None = field(repr=False)
    timezone: str
    values: Mapping[str, Any] = field(repr=False)


def notices_of(programme: str, rows: Sequence[Mapping[str, Any]]) -> list[Notice]:
    """The notifications of messages to accounts: they name no one and give the programme's id only.

    None for a proposal: ``pairing.proposed`` notifies of it, with its counts.
    """
    told = [row for row in rows if row["account"] and row["kind"] not in ASKED_FOR | {"proposal-ready"}]
    data = {"about": "message"}
    return [Notice("programme", None, row["account"], data, row["message_id"], programme_id=programme) for row in told]


def plan(mail: ProgrammeMail, news_at: datetime, wanted: bool, quiet: QuietHours, zone: str, now: datetime) -> Plan:
    """Sends the mail, unless the person opted out, it is stale, or quiet hours apply.

    Quiet hours delay no mail whose meeting or deadline would be over by their end. A digest takes none of these mails:
    each has a link of its own, and many recipients have no account to choose a digest.
    """
    if not wanted and mail.kind not in OWED:
        return Plan("drop", "unwanted")
    if now - news_at > STALE_AFTER:  # a restored broker redelivers old events
        return Plan("drop", "stale")
    until = quiet_until(quiet, zone, now)
    if until is None or mail.kind in ASKED_FOR:
        return SEND
    ends = [mail.values[name] for name in INSTANTS if isinstance(mail.values.get(name), datetime)]
    return SEND if any(end <= until for end in ends) else Plan("wait", until=until)


def compose_programme_mail(
    delivery_id: str, mail: ProgrammeMail, to: Address, zone: str, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    """The mail. The token is in the link's fragment, which mail scanners do not transmit.

    Who has a link of their own stops these mails on their page, others by their preferences; List-Unsubscribe points
    there. It never offers to unsubscribe in one click (RFC 8058): objecting ends a person's part in the programme.
    """
    words, common = words_of(mail.kind, mail.values, to.locale, zone), mail_texts(to.locale)
    page = f"{letterhead.public_url}/{mail.page}" + (f"#{mail.token}" if mail.token else "")
    choices = []
    if mail.token and mail.kind not in LAST:
        choices = [Link(common["programme_stop"], page)]
    elif not mail.token and mail.kind not in OWED:
        choices = [Link(common["choose"], f"{letterhead.public_url}/notifications/preferences")]
    letter = letter_to(
        to, words["title"], paragraphs(words["body"]), words["footer"],
        button=Link(words["open"], page) if words["open"] else None, choices=choices,
    )  # fmt: skip
    return assemble(delivery_id, letter, to, letterhead, now)
