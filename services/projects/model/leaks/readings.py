"""The readings of a text in which the client may be named: as it stands, rendered, by shape, and transliterated.

All but the first cover only the parts of the text that they read in another way, and a little around them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from anyascii import anyascii

from contracts.scan import Folded, Piece, fold, fold_pieces, readings, shape

AROUND = 48
"""Characters before and after one that is read in another way that may belong to the same name."""
_LAST_LATIN = "\u024f"
_MOST = 4
"""Maximum number of Latin letters for one of another script."""
_CAPITAL_I = re.compile(r"(?<=[a-zß-ÿ])I(?=[a-zß-ÿ])")


def all_readings(text: str) -> Iterator[tuple[Folded, bool]]:
    """Each reading, and whether contact data are to be searched for in it, too."""
    for k, reading in enumerate(readings(text)):
        yield reading, True
        if k == 0:
            written = "".join(reading.written) if _CAPITAL_I.search(text) else ""
            places = [match.start() for match in _CAPITAL_I.finditer(written)]
            yield from ((part, False) for part in _parts(reading, places, _as_small_l))
        foreign = {c for c in set(reading.written) if c > _LAST_LATIN and c.isalpha()}
        for read in (_transliterated, shape):
            changed = {c for c in foreign if fold(read(c)).text != fold(c).text}
            places = [k for k, c in enumerate(reading.written) if c in changed] if changed else []
            yield from ((part, False) for part in _parts(reading, places, read))


def stretches(places: Iterable[tuple[int, int]], length: int, around: int = AROUND) -> list[tuple[int, int]]:
    """The parts of a text of this length that are near a place, with overlaps merged; places in order."""
    found: list[tuple[int, int]] = []
    for start, end in places:
        start, end = max(0, start - around), min(length, end + around)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _parts(reading: Folded, places: list[int], read: Callable[[str], str]) -> Iterator[Folded]:
    for start, end in stretches(((k, k + 1) for k in places), len(reading.text)):
        yield fold_pieces(reading.original, _pieces(reading, start, end, read))


def _pieces(reading: Folded, start: int, end: int, read: Callable[[str], str]) -> Iterator[Piece]:
    last = -1
    for k in range(start, end):
        character, first = reading.written[k], reading.starts[k]
        if first != last or len(fold(character).text) < 2:  # a ligature stands there once for each of its letters
            yield from ((c, first, reading.ends[k]) for c in read(character))
        last = first


def _as_small_l(character: str) -> str:
    return "l" if character == "I" else character


@lru_cache(maxsize=4096)
def _transliterated(character: str) -> str:
    """A letter of another script in Latin letters, its case kept; other characters as they are."""
    if character <= _LAST_LATIN or not character.isalpha() or "LATIN" in unicodedata.name(character, ""):
        return character
    said = anyascii(character)
    return said if 0 < len(said) <= _MOST else character
