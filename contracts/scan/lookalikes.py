"""Letters of other scripts that look like Latin ones, and Latin letters in another dress. From Unicode's tables."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

# Letters that neither NFKD nor their names reduce to plain ones.
_LIGATURES = {"œ": "oe", "æ": "ae", "ð": "d", "þ": "th", "ŋ": "n", "ĸ": "k"}
_NAMED = re.compile(
    r"(?:LATIN (?:SMALL|CAPITAL) LETTER|LATIN LETTER SMALL CAPITAL|REGIONAL INDICATOR SYMBOL LETTER"
    r"|NEGATIVE (?:SQUARED|CIRCLED) LATIN CAPITAL LETTER) (?P<dotless>DOTLESS )?(?P<letter>[A-Z])(?: WITH .+)?"
)


def _read() -> dict[str, str]:
    lines = (files(__package__) / "lookalikes.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split(" ", 1) for line in lines if not line.startswith("#"))
    return {letter: latin for latin, letters in rows for letter in letters}


_BY_SHAPE = _read()
# Case must not matter: both cases of a letter follow the shape of its capital (Greek Ν is n, although ν looks like v).
_BY_CAPITAL = {letter: _BY_SHAPE.get(letter.upper(), latin) for letter, latin in _BY_SHAPE.items()}
_BY_CAPITAL |= {letter.casefold(): latin for letter, latin in _BY_SHAPE.items() if letter == letter.upper()}


@lru_cache(maxsize=8192)
def latin(letter: str) -> str:
    """The Latin letter that a letter without accents looks like, in either case; otherwise the letter itself."""
    if letter.isascii():
        return letter
    if found := _LIGATURES.get(letter) or _BY_CAPITAL.get(letter):
        return found
    if named := _NAMED.fullmatch(unicodedata.name(letter, "")):
        return named["letter"].lower()
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)


def shape(letter: str) -> str:
    """The Latin letter that this letter, in exactly this case, looks like; otherwise the letter itself."""
    return _BY_SHAPE.get(letter, letter)
