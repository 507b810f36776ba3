"""Composes mails: a notification, a digest, or a message about the account. Pure.

`programme_mails` composes those of programmes, `letter` renders the words of all of them as text and HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from services.notify.model.headers import ascii_address, mailbox, one_line, unstructured
from services.notify.model.letter import Block, Item, Letter, Link, as_html, as_text, paragraphs
from services.notify.model.mime import written
from services.notify.model.texts import Words, account_texts, mail_texts, moment, services_named

PAGES = {
    "verify-email": "verify",
    "password-reset": "reset",
    "already-registered": "sign-in",
    "erasure-asked": "stay",
    "erasure-stopped": "sign-in",
    "erasure-refused": "sign-in",
    "address-confirm": "email-confirmation",
    "address-in-use": "sign-in",
    "address-changed": "email-undo",
    "password-changed": "sign-in",
    "erasure-incomplete": "legal",
}
"""The page that the link of each account mail opens. The page sends the token; no server sees it in the URL."""


@dataclass(frozen=True)
class Address:
    """A recipient: address, the name for the greeting, and the language."""

    email: str
    display_name: str
    locale: str


@dataclass(frozen=True)
class AccountMail:
    """A mail that accounts requested. ``token`` is for its link: generated for this attempt, and stored nowhere.

    ``at``, and the services that ``confirmed`` and that are ``missing``, are values of its text.
    """

    kind: str
    to: Address
    token: str | None = field(repr=False)
    at: datetime | None = None
    confirmed: Sequence[str] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Letterhead:
    """What every mail of this installation shares: the sender, and the base URL of its links."""

    mail_from: str
    public_url: str


def compose(
    delivery_id: str,
    notification_id: str,
    words: Words,
    to: Address,
    letterhead: Letterhead,
    now: datetime,
    token: str = "",
) -> EmailMessage:
    """A notification's mail. A retry of the delivery has the same Message-ID.

    ``token`` unsubscribes from the kind in one click.
    """
    page = f"{letterhead.public_url}/notifications"
    letter = letter_to(
        to, words.title, paragraphs(words.body), mail_texts(to.locale)["footer"],
        button=Link(words.open, f"{page}/{notification_id}"), choices=_choices(to.locale, letterhead, token),
    )  # fmt: skip
    return assemble(delivery_id, letter, to, letterhead, now, one_click=bool(token))


def compose_digest(
    delivery_id: str,
    every: Sequence[tuple[str, str, str]],
    to: Address,
    letterhead: Letterhead,
    now: datetime,
    token: str = "",
) -> EmailMessage:
    """A digest: several notifications in one mail, each as its id, title and body. ``token`` as in `compose`."""
    common, page = mail_texts(to.locale), f"{letterhead.public_url}/notifications"
    letter = letter_to(
        to, common["digest_title"], [common["digest_body"]], common["digest_footer"],
        items=[Item(title, body, f"{page}/{id}") for id, title, body in every],
        button=Link(common["digest_open"], page), choices=_choices(to.locale, letterhead, token),
    )  # fmt: skip
    return assemble(delivery_id, letter, to, letterhead, now, one_click=bool(token))


def compose_account_mail(
    delivery_id: str, mail: AccountMail, zone: str, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    """A message about the account. The token is in the link's fragment, which mail scanners do not transmit."""
    language, page = mail.to.locale, PAGES.get(mail.kind)
    at = moment(mail.at, language, zone) if mail.at else ""
    lists = {"confirmed": services_named(mail.confirmed, language), "missing": services_named(mail.missing, language)}
    title, body, button = account_texts(mail.kind, language, {"at": at}, lists)
    link = Link(button, f"{letterhead.public_url}/{page}" + (f"#{mail.token}" if mail.token else "")) if page else None
    letter = letter_to(mail.to, title, body, mail_texts(language)["account_footer"], button=link)
    return assemble(delivery_id, letter, mail.to, letterhead, now)


def letter_to(to: Address, title: str, body: Sequence[Block], reason: str, **more: Any) -> Letter:
    """A letter with greeting and signature, and a footer that says who gets it and for which ``reason``."""
    common, name = mail_texts(to.locale), one_line(to.display_name).strip()
    greeting = common["greeting"].format(name=name) if name else common["greeting_without_name"]
    footer = f"{common['sent_to'].format(email=to.email)} {reason}"
    return Letter(to.locale, title, greeting, body, common["signature"], footer, **more)


def assemble(
    delivery_id: str,
    letter: Letter,
    to: Address,
    letterhead: Letterhead,
    now: datetime,
    one_click: bool = False,
) -> EmailMessage:
    """A mail as text and HTML. The first of the letter's choices is where its recipient stops such mails.

    Headers: RFC 5322, RFC 3834 (Auto-Submitted) and RFC 2369 (List-Unsubscribe). With ``one_click`` a POST to that
    address, from a provider of mail and without a session, stops them as well (RFC 8058, which needs HTTPS). Raises
    `BadAddress`.
    """
    sender_name, sender = parseaddr(letterhead.mail_from)
    domain = ascii_address(sender).rpartition("@")[2]
    headers = {
        "From": mailbox("From", sender_name, sender),
        "To": mailbox("To", "", to.email),
        "Subject": unstructured("Subject", letter.title),
        "Date": format_datetime(now),
        "Message-ID": f"<{delivery_id}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    if letter.choices:
        headers["List-Unsubscribe"] = f"<{letter.choices[0].url}>"
    if one_click and letterhead.public_url.startswith("https:"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return written(headers, as_text(letter), as_html(letter), to.locale)


def _choices(language: str, letterhead: Letterhead, token: str) -> list[Link]:
    """Where the recipient of a notification stops its kind without signing in, and chooses among all kinds."""
    common, url = mail_texts(language), letterhead.public_url
    stop = [Link(common["stop"], f"{url}/unsubscribe/{token}")] if token else []
    return [*stop, Link(common["choose"], f"{url}/notifications/preferences")]
