"""Finds names across scripts: "Shcherbakova" and "Scherbakova" for Щербакова, "Пежо" and "プジョー" for Peugeot."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from anyascii import anyascii

from contracts.scan import WORD, fold
from services.projects.model.leaks.legal import without_legal_forms
from services.projects.model.leaks.lexed import Lexed
from services.projects.model.leaks.near import is_one_error
from services.projects.model.leaks.ordinary import is_known
from services.projects.model.leaks.sound import latin, plain, skeleton, sounds
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.words import FUNCTION, GENERIC, PARTICLES

_LEAST, _SURE = 4, 6
"""Least number of consonants of a transliterated name that is looked for, and of one that is certain."""
_LEAST_SAID = 3
"""Least number of sounds of a name that only sounds like a word in Latin letters."""
_LEAST_NEAR = 6
"""Least number of letters of a transliterated name that may differ in one."""
_MOST_WORDS = 4
_KANA, _KANJI, _HANGUL = "\u3040-\u309f\u30a0-\u30ff", "\u4e00-\u9fff", "\uac00-\ud7a3"
_OTHERS = "\u0370-\u0373\u0376-\u03ff\u0400-\u052f\u0530-\u058f\u0590-\u05ff\u0600-\u06ff\u10a0-\u10ff\u1f00-\u1fff"
_RUN = re.compile(rf"[{_OTHERS}]+|[\u30a0-\u30ff]+|[\u3040-\u309f]+|[{_HANGUL}]+|[{_KANJI}]+")
_CAPITAL_WORD = re.compile(r"[A-Z][^A-Z]*")


class Foreign:
    """The names by their consonants, and by how they sound."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._spelled: dict[str, str] = {}
        self._said: dict[str, str] = {}
        self._said_in_latin: dict[str, str] = {}
        self._exact: dict[str, str] = {}
        for kind, name in names:
            if _RUN.search(name):
                runs = (latin(run) for run in _RUN.findall(name))
                self._exact |= {plain(run): kind for run in runs if len(run) >= _LEAST}
                for words in _readings(name):
                    letters = "".join(words)
                    if len(consonants := skeleton(letters)) >= _LEAST:
                        self._spelled.setdefault(consonants, kind)
                    for key in sounds(letters):
                        if len(key) >= _LEAST_SAID:
                            self._said_in_latin.setdefault(key, kind)
            else:
                for letters in _own(name):
                    for key in sounds(letters):
                        self._said.setdefault(key, kind)

    def find(self, text: Lexed) -> Iterator[Place]:
        """The places of a few words that are a name in another script."""
        if self._said and not text.written.isascii():
            yield from self._in_other_scripts(text.written)
        if self._exact:
            yield from self._in_latin(text)

    def _in_latin(self, text: Lexed) -> Iterator[Place]:
        """A few words, each with a capital; if all are ordinary, they are several."""
        for first in text.notable:
            letters, strange, start = "", False, text.starts[first]
            for k in range(first, min(len(text.said), first + _MOST_WORDS)):
                if not text.capital[k] or (k > first and text.gap(k).strip(" -'")):
                    break
                letters, end = letters + text.said[k], text.ends[k]
                strange = strange or text.strange[k]
                if not strange and (k == first or len(text.said[k]) < _LEAST):
                    continue
                consonants = skeleton(letters)
                if kind := self._spelled.get(consonants):
                    yield Place(start, end, kind, len(consonants) >= _SURE)
                elif kind := self._near(plain(letters)) or self._kind(letters, self._said_in_latin):
                    yield Place(start, end, kind, False)

    def _in_other_scripts(self, written: str) -> Iterator[Place]:
        """Words of another script, alone or a few together, that sound like a name."""
        runs = list(_RUN.finditer(written))
        for k, first in enumerate(runs):
            letters, end = "", first.start()
            for run in runs[k : k + _MOST_WORDS]:
                if written[end : run.start()].strip(" -・'"):
                    break
                letters, end = letters + latin(run.group()), run.end()
                if kind := self._kind(letters, self._said):
                    yield Place(first.start(), end, kind, False)

    def _near(self, letters: str) -> str | None:
        """The kind of a name with these letters, or all but one of them if there are enough."""
        if kind := self._exact.get(letters):
            return kind
        if len(letters) < _LEAST_NEAR:
            return None
        return next((kind for name, kind in self._exact.items() if is_one_error(name, letters)), None)

    @staticmethod
    def _kind(letters: str, known: dict[str, str]) -> str | None:
        return next((known[key] for key in sounds(letters) if key in known), None)


def _own(name: str) -> Iterator[str]:
    """A name in Latin letters without its legal form as one word, and each of its words that identifies it alone."""
    words = without_legal_forms([fold(word).text for word in WORD.findall(name)])
    yield "".join(words)
    own = [word for word in words if word not in PARTICLES and word not in FUNCTION and word not in GENERIC]
    yield from (word for word in own if len(word) > 3 and not is_known(word))
    yield from (first + second for first, second in pairwise(own))


def _readings(name: str) -> Iterator[list[str]]:
    """The words of a name in Latin letters: in its order, turned round, each alone, and each script alone."""
    words = without_legal_forms([fold(word).text for word in WORD.findall(name)])
    kept = [word for word in WORD.findall(name) if fold(word).text in words] or WORD.findall(name)
    spoken = [fold(anyascii(word)).text for word in kept]
    if len(spoken) < 2:
        spoken = [fold(part).text for part in _CAPITAL_WORD.findall(anyascii(name))] or spoken
    yield spoken
    yield [*spoken[1:], *spoken[:1]]
    yield from ([word] for word in spoken)
    runs = [latin(run) for word in kept for run in _RUN.findall(word)]
    yield runs
    yield from ([run] for run in runs)
