"""A form: one spelling of a client's name, and how strictly a text must match it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from services.projects.model.leaks.words import FUNCTION


@dataclass(frozen=True, slots=True)
class Form:
    """Folded words in order. Matching compares only letters and digits."""

    kind: str
    words: Sequence[str]
    capitals: bool = False  # only as an exact word in capitals
    titled: bool = False  # only after a title or an initial

    @property
    def letters(self) -> str:
        """All words joined."""
        return "".join(self.words)

    @property
    def breaks(self) -> set[int]:
        """Offsets of the word boundaries, counted in letters."""
        return set(accumulate(map(len, self.words[:-1])))

    @property
    def needs_capitals(self) -> bool:
        """Whether it is so short or so frequent that only capitals distinguish it from an ordinary word."""
        letters = self.letters
        # In scripts without case, two characters can be a whole name.
        short = len(letters) <= 2 and letters.upper() != letters
        return self.capitals or (not self.titled and (short or letters in FUNCTION))
