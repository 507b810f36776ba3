"""A notification, a day of them, or a message about the account, as a mail: text and simple HTML; what carries it."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape

from services.notify.addresses import AccountMail, Address
from services.notify.config import Config, Smtp
from services.notify.headers import BadAddress, ascii_address, mailbox, one_line, unstructured
from services.notify.texts import account_texts, mail_texts

TIMEOUT_S = 10
GOING_AWAY = 421
"""The server ends this conversation and takes mails in another one (RFC 5321, 3.8)."""
AS_WRITTEN = policy.SMTP.clone(refold_source="none")
"""Header fields that `headers` encoded go out as they are."""
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
"""Where the link of a mail about the account leads; the page sends the token, which no server sees in its address."""


def compose(
    delivery_id: str, notification_id: str, words: tuple[str, str], to: Address, config: Config, now: datetime
) -> EmailMessage:
    """A notification's mail; ``words`` are title and body. A repetition of the delivery carries the same Message-ID."""
    common = mail_texts(to.locale)
    link = f"{config.public_url}/notifications/{notification_id}"
    preferences = f"{config.public_url}/notifications/preferences"
    parts = {"title": words[0], "body": words[1], "open": common["open"], "footer": common["footer"]}
    return _compose(delivery_id, {**parts, "link": link, "preferences": preferences}, to, config, now)


def compose_digest(
    delivery_id: str, every: Sequence[tuple[str, str, str]], to: Address, config: Config, now: datetime
) -> EmailMessage:
    """Several notifications in one mail, each as its id, title and body."""
    common = mail_texts(to.locale)
    page = f"{config.public_url}/notifications"
    parts = {"title": common["digest_title"], "body": common["digest_body"], "open": common["open"], "link": page}
    items = [{"title": title, "body": body, "link": f"{page}/{id}"} for id, title, body in every]
    said = {**parts, "footer": common["footer"], "preferences": f"{page}/preferences"}
    return _compose(delivery_id, said, to, config, now, items)


def compose_account_mail(delivery_id: str, mail: AccountMail, config: Config, now: datetime) -> EmailMessage:
    """A message about the account. The token stands in the link's fragment, which no scanner of mails sends on."""
    parts = {**account_texts(mail.kind, mail.to.locale), "footer": mail_texts(mail.to.locale)["account_footer"]}
    if mail.kind in PAGES:
        parts["link"] = f"{config.public_url}/{PAGES[mail.kind]}" + (f"#{mail.token}" if mail.token else "")
    return _compose(delivery_id, parts, mail.to, config, now)


def _compose(
    delivery_id: str,
    parts: Mapping[str, str],
    to: Address,
    config: Config,
    now: datetime,
    items: Sequence[Mapping[str, str]] = (),
) -> EmailMessage:
    """Headers: RFC 5322, RFC 3834 (Auto-Submitted) and RFC 2369 (List-Unsubscribe). `BadAddress`"""
    sender_name, sender = parseaddr(config.mail_from)
    common = mail_texts(to.locale)
    name = one_line(to.display_name).strip()
    greeting = common["greeting"].format(name=name) if name else common["greeting_without_name"]
    said = {**parts, "greeting": greeting, "signature": common["signature"], "language": to.locale}
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
    for field, value in headers.items():
        message.set_raw(field, value)
    said["items"] = "".join(TEXT_ITEM.format(**item) for item in items)
    message.set_content(_fill(TEXT, TEXT_CALL, TEXT_PREFERENCES, said), cte="quoted-printable")
    safe = {name: escape(text) for name, text in said.items()}
    listed = "".join(HTML_ITEM.format(**{name: escape(text) for name, text in item.items()}) for item in items)
    safe["items"] = f"<ul>\n{listed}</ul>\n" if items else ""
    html = _fill(HTML, HTML_CALL, HTML_PREFERENCES, safe)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = to.locale  # last: setting the content drops every header about it
    return message


def _fill(frame: str, call: str, preferences: str, parts: Mapping[str, str]) -> str:
    """The frame with what there is: not every mail has a link, or preferences that concern it."""
    filled = {
        "call": call.format(**parts) if "link" in parts else "",
        "preferences": preferences.format(**parts) if "preferences" in parts else "",
    }
    return frame.format(**{**parts, **filled})


class Mailer:
    """One SMTP connection, opened when needed, used again while mails follow each other. Not for several threads."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Returns once the server has taken the mail; raises `smtplib.SMTPException`, `OSError` or `BadAddress`.

        Where the server ends a conversation that has carried mails before, another one is opened at once.
        """
        if self._connection is not None:
            try:
                return self._carry(self._connection, message)
            except smtplib.SMTPException as error:
                if not _goes_away(error):
                    raise
        self._connection = self._connect()
        return self._carry(self._connection, message)

    def close(self) -> None:
        """Says goodbye; the next mail opens a new connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _carry(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        sender, recipient = (message[field].addresses[0].addr_spec for field in ("From", "To"))
        try:
            connection.send_message(message, sender, [recipient])
        except smtplib.SMTPNotSupportedError as error:  # no SMTPUTF8 (RFC 6531) for letters that are not ASCII
            raise BadAddress from error
        except BaseException:
            self.close()  # a connection in an unknown state carries no other mail
            raise

    def _connect(self) -> smtplib.SMTP:
        smtp = self._smtp
        if smtp.tls == "tls":
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIMEOUT_S, context=context)
        else:
            connection = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_S)
        try:
            if smtp.tls == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if smtp.user:
                connection.login(smtp.user, smtp.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _goes_away(error: smtplib.SMTPException) -> bool:
    """Whether the server ended the conversation, with or without a word (421)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == GOING_AWAY for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == GOING_AWAY
    return isinstance(error, smtplib.SMTPServerDisconnected)


def refused_for_good(error: Exception) -> bool:
    """Whether the server will never take this mail (RFC 5321: 5yz about the recipient or the content)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
