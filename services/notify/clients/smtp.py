"""Sends mails to the SMTP server and distinguishes temporary from permanent refusals."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import parseaddr

from services.notify.config import Smtp
from services.notify.model.headers import BadAddress

TIMEOUT_S = 10
GOING_AWAY = 421
"""The server closes this session and accepts mails in a new one (RFC 5321, 3.8)."""


class Mailer:
    """One SMTP connection, opened on demand and reused until closed. Not thread-safe."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Returns once the server has accepted the mail; raises `smtplib.SMTPException`, `OSError` or `BadAddress`.

        If the server has closed a reused connection, retries once on a new one.
        """
        if self._connection is not None:
            try:
                return self._send_over(self._connection, message)
            except smtplib.SMTPException as error:
                if not _is_closing(error):
                    raise
        self._connection = self._connect()
        return self._send_over(self._connection, message)

    def close(self) -> None:
        """Closes the connection; the next mail opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _send_over(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        fields = dict(message.raw_items())
        sender, recipient = (parseaddr(fields[field])[1] for field in ("From", "To"))
        try:
            connection.send_message(message, sender, [recipient])
        except smtplib.SMTPNotSupportedError as error:  # the server lacks SMTPUTF8 (RFC 6531) for non-ASCII addresses
            raise BadAddress from error
        except BaseException:
            self.close()  # its state is unknown: it is not reused
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


def _is_closing(error: smtplib.SMTPException) -> bool:
    """Whether the server closed the session, with an answer (421) or without."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == GOING_AWAY for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == GOING_AWAY
    return isinstance(error, smtplib.SMTPServerDisconnected)


def is_permanent_refusal(error: Exception) -> bool:
    """Whether the server will never accept this mail (RFC 5321: 5yz for the recipient or the content)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
