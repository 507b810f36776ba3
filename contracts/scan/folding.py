"""Folds a text so that different spellings become equal, and maps the result back to the original."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from contracts.scan.lookalikes import latin

Piece = tuple[str, int, int]
"""A character as read, and the code points [start, end) of the original that it stands for."""

_APOSTROPHES = "’‘ʼ′＇`´ʹ"
_FILLERS = "\u115f\u1160\u3164\uffa0\u034f"  # letters by category, but invisible
_SIGNS = "\u2122\u2120"  # trade and service mark: compatibility forms of letters that belong to no word
_MARKS = ("Mn", "Me")
_RUN = re.compile(r"[\x00-_a-\x7f]+|.", re.DOTALL)
"""ASCII but "`", which folds character by character, or any other character."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and its mapping to the original.

    `text[i]` comes from the original code points `starts[i]` up to `ends[i]` (combining marks included), read as the
    character `written[i]`, which still has its case.
    """

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    written: Sequence[str]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of the folded slice [start, end), which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def slice(self, start: int, end: int) -> str:
        """The original text behind the folded slice [start, end), empty for an empty slice."""
        return self.original[self.starts[start] : self.ends[end - 1]] if start < end else ""

    def capitals(self, start: int, end: int) -> bool:
        """Whether the letters of the folded slice [start, end) are written in capitals, and there is one."""
        return "".join(self.written[start:end]).isupper()


class _Out(NamedTuple):
    """A folded text in the making."""

    text: list[str]
    starts: list[int]
    ends: list[int]
    written: list[str]

    def add(self, character: str, start: int, end: int) -> None:
        """Adds one character of the text as read. A mark belongs to the letter before it, or to all of a ligature."""
        folded = _fold_character(character)
        if folded:
            self.text.append(folded)
            self.starts.extend([start] * len(folded))
            self.ends.extend([end] * len(folded))
            self.written.extend([character] * len(folded))
        elif self.ends and self.ends[-1] == start and unicodedata.category(character) in _MARKS:
            k = len(self.ends) - 1
            base = self.starts[k]
            while k >= 0 and self.starts[k] == base:
                self.ends[k] = end
                k -= 1

    def folded(self, original: str) -> Folded:
        return Folded(original, "".join(self.text), self.starts, self.ends, self.written)


def fold(text: str) -> Folded:
    """`text` without case, accents, ligatures, width, look-alikes or invisible characters.

    Dashes become `-`, apostrophes `'`, and spaces other than line breaks and tabs ` `; zero-width characters and
    combining marks are removed. It is idempotent: `fold(fold(x).text).text == fold(x).text`.
    """
    if text.isascii() and "`" not in text:
        return Folded(text, text.lower(), range(len(text)), range(1, len(text) + 1), text)
    out = _Out([], [], [], [])
    for run in _RUN.finditer(text):
        start, end = run.span()
        if run.group() != "`" and run.group().isascii():
            out.text.append(run.group().lower())
            out.starts.extend(range(start, end))
            out.ends.extend(range(start + 1, end + 1))
            out.written.extend(run.group())
        else:
            out.add(run.group(), start, end)
    return out.folded(text)


def fold_pieces(original: str, pieces: Iterable[Piece]) -> Folded:
    """Folds a text that was read from `original` in another way than character by character."""
    out = _Out([], [], [], [])
    for piece in pieces:
        out.add(*piece)
    return out.folded(original)


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:  # first, because NFKC would turn one into a space and an accent
        return "'"
    if character in _SIGNS:
        return " "
    if "\u249c" <= character <= "\u24b5":  # a letter in parentheses
        return chr(ord("a") + ord(character) - 0x249C)
    text = character
    for _ in range(3):  # a compatibility form may expand to another one; three rounds reach the fixed point
        before, text = text, _fold_once(text)
        if text == before:
            break
    return text if len(text) <= 4 else character  # U+FDFA would become eighteen letters


def _fold_once(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(map(_plain, apart)))


def _plain(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in (*_MARKS, "Cf") or letter in _FILLERS:
        return ""
    if category == "Pd" or letter == "\u2212":  # the minus sign
        return "-"
    if category in ("Zs", "Zl", "Zp") or letter == "\u2800":  # the empty Braille cell
        return " "
    return "'" if letter in _APOSTROPHES else latin(letter)
