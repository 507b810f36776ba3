"""Finds leaks in the fields of a form, and redacts them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.scan import Leak
from services.projects.model.leaks.identity import Identity
from services.projects.model.leaks.needles import Needles, needles_of
from services.projects.model.leaks.readings import stretches
from services.projects.model.leaks.spans import Place, united

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
    """A leak in one field of a form: the code points [start, end) of that field's text.

    It names the client for certain, or else perhaps: a common word is also a name.
    """

    field: str
    start: int
    end: int
    kind: str
    text: str
    certain: bool = True


def find_leaks(fields: Mapping[str, str], identity: Identity) -> list[FieldLeak]:
    """Every place in `fields` (texts by name) that names the client, or may, or holds contact data.

    Sorted by field, then by position. Overlapping leaks are merged and take the kind of the longest. Redacting all
    certain ones leaves a text without certain ones.
    """
    needles = needles_of(identity)
    return [
        FieldLeak(name, place.start, place.end, place.kind, text[place.start : place.end], place.certain)
        for name, text in fields.items()
        for place in _leaks(text, needles)
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


def _leaks(text: str, needles: Needles) -> list[Place]:
    """The leaks of one text.

    A mask can uncover another leak (by making a boundary, mostly), so the text near each mask is scanned again. In
    a text crafted to be costly, each leak uncovers the next; once the scan has read it `READINGS` times, the whole
    text counts as one leak.
    """
    found: list[Place] = []
    seen, parts = text, [(0, len(text))]
    left = max(len(text), SHORT) * READINGS
    while parts:
        new = [place for start, end in parts for place in _scan(seen, start, end, needles)]
        left -= sum(end - start for start, end in parts)
        sure = [place for place in new if place.certain]
        if sure and left <= 0:
            return [Place(0, len(text), sure[0].kind, True)]
        found += new if not found else sure
        characters = list(seen)
        for place in sure:
            characters[place.start : place.end] = _BLANK * (place.end - place.start)
        seen = "".join(characters)
        parts = stretches(sorted((place.start, place.end) for place in sure), len(text), REACH)
    return united(text, found)


def _scan(text: str, start: int, end: int, needles: Needles) -> list[Place]:
    """The leaks in [start, end) of a text, except those that are whole words only because the text was cut there."""
    return [
        Place(start + place.start, start + place.end, place.kind, place.certain)
        for place in needles.find(text[start:end])
        if (place.start or not start) and (start + place.end < end or end == len(text))
    ]
