"""One notification as a mail: plain text and simple HTML; and the SMTP connection that carries it."""

import re
import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape

from services.notify.addresses import Address
from services.notify.config import Config, Smtp
from services.notify.texts import mail_texts

TIMEOUT_S = 10
ADDRESS = re.compile(r"""\A[^\s@<>(),;:"\[\]\\]+@[^\s@<>(),;:"\[\]\\]+\Z""")
"""One address and nothing that could be read as a second, or as a header."""
HTML = """<!doctype html>
<html lang="{language}"><body style="font-family:sans-serif;line-height:1.5;max-width:36em">
<p>{greeting}</p>
<p>{body}</p>
<p><a href="{link}">{open}</a></p>
<p>{signature}</p>
<p style="color:#666;font-size:small">{footer} <a href="{preferences}">{preferences}</a></p>
</body></html>
"""
TEXT = """{greeting}

{body}

{open}: {link}

{signature}

-- \n{footer}
{preferences}
"""


class BadAddress(Exception):
    """No mail can be addressed like that."""


def compose(
    delivery_id: str, notification_id: str, words: tuple[str, str], to: Address, config: Config, now: datetime
) -> EmailMessage:
    """The mail; ``words`` are title and body. A repetition of the delivery carries the same Message-ID.

    Headers: RFC 5322, RFC 3834 (Auto-Submitted) and RFC 2369 (List-Unsubscribe).
    """
    sender_name, sender = parseaddr(config.mail_from)
    preferences = f"{config.public_url}/notifications/preferences"
    title, body = words
    parts = {
        **mail_texts(to.locale),
        "language": to.locale,
        "body": body,
        "link": f"{config.public_url}/notifications/{notification_id}",
        "preferences": preferences,
    }
    parts["greeting"] = parts["greeting"].format(name=" ".join(to.display_name.split()))
    message = EmailMessage()
    message["From"] = _header(sender_name, sender)
    message["To"] = _header("", to.email)
    message["Subject"] = title
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{preferences}>"
    message["Content-Language"] = to.locale
    message.set_content(TEXT.format(**parts), cte="quoted-printable")
    html = HTML.format(**{name: escape(text) for name, text in parts.items()})
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def _header(name: str, address: str) -> HeaderAddress:
    if not ADDRESS.match(address):
        raise BadAddress
    username, _, domain = address.rpartition("@")
    return HeaderAddress(name, username, domain)


class Mailer:
    """One SMTP connection, opened when needed, used again while mails follow each other. Not for several threads."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Returns once the server has taken the mail; raises `smtplib.SMTPException` or `OSError`."""
        if self._connection is not None:
            try:
                return self._carry(self._connection, message)
            except smtplib.SMTPServerDisconnected:  # servers end long conversations; a new one is as good
                pass
        self._connection = self._connect()
        return self._carry(self._connection, message)

    def close(self) -> None:
        """Says goodbye; the next mail opens a new connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _carry(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            connection.send_message(message)
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


def refused_for_good(error: Exception) -> bool:
    """Whether the server will never take this mail (RFC 5321: 5yz about the recipient or the content)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
