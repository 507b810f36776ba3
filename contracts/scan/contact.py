"""Finds all kinds of contact data in a text."""

import re
from collections.abc import Iterator
from itertools import chain

from contracts.scan.emails import emails
from contracts.scan.folding import Folded, fold
from contracts.scan.handles import handles
from contracts.scan.markup import readings
from contracts.scan.numbers import numbers
from contracts.scan.phones import phones
from contracts.scan.spans import Leak, Span, merge
from contracts.scan.urls import urls

LINK = re.compile(r"://|@|\bwww\.|\w{3}[.\u2024\u2027\u3002]\w{2}")
"""Refused in names in addition to contact data: URLs and host names. "St.Pierre" and "J.P. Morgan" are allowed."""


def is_no_name(text: str) -> bool:
    """Whether a person's name looks like a link, an address or a telephone number: others read names, also in mails."""
    return bool(contact_data(text) or LINK.search(fold(text).text))


def contact_data(text: str | Folded) -> list[Leak]:
    """The e-mail addresses, telephone and registration numbers, web addresses and handles in `text`, sorted.

    Kinds are `email`, `phone`, `registration`, `url` and `handle`; overlaps are merged. A text is also read as its
    markup renders, a `Folded` one only as it stands.
    """
    read = readings(text) if isinstance(text, str) else [text]
    return merge(read[0].original, [span for folded in read for span in _spans(folded)])


def _spans(folded: Folded) -> Iterator[Span]:
    """The spans of the original text, overlapping and in no order."""
    text = folded.text
    for start, end, kind in chain(emails(folded), numbers(folded), phones(text), urls(folded), handles(text)):
        yield *folded.span(start, end), kind
