"""Hands mails to the SMTP server, and tells its refusals apart."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage

from services.notify.config import Smtp
from services.notify.model.headers import BadAddress

TIMEOUT_S = 10
GOING_AWAY = 421
"""The server ends this conversation and takes mails in another one (RFC 5321, 3.8)."""


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
