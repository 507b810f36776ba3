"""Postings with mistakes that people make: typing errors, and a topic that has nothing to do with the need. Pure."""

import random
import re
from collections.abc import Mapping
from typing import Any, Final

from contracts import vocabulary

SHORTEST: Final = 4
"""Letters from which a word may be mistyped; shorter ones tell little."""
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

Row = Mapping[str, Any]


def mistyped(posting: Row, share: float) -> dict[str, Any]:
    """The posting with one typing error in this share of the words of title and brief; always the same ones."""
    chance = random.Random(f"{posting['title']} {share}")

    def spoil(found: re.Match[str]) -> str:
        word = found.group()
        return _error(word, chance) if len(word) >= SHORTEST and chance.random() < share else word

    return {**posting, **{field: re.sub(r"[^\W\d_]+", spoil, posting[field]) for field in ("title", "brief")}}


def mistaken(posting: Row) -> dict[str, Any]:
    """The posting with one topic that is related to none of those chosen, instead of them; always the same one."""
    far = [skill for skill in vocabulary.SKILLS
           if not any(vocabulary.related(skill, topic) for topic in posting["topics"])]  # fmt: skip
    return {**posting, "topics": [random.Random(posting["title"]).choice(far)]}


def _error(word: str, chance: random.Random) -> str:
    """The word with two letters swapped, one left out, one doubled, or one replaced; not the first letter."""
    at = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return chance.choice(
        [
            f"{before}{after[0]}{letter}{after[1:]}",
            f"{before}{after}",
            f"{before}{letter}{letter}{after}",
            f"{before}{chance.choice(LETTERS)}{after}",
        ]
    )
