"""Finds a name of several words whose words are cut short: "Soc. Gén.", "SocGen", "Manchester Met University"."""

from collections.abc import Iterable, Iterator, Sequence

from services.projects.model.leaks.initials import units
from services.projects.model.leaks.lexed import Lexed
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.words import FUNCTION, PARTICLES

_LEAST = 3
"""Least number of letters that are left of a word."""
_ENOUGH = 6
"""Least number of letters that are left of the name."""


class Abbreviated:
    """The words of each name, by how its first word may begin."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[tuple[str, ...]]] = {}
        for name in names:
            own = tuple(unit.said for unit in units(name) if not unit.optional)
            if len(own) > 1 and all(word.isalpha() for word in own):
                for size in range(_LEAST, len(own[0]) + 1):
                    self._names.setdefault(own[0][:size], []).append(own)

    def find(self, text: Lexed) -> Iterator[Place]:
        """The places of such names; all are doubtful, and each word begins with a capital."""
        for k in text.notable if self._names else ():
            if not text.capital[k]:
                continue
            letters = text.said[k]
            for name in self._names.get(letters, ()):
                last = _last(text, k, name)
                if last is not None:
                    yield Place(text.starts[k], text.ends[last], "name", False)
            if text.strange[k] and len(letters) >= _ENOUGH and self._is_glued(letters):
                yield Place(text.starts[k], text.ends[k], "name", False)

    def _is_glued(self, letters: str) -> bool:
        """Whether a word is the beginnings of a name's first two words: "SocGen"."""
        return any(
            name[1].startswith(letters[size:])
            for size in range(_LEAST, len(letters) - _LEAST + 1)
            for name in self._names.get(letters[:size], ())
        )


def _last(text: Lexed, first: int, name: Sequence[str]) -> int | None:
    """The index of the last word, if the words from ``first`` on are those of the name, some of them cut short."""
    words = text.said
    said = [words[first]]
    k = first
    for word in name[1:]:
        k += 1
        while k < len(words) and (words[k] in PARTICLES or words[k] in FUNCTION) and words[k] != word:
            k += 1
        if k == len(words) or not text.capital[k] or not _is_cut(words[k], word):
            return None
        said.append(words[k])
    if "\n" in text.folded.text[text.ends[first] : text.starts[k]] or tuple(said) == tuple(name):
        return None
    return k if len("".join(said)) >= _ENOUGH else None


def _is_cut(written: str, word: str) -> bool:
    return word == written or (len(written) >= _LEAST and word.startswith(written))
