"""Header fields of a mail, encoded here: what a mail program shows is what was written, character for character.

Python's own folding (3.11, 3.12) loses the space where two encoded words meet, and takes a text that looks like an
encoded word for one. `EmailMessage.set_raw` takes these fields as they are.
"""

import re
from email.header import Header

import idna

LONGEST_LINE = 76
"""Characters of a line that holds an encoded word (RFC 2047, 2)."""
ADDRESS = re.compile(r"""\A[^\s@<>(),;:"\[\]\\]+@[^\s@<>(),;:"\[\]\\]+\Z""")
"""One address and nothing that could be read as a second, or as a header."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class BadAddress(Exception):
    """No mail can be addressed like that."""


def one_line(text: str) -> str:
    """The text with a space in place of every line break and control character; other spaces stay as they are."""
    return _BREAKS.sub(" ", text)


def unstructured(name: str, text: str) -> str:
    """The value of a field such as Subject: as it is where it is short ASCII, else in encoded words (RFC 2047, 5.1)."""
    line = one_line(text)
    plain = _PLAIN.fullmatch(line) and "=?" not in line and len(f"{name}: {line}") <= LONGEST_LINE
    return line if plain else _encoded(name, line)


def mailbox(name: str, display_name: str, address: str) -> str:
    """The value of a field such as From: the address, after the display name if there is one; raises `BadAddress`."""
    line = one_line(display_name).strip()
    spec = ascii_address(address)
    if not line:
        return spec
    plain = _ATOMS.fullmatch(line) and "=?" not in line and len(f"{name}: {line} <{spec}>") <= LONGEST_LINE
    return f"{line} <{spec}>" if plain else f"{_encoded(name, line)}\r\n <{spec}>"


def ascii_address(address: str) -> str:
    """The address with its domain as the DNS knows it (IDNA 2008). The part before the @ stays as it is.

    Raises `BadAddress` for what is not exactly one address, and for a domain that the DNS cannot have.
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
