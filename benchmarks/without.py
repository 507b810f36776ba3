"""Steps by which portraits and needs are made, switched off one at a time: what each is worth."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from contracts.fit import portraits, spelling, thesaurus, topics
from contracts.fit.refusals import Told
from contracts.fit.topics import Numbers
from contracts.vocabulary import SKILLS


def _no_skill(_: Any) -> Numbers:
    """What a judge says who does not know."""
    return np.zeros(len(SKILLS), np.float32)


SWITCHES: Final[dict[str, tuple[tuple[Any, str, Any], ...]]] = {
    "topics told by the words alone": ((topics, "by_meaning", _no_skill),),
    "topics told by the meaning alone": ((topics, "by_words", _no_skill),),
    "chosen topics not read": ((topics, "CHOSEN", 0.0),),
    "topics named in the text count like others": ((topics, "NAMED", 0.0),),
    "words spelled alike are different": ((spelling, "ALIKE", 1.0),),
    "refusals read as wishes": ((portraits, "wanted", str), (portraits, "told", Told)),
    "a long list counts in full": ((portraits, "FOCUSED", 1000),),
    "listed skills alone": ((portraits, "SHOWN", 0.0), (portraits, "LISTED_ALONE", 1.0)),
    "related skills lend nothing": ((portraits, "NEARBY", 0.0),),
}
"""For each step: the names to replace, in the modules that use them, and what replaces them."""


@contextmanager
def without(step: str) -> Iterator[None]:
    """Portraits and needs that are made meanwhile are made without this step."""
    forget: Callable[[], None] = thesaurus.evidence.cache_clear
    with ExitStack() as stack:
        for module, name, other in SWITCHES[step]:
            stack.enter_context(patch.object(module, name, other))
        forget()
        yield
    forget()
