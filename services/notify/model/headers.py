"""Encodes the header fields of a mail, so that mail programs show the text character for character.

Python's own folding (3.11, 3.12) loses the space between two encoded words, and treats text that only looks like an
encoded word as one. `EmailMessage.set_raw` takes these fields unchanged.
"""

import re
from email.header import Header

import idna

LONGEST_LINE = 76
"""Maximum characters of a line that holds an encoded word (RFC 2047, 2)."""
ADDRESS = re.compile(r"""\A[^\s@<>(),;:"\[\]\\]+@[^\s@<>(),;:"\[\]\\]+\Z""")
"""Exactly one address, without characters that could start a second one or a header."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class BadAddress(Exception):
    """The text is not a valid mail address."""


def one_line(text: str) -> str:
    """Replaces each run of line breaks and control characters by a space; other spaces stay."""
    return _BREAKS.sub(" ", text)


def unstructured(name: str, text: str) -> str:
    """The value of a field such as Subject: unchanged if short ASCII, else in encoded words (RFC 2047, 5.1)."""
    line = one_line(text)
    plain = _PLAIN.fullmatch(line) and "=?" not in line and len(f"{name}: {line}") <= LONGEST_LINE
    return line if plain else _encoded(name, line)


def mailbox(name: str, display_name: str, address: str) -> str:
    """The value of a field such as From: the display name, if any, and the address. Raises `BadAddress`."""
    line = one_line(display_name).strip()
    spec = ascii_address(address)
    if not line:
        return spec
    plain = _ATOMS.fullmatch(line) and "=?" not in line and len(f"{name}: {line} <{spec}>") <= LONGEST_LINE
    return f"{line} <{spec}>" if plain else f"{_encoded(name, line)}\r\n <{spec}>"


def ascii_address(address: str) -> str:
    """Encodes the address's domain for the DNS (IDNA 2008). The part before the @ stays.

    Raises `BadAddress` unless the text is exactly one address with a valid domain.
    """
    if not ADDRESS.match(address):
        raise BadAddress
    local_part, _, domain = address.rpartition("@")
    try:
        return f"{local_part}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise BadAddress from error


def _encoded(name: str, line: str) -> str:
    return Header(line, "utf-8", maxlinelen=LONGEST_LINE, header_name=name).encode(linesep="\r\n")
