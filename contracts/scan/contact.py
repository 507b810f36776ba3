"""Finds all kinds of contact data in a text."""

import re

from contracts.scan.emails import emails
from contracts.scan.folding import Folded, fold
from contracts.scan.handles import handles
from contracts.scan.phones import phones
from contracts.scan.spans import Leak, merge
from contracts.scan.urls import urls

LINK = re.compile(r"://|@|\bwww\.|\w{3}[.\u2024\u2027\u3002]\w{2}")
"""Refused in names in addition to contact data: URLs and host names. "St.Pierre" and "J.P. Morgan" are allowed."""


def is_no_name(text: str) -> bool:
    """Whether a person's name looks like a link, an address or a telephone number: others read names, also in mails."""
    return bool(contact_data(text) or LINK.search(fold(text).text))


def contact_data(text: str | Folded) -> list[Leak]:
    """The e-mail addresses, telephone numbers, web addresses and handles in `text`, sorted, with overlaps merged.

    Kinds are `email`, `phone`, `url` and `handle`. A `Folded` text is not folded again.
    """
    folded = fold(text) if isinstance(text, str) else text
    spans = [*emails(folded.text), *phones(folded.text), *urls(folded), *handles(folded.text)]
    return merge(folded.original, [(*folded.span(start, end), kind) for start, end, kind in spans])
