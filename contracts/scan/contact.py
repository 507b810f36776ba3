"""Finds all kinds of contact data in a text."""

from contracts.scan.emails import emails
from contracts.scan.folding import Folded, fold
from contracts.scan.handles import handles
from contracts.scan.phones import phones
from contracts.scan.spans import Leak, merge
from contracts.scan.urls import urls


def contact_data(text: str | Folded) -> list[Leak]:
    """The e-mail addresses, telephone numbers, web addresses and handles in `text`, sorted, with overlaps merged.

    Kinds are `email`, `phone`, `url` and `handle`. A `Folded` text is not folded again.
    """
    folded = fold(text) if isinstance(text, str) else text
    spans = [*emails(folded.text), *phones(folded.text), *urls(folded), *handles(folded.text)]
    return merge(folded.original, [(*folded.span(start, end), kind) for start, end, kind in spans])
