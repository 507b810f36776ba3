"""One way in which something of the client may be written, and how strictly a text must agree with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from services.projects.model.leaks.words import FUNCTION


@dataclass(frozen=True, slots=True)
class Form:
    """Folded words in their order; a text is compared by their letters and digits alone."""

    kind: str
    words: Sequence[str]
    capitals: bool = False  # only as an exact word in capitals
    titled: bool = False  # only after a title or an initial

    @property
    def letters(self) -> str:
        """All words as one."""
        return "".join(self.words)

    @property
    def breaks(self) -> set[int]:
        """Where its words meet, counted in letters."""
        return set(accumulate(map(len, self.words[:-1])))

    @property
    def needs_capitals(self) -> bool:
        """Whether it is so short or so frequent that only its capitals tell it from another word."""
        letters = self.letters
        # Scripts without case have whole names of two signs.
        short = len(letters) <= 2 and letters.upper() != letters
        return self.capitals or (not self.titled and (short or letters in FUNCTION))
