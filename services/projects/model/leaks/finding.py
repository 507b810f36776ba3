"""Finds leaks in the fields of a form, and redacts them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.scan import Leak, Span, contact_data, fold, merge
from services.projects.model.leaks.identity import Identity
from services.projects.model.leaks.needles import Needles

MASK = "[…]"
_BLANK = "\ue000"  # neither a letter nor a separator
REACH = 160
"""How far from a mask, in characters, it can affect what is found: a bit over twice the longest mailbox."""
READINGS = 3
"""Maximum number of times a text is read, over all rounds."""
SHORT = 4_000
"""Texts shorter than this, in characters, are allowed as many rounds as a text of this length."""


@dataclass(frozen=True, slots=True, order=True)
class FieldLeak:
    """A leak in one field of a form: the code points [start, end) of that field's text."""

    field: str
    start: int
    end: int
    kind: str
    text: str


def find_leaks(fields: Mapping[str, str], identity: Identity) -> list[FieldLeak]:
    """Every place in `fields` (texts by name) that names the client or holds contact data.

    Sorted by field, then by position. Overlapping leaks are merged and take the kind of the longest. Redacting all
    of them leaves a text without leaks.
    """
    needles = Needles(identity)
    return [
        FieldLeak(name, leak.start, leak.end, leak.kind, leak.text)
        for name, text in fields.items()
        for leak in _leaks(text, needles)
    ]


def redact(text: str, leaks: Iterable[Leak | FieldLeak]) -> str:
    """`text` with each of its `leaks` replaced by `[…]`; leaks of other fields must not be passed."""
    out = []
    position = 0
    for start, end in sorted((leak.start, leak.end) for leak in leaks):
        if start >= position:
            out.append(text[position:start] + MASK)
        position = max(position, end)
    return "".join(out) + text[position:]


def _leaks(text: str, needles: Needles) -> list[Leak]:
    """The leaks of one text.

    A mask can uncover another leak (by making a boundary, mostly), so the text near each mask is scanned again. In
    a text crafted to be costly, each leak uncovers the next; once the scan has read it `READINGS` times, the whole
    text counts as one leak.
    """
    found: list[Span] = []
    seen, stretches = text, [(0, len(text))]
    left = max(len(text), SHORT) * READINGS
    while stretches:
        new = [span for start, end in stretches for span in _scan(seen, start, end, needles)]
        left -= sum(end - start for start, end in stretches)
        if new and left <= 0:
            return merge(text, [(0, len(text), new[0][2])])
        found += new
        characters = list(seen)
        for start, end, _ in new:
            characters[start:end] = _BLANK * (end - start)
        seen = "".join(characters)
        stretches = _around(new, len(text))
    return merge(text, found)


def _scan(text: str, start: int, end: int, needles: Needles) -> list[Span]:
    """The leaks in [start, end) of a text, except those that are whole words only because the text was cut there."""
    folded = fold(text[start:end])
    spans = [(*folded.span(first, last), kind) for first, last, kind in needles.find(folded)]
    spans += [(leak.start, leak.end, leak.kind) for leak in contact_data(folded)]
    return [
        (start + first, start + last, kind)
        for first, last, kind in spans
        if (first or not start) and (start + last < end or end == len(text))
    ]


def _around(spans: Iterable[Span], length: int) -> list[tuple[int, int]]:
    """The parts of a text of this length that are near a span, with overlaps merged."""
    near: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start - REACH), min(length, end + REACH)) for start, end, _ in spans):
        if near and start <= near[-1][1]:
            near[-1] = near[-1][0], max(end, near[-1][1])
        else:
            near.append((start, end))
    return near
