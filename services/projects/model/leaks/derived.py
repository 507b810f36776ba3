"""Finds names inside words that are no ordinary ones: "renaultiste", "nestléisation", "#lifeatnestle", "exdanone"."""

from collections.abc import Iterator
from typing import NamedTuple

from contracts.scan import word_set
from services.projects.model.leaks.index import Index, Needle
from services.projects.model.leaks.lexed import Lexed
from services.projects.model.leaks.ordinary import is_common
from services.projects.model.leaks.places import begins_sentence
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.words import FUNCTION, PARTICLES

_SUFFIXES = word_set("""
    s x es en ens enne ennes ien iens ienne iennes een eens eenne eennes ain ains aine aines ais aise aises ois oise
    oises iste istes isme ismes ite ites ique iques ard ards arde ardes esque esques in ins ine ines ier iers iere ieres
    eur eurs euse euses iser ise ises isee isees isation isations er ee ees erie ification ifier ifie ifiee
    an ans ian ians er ers or ors ish like less ness ism isms ist ists ite
    ing ings ed ized ised izing ising ization izations ify
    ified ese ean eans y ies able ey ling lings ster sters
""")
_PREFIXES = word_set("ex pro anti non post pre co re sub multi mini inter neo via my team team")
_VOWELS = "aeiouy"
_LONG = 7
"""Least length of a name that counts with any ending."""
_LONG_IN_TAG = 6
"""Least length of a name that counts anywhere in a hashtag; one letter less is doubtful at either end of it."""
_LONGEST_SUFFIX = max(map(len, _SUFFIXES))
_LONGEST_WORD = 60
"""Words longer than this are searched only at their beginning."""


class _Found(NamedTuple):
    start: int
    end: int
    needle: Needle
    sure: bool


class Derived:
    """Searches the words of texts for the needles of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._stems: dict[str, Needle] = {}
        for letters, needle in index.needles.items():
            if len(letters) >= 3 and needle.free and needle.kind != "url" and not letters.isdigit():
                self._stems.setdefault(letters, needle)
                if len(letters) >= 6 and letters.endswith("ain"):  # "gobinois"
                    self._stems.setdefault(f"{letters[:-3]}in", needle)
                if len(letters) >= 6 and letters[-1] in "sx":  # "Bouyguien"
                    letters = letters[:-1]
                    self._stems.setdefault(letters, needle)
                while len(letters) >= 4 and letters[-1] in _VOWELS:
                    letters = letters[:-1]
                    self._stems.setdefault(letters, needle)

    def find(self, text: Lexed) -> Iterator[Place]:
        """The places of names inside words."""
        known: dict[tuple[str, bool], _Found | None] = {}
        for k in text.notable:
            start, end = text.starts[k], text.ends[k]
            if end - start < 4:
                continue
            letters = text.said[k][:_LONGEST_WORD]
            if not text.strange[k]:
                found = self._derivation(letters)
                if found and not begins_sentence(text.folded, start):  # "les Orangistes"
                    yield Place(start, end, found.needle.kind, False)
                continue
            key = letters, start > 0 and text.folded.text[start - 1] in "#@"
            if key not in known:
                known[key] = self._derivation(letters) or self._part(letters, tagged=key[1])
            adjoins = k > 0 and start - text.ends[k - 1] == 1
            joined = self._derivation(text.said[k - 1] + letters) if adjoins else None
            if joined and joined.needle.breaks:
                yield Place(text.starts[k - 1], end, joined.needle.kind, joined.sure)
            elif found := known[key]:
                named = found.needle.sure_in_capitals and (key[1] or text.capital[k])
                yield Place(start + found.start, start + found.end, found.needle.kind, found.sure or named)

    def _derivation(self, letters: str) -> _Found | None:
        """A name with an ending: the inhabitants of it, its followers, its verbs."""
        for size in range(max(3, len(letters) - _LONGEST_SUFFIX), len(letters)):
            needle = self._stems.get(letters[:size])
            suffix = letters[size:]
            if not needle or letters == needle.letters:
                continue
            if suffix in _SUFFIXES and (size > 4 or len(suffix) > 2):
                return _Found(0, len(letters), needle, needle.certain and size >= 4)
            if size >= _LONG and suffix.isalpha() and needle.certain:  # "Lufthanseat"
                return _Found(0, len(letters), needle, sure=False)
        return None

    def _part(self, letters: str, *, tagged: bool) -> _Found | None:
        """A name among other words that are written as one with it."""
        for start in range(len(letters) - 2):
            for length in self._index.at(letters, start):
                needle = self._index.get(letters[start : start + length])
                if needle is None or length == len(letters) or not needle.free or needle.kind == "url":
                    continue
                if length < (3 if tagged else 5) or start + length > len(letters):
                    continue
                before, after = letters[:start], letters[start + length :]
                if tagged and length >= _LONG_IN_TAG:
                    return _Found(start, start + length, needle, needle.certain)
                if (before in _PREFIXES or are_words(before)) and (after in _SUFFIXES or are_words(after)):
                    return _Found(start, start + length, needle, needle.certain and length >= 4)
                if tagged and length == _LONG_IN_TAG - 1 and needle.certain and not (before and after):
                    return _Found(start, start + length, needle, sure=False)
        return None


def are_words(letters: str) -> bool:
    """Whether letters are frequent words and numbers written as one; also if there are none."""
    reached = [True] + [False] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 14), end):
            if reached[start] and _is_word(letters[start:end]):
                reached[end] = True
                break
    return reached[-1]


def _is_word(letters: str) -> bool:
    if letters.isdigit():
        return True
    return letters in FUNCTION or letters in PARTICLES if len(letters) < 3 else is_common(letters)
