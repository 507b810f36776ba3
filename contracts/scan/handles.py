"""Handles: "@thomas", and the path of a profile without its host ("/in/thomas-dupont")."""

import re
from collections.abc import Iterator

from contracts.scan.spans import Span

_HANDLE = re.compile(r"(?<![\w@])@\w[\w.\-]*")
_PROFILE_PATH = re.compile(r"(?<![\w/])/?in/[^\W_][\w\-%]{2,}")


def handles(text: str) -> Iterator[Span]:
    """The handles in a folded text."""
    for match in _HANDLE.finditer(text):
        handle = match.group().rstrip(".-")
        if len(handle) > 2 and any(c.isalpha() for c in handle):
            yield match.start(), match.start() + len(handle), "handle"
    for match in _PROFILE_PATH.finditer(text):
        if match.group().startswith("/") or "-" in match.group():
            yield *match.span(), "handle"
