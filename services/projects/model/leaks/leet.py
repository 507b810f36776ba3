"""Reads digits and signs inside words as the letters they look like: "N3stl3", "R€nault", "T0t4l"."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from contracts.scan import Folded
from services.projects.model.leaks.readings import stretches

_SIGNS = "0-9@$€£¢§|!+"
_LIKE = dict(zip("02345789@$€£¢§|!+", "ozeastbgaselcslit", strict=True))
_READINGS = (
    str.maketrans(_LIKE | {"1": "i", "6": "g", "|": "i"}),
    str.maketrans(_LIKE | {"1": "l", "6": "b", "!": "l"}),
)
_MIXED = re.compile(rf"[^\W\d_][{_SIGNS}]|[{_SIGNS}][^\W\d_]")
_WORD = re.compile(rf"[\w{_SIGNS}]+")
_YEAR = re.compile(r"(?<=[^\W\d_])(?:19|20)\d\d$")
_LONGEST = 40
"""Maximum length of a mixed word, in characters."""
_NEAR = 4
"""Characters before and after the place that are looked at first."""


def triples(letters: str) -> Iterator[str]:
    """Every three adjacent letters."""
    return (letters[k : k + 3] for k in range(len(letters) - 2))


def unleeted(folded: Folded, known: AbstractSet[str]) -> Iterator[tuple[Folded, int]]:
    """Stretches of the text with their digits and signs read as letters, each with its start in the text.

    Only those count in which a mixed word has three letters in a row out of ``known``.
    """
    for start, end in stretches(_mixed(folded.text, known), len(folded.text)):
        text = folded.text[start:end]
        for table in _READINGS:
            read = "".join(_mixed_words(text, table))
            if read != text:
                kept = folded.starts[start:end], folded.ends[start:end], folded.written[start:end]
                yield Folded(folded.original, read, *kept), start


def _mixed(text: str, known: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """Places where a letter adjoins a digit or sign, if what is there may be part of a name."""
    for match in _MIXED.finditer(text):
        word = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if any(part in known for table in _READINGS for part in triples(word.translate(table))):
            yield match.span()


def _mixed_words(text: str, table: dict[int, str]) -> Iterator[str]:
    position = 0
    for match in _WORD.finditer(text):
        word = _YEAR.sub("", match.group().rstrip("!+|"))
        yield text[position : match.start()]
        mixed = len(word) <= _LONGEST and sum(c.isalpha() for c in word) >= 2
        yield word.translate(table) if mixed else word
        position = match.start() + len(word)
    yield text[position:]
