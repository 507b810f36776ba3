"""Composes mails, as text and simple HTML: a notification, a digest, or a message about the account. Pure.

`programme_mails` composes those of programmes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape

from services.notify.model.headers import ascii_address, mailbox, one_line, unstructured
from services.notify.model.texts import account_texts, mail_texts

AS_WRITTEN = policy.SMTP.clone(refold_source="none")
"""Leaves header fields that `headers` encoded unchanged."""
HTML = """<!doctype html>
<html lang="{language}"><body style="font-family:sans-serif;line-height:1.5;max-width:36em">
<p>{greeting}</p>
<p>{body}</p>
{items}{call}<p>{signature}</p>
<p style="color:#666;font-size:small">{footer}{preferences}</p>
</body></html>
"""
HTML_ITEM = '<li><a href="{link}">{title}</a><br>{body}</li>\n'
TEXT_ITEM = "* {title}\n  {body}\n  {link}\n\n"
HTML_CALL = '<p><a href="{link}">{open}</a></p>\n'
HTML_PREFERENCES = ' <a href="{preferences}">{preferences}</a>'
TEXT = """{greeting}

{body}

{items}{call}{signature}

-- \n{footer}
{preferences}"""
TEXT_CALL = "{open}: {link}\n\n"
TEXT_PREFERENCES = "{preferences}\n"
PAGES = {"verify-email": "verify", "password-reset": "reset", "already-registered": "sign-in"}
"""The page that the link of each account mail opens. The page sends the token; no server sees it in the URL."""


@dataclass(frozen=True)
class Address:
    """A recipient: address, the name for the greeting, and the language."""

    email: str
    display_name: str
    locale: str


@dataclass(frozen=True)
class AccountMail:
    """A mail that accounts requested. ``token`` is for its link: generated for this attempt, and stored nowhere."""

    kind: str
    to: Address
    token: str | None = field(repr=False)


@dataclass(frozen=True)
class Letterhead:
    """What every mail of this installation shares: the sender, and the base URL of its links."""

    mail_from: str
    public_url: str


def compose(
    delivery_id: str, notification_id: str, words: tuple[str, str], to: Address, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    """A notification's mail; ``words`` are title and body. A retry of the delivery has the same Message-ID."""
    common = mail_texts(to.locale)
    link = f"{letterhead.public_url}/notifications/{notification_id}"
    preferences = f"{letterhead.public_url}/notifications/preferences"
    parts = {"title": words[0], "body": words[1], "open": common["open"], "footer": common["footer"]}
    return assemble(delivery_id, {**parts, "link": link, "preferences": preferences}, to, letterhead, now)


def compose_digest(
    delivery_id: str, every: Sequence[tuple[str, str, str]], to: Address, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    """A digest: several notifications in one mail, each as its id, title and body."""
    common = mail_texts(to.locale)
    page = f"{letterhead.public_url}/notifications"
    parts = {"title": common["digest_title"], "body": common["digest_body"], "open": common["open"], "link": page}
    items = [{"title": title, "body": body, "link": f"{page}/{id}"} for id, title, body in every]
    values = {**parts, "footer": common["footer"], "preferences": f"{page}/preferences"}
    return assemble(delivery_id, values, to, letterhead, now, items)


def compose_account_mail(delivery_id: str, mail: AccountMail, letterhead: Letterhead, now: datetime) -> EmailMessage:
    """A message about the account. The token is in the link's fragment, which mail scanners do not transmit."""
    parts = {**account_texts(mail.kind, mail.to.locale), "footer": mail_texts(mail.to.locale)["account_footer"]}
    if mail.kind in PAGES:
        parts["link"] = f"{letterhead.public_url}/{PAGES[mail.kind]}" + (f"#{mail.token}" if mail.token else "")
    return assemble(delivery_id, parts, mail.to, letterhead, now)


def assemble(
    delivery_id: str,
    parts: Mapping[str, str],
    to: Address,
    letterhead: Letterhead,
    now: datetime,
    items: Sequence[Mapping[str, str]] = (),
) -> EmailMessage:
    """A mail of ``title``, ``body``, ``open``, ``footer`` and, if there are, ``link`` and ``preferences``.

    Blank lines in the body separate paragraphs. Headers: RFC 5322, RFC 3834 (Auto-Submitted) and RFC 2369
    (List-Unsubscribe). Raises `BadAddress`.
    """
    sender_name, sender = parseaddr(letterhead.mail_from)
    common = mail_texts(to.locale)
    name = one_line(to.display_name).strip()
    greeting = common["greeting"].format(name=name) if name else common["greeting_without_name"]
    values = {**parts, "greeting": greeting, "signature": common["signature"], "language": to.locale}
    message = EmailMessage(AS_WRITTEN)
    domain = ascii_address(sender).rpartition("@")[2]
    headers = {
        "From": mailbox("From", sender_name, sender),
        "To": mailbox("To", "", to.email),
        "Subject": unstructured("Subject", parts["title"]),
        "Date": format_datetime(now),
        "Message-ID": f"<{delivery_id}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    if "preferences" in parts:
        headers["List-Unsubscribe"] = f"<{parts['preferences']}>"
    for header, value in headers.items():
        message.set_raw(header, value)
    values["items"] = "".join(TEXT_ITEM.format(**item) for item in items)
    message.set_content(_fill(TEXT, TEXT_CALL, TEXT_PREFERENCES, values), cte="quoted-printable")
    safe = {name: escape(text) for name, text in values.items()}
    listed = "".join(HTML_ITEM.format(**{name: escape(text) for name, text in item.items()}) for item in items)
    safe["body"] = safe["body"].replace("\n\n", "</p>\n<p>")
    safe["items"] = f"<ul>\n{listed}</ul>\n" if items else ""
    html = _fill(HTML, HTML_CALL, HTML_PREFERENCES, safe)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = to.locale  # last, because setting the content removes content headers
    return message


def _fill(frame: str, call: str, preferences: str, parts: Mapping[str, str]) -> str:
    """Fills the template; a mail may lack the link or the line on preferences."""
    filled = {
        "call": call.format(**parts) if "link" in parts else "",
        "preferences": preferences.format(**parts) if "preferences" in parts else "",
    }
    return frame.format(**{**parts, **filled})
