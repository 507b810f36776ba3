"""A folded text as its words, read once for all finders."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.scan import WORD, Folded
from services.projects.model.leaks.ordinary import known_words


@dataclass(frozen=True, slots=True)
class Lexed:
    """The words of a folded text, by number."""

    folded: Folded
    written: str
    """The text with its case, as long as the folded one."""
    said: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    strange: Sequence[bool]
    """Whether each is neither an ordinary word nor a single letter or a number."""
    capital: Sequence[bool]
    """Whether each begins with a capital."""
    notable: Sequence[int]
    """The numbers of those that are strange or begin with a capital: names are among them."""

    def gap(self, k: int) -> str:
        """What stands between word ``k`` and the one before it."""
        return self.folded.text[self.ends[k - 1] : self.starts[k]]


def lexed(folded: Folded) -> Lexed:
    """The words of a text."""
    said: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for word in WORD.finditer(folded.text):
        start, end = word.span()
        said.append(word[0])
        starts.append(start)
        ends.append(end)
    known, written = known_words(), "".join(folded.written)
    strange = [word not in known and len(word) > 1 and not word.isdigit() for word in said]
    capital = [written[start].isupper() for start in starts]
    notable = [k for k in range(len(said)) if strange[k] or capital[k]]
    return Lexed(folded, written, said, starts, ends, strange, capital, notable)
