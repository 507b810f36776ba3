"""The leaks in the fields of a form, and the text without them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.scan import Leak, Span, contact_data, fold, merge
from services.projects.leaks.identity import Identity
from services.projects.leaks.needles import Needles

MASK = "[…]"
_BLANK = "\ue000"  # neither a letter nor a separator


@dataclass(frozen=True, slots=True, order=True)
class FieldLeak:
    """A leak in one field of a form: code points [start, end) of that field's text."""

    field: str
    start: int
    end: int
    kind: str
    text: str


def find_leaks(fields: Mapping[str, str], identity: Identity) -> list[FieldLeak]:
    """Every place in `fields` (texts by name) that names the client or holds contact data.

    In the order of the fields, then of the places; overlaps are one leak with the kind of the longest. Redacting all
    of them leaves a text without leaks.
    """
    needles = Needles(identity)
    return [
        FieldLeak(name, leak.start, leak.end, leak.kind, leak.text)
        for name, text in fields.items()
        for leak in _leaks(text, needles)
    ]


def redact(text: str, leaks: Iterable[Leak | FieldLeak]) -> str:
    """`text` with each of its own `leaks` replaced by `[…]` (leaks of other fields must not be among them)."""
    out = []
    position = 0
    for start, end in sorted((leak.start, leak.end) for leak in leaks):
        if start >= position:
            out.append(text[position:start] + MASK)
        position = max(position, end)
    return "".join(out) + text[position:]


def _leaks(text: str, needles: Needles) -> list[Leak]:
    found: list[Span] = []
    seen = text
    while True:
        folded = fold(seen)
        new: list[Span] = [(*folded.span(start, end), kind) for start, end, kind in needles.find(folded)]
        new += [(leak.start, leak.end, leak.kind) for leak in contact_data(folded)]
        if not new:
            return merge(text, found)
        found += new
        # What a mask uncovers (a boundary, mostly) is looked for again.
        characters = list(seen)
        for start, end, _ in new:
            characters[start:end] = _BLANK * (end - start)
        seen = "".join(characters)
