"""Reading the mails that the mail sink stored."""

import email
import email.policy
import os
from collections import defaultdict
from email.message import EmailMessage
from functools import cache
from pathlib import Path

RECIPIENTS: dict[Path, dict[str, str]] = defaultdict(dict)
"""The recipient of each file of a folder. Stories look for theirs among thousands, again and again."""


def mails_to(mails: Path, address: str) -> list[EmailMessage]:
    """The mails to an address, oldest first."""
    known = RECIPIENTS[mails]
    names = sorted(name for name in (os.listdir(mails) if mails.is_dir() else ()) if name.endswith(".eml"))
    for name in names:
        if name not in known:
            known[name] = str(_read(mails / name)["To"])
    return [_read(mails / name) for name in names if address in known[name]]


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
