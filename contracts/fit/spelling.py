"""Words that are spelled alike, by their trigrams. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

ALIKE: Final = 0.6
"""The lowest likeness (Dice's coefficient of the trigrams) of two spellings of one word: a typing error in seven
letters, another ending."""


def trigrams(word: str) -> set[str]:
    """The groups of three letters of a word, with its borders."""
    bordered = f"^{word}$"
    return {bordered[at : at + 3] for at in range(len(bordered) - 2)}


class Lexicon:
    """Known words. ``places`` are their places in the given order."""

    def __init__(self, words: Sequence[str]) -> None:
        self.places = {word: place for place, word in enumerate(words)}
        having: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            for trigram in trigrams(word):
                having[trigram].append(place)
        self._having = {trigram: np.array(found, np.int32) for trigram, found in having.items()}
        self._sizes = np.array([len(trigrams(word)) for word in words], np.int32)

    def near(self, word: str) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The places of the words that are spelled like this one, and the squares of their likeness; 1 for itself."""
        own = trigrams(word)
        lists = [self._having[trigram] for trigram in own if trigram in self._having]
        if not lists:
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        places, common = np.unique(np.concatenate(lists), return_counts=True)
        alike = (2 * common / (len(own) + self._sizes[places])).astype(np.float32)
        enough = alike >= ALIKE
        return places[enough].astype(np.intp), alike[enough] ** 2
