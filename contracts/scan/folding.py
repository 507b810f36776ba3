"""A text in the one form under which two spellings of it are equal, with the way back to the original."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Letters that NFKD does not take apart, and the look-alikes of Latin letters in Cyrillic and Greek. Case is folded
# before this table, so a look-alike follows the shape of its capital (Greek Ν is n, although ν looks like v).
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n"}
_LETTERS |= zip("авеіјкмнорстухѕһӏԁԛԝ", "abeijkmhopctyxshldqw", strict=True)
_LETTERS |= zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True)
_APOSTROPHES = "’‘ʼ′＇`´ʹ"
_FILLERS = "\u115f\u1160\u3164\uffa0\u034f"  # letters by their category, nothing on the screen
_MARKS = ("Mn", "Me")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in folded form with the way back.

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

    Dashes become `-`, every space that is not a line break or tab ` `, apostrophes `'`; zero-width characters and
    combining marks are gone. `fold(fold(x).text).text == fold(x).text`.
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
            k = len(ends) - 1  # the mark belongs to what it stands on, all letters of a ligature alike
            base = starts[k]
            while k >= 0 and starts[k] == base:
                ends[k] = offset + 1
                k -= 1
    return Folded(text, "".join(out), starts, ends)


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:  # before NFKC makes a space and an accent of one
        return "'"
    text = character
    for _ in range(3):  # a compatibility form may open on another one; three rounds reach the fixed point
        before, text = text, _fold_once(text)
        if text == before:
            break
    return text if len(text) <= 4 else character  # U+FDFA alone would become eighteen letters


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
