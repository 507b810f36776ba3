"""Writes a mail as MIME (RFC 2045 and 2046) from header fields that are encoded already, with one text in two forms.

`EmailMessage.set_content` and the header registry parse again what they are given, which took most of a mail's time.
"""

import quopri
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any


class _AsWritten(EmailPolicy):
    """Leaves fields as they are written, and does not parse those that only say how the content is written."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        if name.lower().startswith(("content-", "mime-")):
            return value
        return super().header_fetch_parse(name, value)


BOUNDARY = "=_alternative"
"""Between the parts. "=_" occurs in no text that is written as quoted-printable (RFC 2045, 6.7)."""
AS_WRITTEN = _AsWritten(linesep="\r\n", refold_source="none")


def written(fields: Mapping[str, str], plain: str, html: str, language: str) -> EmailMessage:
    """A mail with these fields, which `headers` encodes, and with the same words as text and as HTML, in this order."""
    alternative = f'multipart/alternative; boundary="{BOUNDARY}"'
    message = _message({**fields, "MIME-Version": "1.0", "Content-Type": alternative})
    message.set_raw("Content-Language", language)
    for subtype, text in (("plain", plain), ("html", html)):
        part = _message(
            {"Content-Type": f'text/{subtype}; charset="utf-8"', "Content-Transfer-Encoding": "quoted-printable"}
        )
        lines = text.encode().splitlines()  # bare carriage returns are line ends, too
        part.set_payload(quopri.encodestring(b"\n".join([*lines, b""])).decode("ascii"))
        message.attach(part)
    return message


def _message(fields: Mapping[str, str]) -> EmailMessage:
    message = EmailMessage(AS_WRITTEN)
    for name, value in fields.items():
        message.set_raw(name, value)
    return message
