"""Folds a text so that different spellings become equal, and maps the result back to the original."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Letters that NFKD does not decompose, and Cyrillic and Greek look-alikes of Latin letters. Case is folded before this
# table is used, so a look-alike follows the shape of its capital (Greek Ν is n, although ν looks like v).
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n"}
_LETTERS |= zip("авеіјкмнорстухѕһӏԁԛԝ", "abeijkmhopctyxshldqw", strict=True)
_LETTERS |= zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True)
_APOSTROPHES = "’‘ʼ′＇`´ʹ"
_FILLERS = "\u115f\u1160\u3164\uffa0\u034f"  # letters by category, but invisible
_MARKS = ("Mn", "Me")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and its mapping to the original.

    `text[i]` comes from the original code points `starts[i]` up to `ends[i]` (combining marks included).
    """

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of the folded slice [start, end), which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def slice(self, start: int, end: int) -> str:
        """The original text behind the folded slice [start, end), empty for an empty slice."""
        return self.original[self.starts[start] : self.ends[end - 1]] if start < end else ""


def fold(text: str) -> Folded:
    """`text` without case, accents, ligatures, width, look-alikes or invisible characters.

    Dashes become `-`, apostrophes `'`, and spaces other than line breaks and tabs ` `; zero-width characters and
    combining marks are removed. It is idempotent: `fold(fold(x).text).text == fold(x).text`.
    """
    if text.isascii() and "`" not in text:
        return Folded(text, text.lower(), range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for offset, character in enumerate(text):
        folded = _fold_character(character)
        if folded:
            out.append(folded)
            starts += [offset] * len(folded)
            ends += [offset + 1] * len(folded)
        elif ends and ends[-1] == offset and unicodedata.category(character) in _MARKS:
            k = len(ends) - 1  # the mark belongs to the letter before it, or to all letters of a ligature
            base = starts[k]
            while k >= 0 and starts[k] == base:
                ends[k] = offset + 1
                k -= 1
    return Folded(text, "".join(out), starts, ends)


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:  # first, because NFKC would turn one into a space and an accent
        return "'"
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
    return "'" if letter in _APOSTROPHES else _LETTERS.get(letter, letter)
