"""A form: one spelling of a client's name, and how a text must write it to mean the client."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate


class When(IntEnum):
    """How a text writes a form."""

    ALWAYS = 0
    GLUED = 1
    """Its words are written as one, which is no ordinary one: "laposte"."""
    CAPITALISED = 2
    """Each of its own words begins with a capital, or they are written as one."""
    PROPER = 3
    """Each of its own words begins with a capital, and a sentence does not begin there; or in capitals."""
    CAPITALS = 4
    """One word, entirely in capitals."""
    TITLED = 5
    """With a capital, after a title or an initial."""


@dataclass(frozen=True, slots=True)
class Form:
    """Folded words in order; matching compares only letters and digits.

    A text names the client for certain if it writes the form as ``certain`` says, and perhaps if as ``doubtful``; None
    is never.
    """

    kind: str
    words: tuple[str, ...]
    certain: When | None = When.ALWAYS
    doubtful: When | None = None

    @property
    def letters(self) -> str:
        """All words joined."""
        return "".join(self.words)

    @property
    def breaks(self) -> set[int]:
        """Offsets of the word boundaries, counted in letters."""
        return set(accumulate(map(len, self.words[:-1])))


def form(kind: str, words: Sequence[str], certain: When | None = When.ALWAYS, doubtful: When | None = None) -> Form:
    """A form of these words."""
    return Form(kind, tuple(words), certain, doubtful)
