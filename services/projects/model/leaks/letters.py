"""Finds names and initials of single letters with signs between them: "H&M", "K + S", "A. P.", "N W F"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from contracts.scan import Folded, name_words, word_set
from services.projects.model.leaks.initials import MOST, first_initials, partial_initials, whole_initials
from services.projects.model.leaks.ordinary import is_common
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.words import ACRONYMS

_SMALL = "et|and|und|n|plus|de|du|des|of|the|la|le|les|di|del|della|do|da|dos|y|e|i|van|von|der|den"
_GAP = (
    r"(?:\.?[ \t]{0,2}[.&+/\-'|*_·•][ \t]{0,2}"
    rf"|\.?[ \t]{{1,2}}(?:(?:{_SMALL})[ \t]{{1,2}}){{0,2}}(?:[dl]')?)"
)
_LETTER = r"(?:[^\W\d_])(?:(?![^\W_])|(?=(?:e?rs?|s|iens?|istes?)(?![^\W_])))"
_SEQUENCE = re.compile(rf"(?<![^\W_]){_LETTER}(?:{_GAP}{_LETTER}){{1,24}}")
_SPELLED = {"et": "&", "and": "&", "und": "&", "n": "&", "plus": "+"}
_WITHIN = re.compile(r"(?<![^\W_])[^\W\d_]\s?[&+]\s?[^\W\d_](?![^\W_])")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.[ \-]?){2,}")
_SINGLE = re.compile(_LETTER)
_NAME = re.compile(r"^\s*[^\W\d_](?:\s?[.&+/\-'’]\s?[^\W\d_]){1,5}\.?\s*$")
_JOINED = re.compile(r"[&+]|\b(?:et|and|und)\b")
USUAL = word_set("rd qa ma bb pl tc fb cb di hs om rb ar ld id pr af an")
"""Pairs of letters with a sign that any text may hold: R&D, Q&A, M&A."""


@dataclass(frozen=True, slots=True)
class _Letters:
    """Letters of a name. ``signs`` are those that stand between them in the name; ``sure`` if they are certain."""

    kind: str
    signs: frozenset[str]
    sure: bool
    own: bool
    """Whether the client goes by them; otherwise they are the initials of its name."""


class Letters:
    """The letters that the client goes by, and the initials of its names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known: dict[str, _Letters] = {}
        names = list(names)
        for name in names:
            for part in [name] if _NAME.match(name) else _WITHIN.findall(name):
                signs = frozenset(c for c in part if c in "&+./-")
                usual = part != name and _bare(part) in USUAL
                self._known.setdefault(_bare(part), _Letters("name", signs, bool(signs) and not usual, own=True))
        for name in names:
            for part in _DOTTED.findall(name):
                self._known.setdefault(_bare(part), _Letters("name", frozenset(".- "), sure=False, own=False))
            joined = frozenset("&+") if _JOINED.search(name) else frozenset()
            for letters in whole_initials(name):
                usual = letters in USUAL or (not joined and (letters in ACRONYMS or is_common(letters)))
                sure = not usual and (len(letters) >= 3 or bool(joined))
                signs = joined if len(letters) < 3 else joined | {".", " "}
                self._known.setdefault(letters, _Letters("name", signs, sure, own=False))
            for letters in (*partial_initials(name), *first_initials(name)):
                self._known.setdefault(letters, _Letters("name", frozenset(), sure=False, own=False))

    def find(self, folded: Folded) -> Iterator[Place]:
        """The places of these letters."""
        text = folded.text
        for sequence in _SEQUENCE.finditer(text) if self._known else ():
            at = [k for k in range(*sequence.span()) if _is_single(text, k)]
            for first in range(len(at)):
                for last in range(first + 1, min(len(at), first + MOST)):
                    found = self._known.get("".join(text[k] for k in at[first : last + 1]))
                    if found and (place := _place(folded, at[first : last + 1], found)):
                        yield place


def _place(folded: Folded, at: list[int], found: _Letters) -> Place | None:
    text = folded.text
    between = {_sign(text[a + 1 : b]) for a, b in pairwise(at)}
    capitals = folded.written[at[0]].isupper() and folded.written[at[-1]].isupper()
    if not capitals and not (found.own and between <= found.signs) and not _is_dotted(between, at):
        return None
    fitting = between <= found.signs or (between == {"&"} and "+" in found.signs)
    if between == {" "} and len(at) < 3 and not found.own:
        return None  # "plan B C"
    sure = found.sure and fitting and (capitals or "&" in between or "+" in between)
    end = at[-1] + 1
    while end < len(text) and text[end].isalnum():
        end += 1
    dotted = "." in text[at[0] : end] and text[end : end + 1] == "."
    return Place(at[0], end + dotted, found.kind, sure)


def _is_dotted(between: set[str], at: list[int]) -> bool:
    """Whether small letters are written as initials: "c.t.l."."""
    return between == {"."} and len(at) >= 3


def _sign(gap: str) -> str:
    bare = gap.strip()
    if len(bare) > 1:
        bare = bare.strip(". \t")
    return _SPELLED.get(bare, bare) or " "


def _is_single(text: str, k: int) -> bool:
    """Whether a letter stands alone, or only an ending after it; it may be a conjunction ("rock n roll")."""
    return text[k].isalpha() and not (k and text[k - 1].isalnum()) and _SINGLE.match(text, k) is not None


def _bare(name: str) -> str:
    return "".join(name_words(name))
