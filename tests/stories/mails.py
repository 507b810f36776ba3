"""Reading the mails that the mail sink stored."""

import email
import email.policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path


def mails_to(mails: Path, address: str) -> list[EmailMessage]:
    """The mails to an address, oldest first."""
    found = []
    for path in sorted(mails.glob("*.eml")):
        message = _read(path)
        if address in str(message["To"]):
            found.append(message)
    return found


@cache
def _read(path: Path) -> EmailMessage:
    """A mail: its file is written once, and never changed."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    """Subject and plain text."""
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']}\n{body.get_content()}"
