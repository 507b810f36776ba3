"""The forms of one identity by their letters, and the lengths to try at a position."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.projects.model.leaks.forms import Form, When

NESTED = 24
"""Maximum number of names with a common prefix that are tried at one position."""
PREFIX = 12
"""Maximum length, in letters, of the prefix that tells names apart."""


class Way(NamedTuple):
    """How a text writes a needle, with word boundaries at these letters, and whether it means the client for sure."""

    when: When
    sure: bool
    breaks: tuple[int, ...]


@dataclass(slots=True)
class Needle:
    """All forms with the same letters, the first of which gives the kind."""

    letters: str
    kind: str
    ways: list[Way] = field(default_factory=list)
    """Certain ones first."""

    def add(self, form: Form) -> None:
        breaks = tuple(sorted(form.breaks))
        whens = ((form.certain, True), (form.doubtful, False))
        new = [Way(when, sure, breaks) for when, sure in whens if when is not None]
        self.ways = sorted({*self.ways, *new}, key=lambda way: not way.sure)

    @property
    def breaks(self) -> Sequence[int]:
        """The word boundaries of the form with most words."""
        return max((way.breaks for way in self.ways), key=len)

    @property
    def certain(self) -> bool:
        """Whether it means the client whatever its case."""
        return any(way.sure and way.when is When.ALWAYS for way in self.ways)

    @property
    def sure_in_capitals(self) -> bool:
        """Whether it means the client if its words begin with capitals."""
        return any(way.sure and way.when is When.CAPITALISED for way in self.ways)

    @property
    def free(self) -> bool:
        """Whether its case does not matter, at least for a doubtful place."""
        return any(way.when is When.ALWAYS for way in self.ways)


class Index:
    """The needles of an identity."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self.needles: dict[str, Needle] = {}
        for form in forms:
            if form.letters and (form.certain is not None or form.doubtful is not None):
                self.needles.setdefault(form.letters, Needle(form.letters, form.kind)).add(form)
        self._lengths = _lengths(self.needles)

    def begin(self, letters: str, starts: Iterable[int]) -> list[int]:
        """Those of the ``starts`` where the first two letters are those of a needle."""
        return [start for start in starts if letters[start : start + 2] in self._lengths]

    def at(self, letters: str, start: int) -> Sequence[int]:
        """The lengths of the needles that may match at ``start`` of the letters, longest first."""
        known: Sequence[int] = ()
        for size in range(2, PREFIX + 1):
            longer = self._lengths.get(letters[start : start + size])
            if longer is None:
                break
            known = longer
        return known

    def get(self, letters: str) -> Needle | None:
        """The needle with exactly these letters."""
        return self.needles.get(letters)


def _lengths(needles: Mapping[str, Needle] | Sequence[str], size: int = 2) -> dict[str, Sequence[int]]:
    """The lengths of needles by prefix, longest first, at most `NESTED` per prefix.

    Where there are more, a longer prefix splits them. Of more than `NESTED` names that share `PREFIX` letters, those
    of middle length are dropped.
    """
    groups: dict[str, list[str]] = {}
    for letters in needles:
        groups.setdefault(letters[:size], []).append(letters)
    found: dict[str, Sequence[int]] = {}
    for prefix, group in groups.items():
        lengths = sorted({len(letters) for letters in group}, reverse=True)
        if len(lengths) <= NESTED:
            found[prefix] = lengths
        elif size == PREFIX:
            found[prefix] = [*lengths[: NESTED // 2], *lengths[-NESTED // 2 :]]
        else:
            shorter = [length for length in lengths if length <= size]
            deeper = _lengths([letters for letters in group if len(letters) > size], size + 1)
            found |= {key: [*some, *shorter] for key, some in deeper.items()}
            found[prefix] = shorter
    return found
