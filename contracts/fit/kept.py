"""Portraits and needs as plain data, to be stored, and back. Pure.

A strength is kept as one byte, a direction as half-precision numbers: 1.4 KB a person, besides the words.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Final

import numpy as np

from contracts.fit.portraits import RULES, Asked, Portrait
from contracts.fit.topics import Numbers
from contracts.vocabulary import SKILLS

Data = dict[str, Any]
STEPS: Final = 255
"""A strength is kept as one of this many steps."""


@cache
def edition(encoder: str) -> str:
    """Names what a stored portrait or need depends on: the encoder, the rules and the order of the vocabulary."""
    return f"{encoder} {RULES} {sha256(' '.join(SKILLS).encode()).hexdigest()[:12]}"


def portrait_data(portrait: Portrait) -> Data:
    """The portrait as bytes and words."""
    strengths = np.rint(portrait.strengths * STEPS).astype(np.uint8)
    return {"strengths": strengths.tobytes(), **_text_data(portrait)}


def portrait_of(data: Mapping[str, Any]) -> Portrait:
    """The reverse of `portrait_data`, up to its precision."""
    strengths = np.frombuffer(data["strengths"], np.uint8).astype(np.float32) / np.float32(STEPS)
    return Portrait(strengths, _direction(data), frozenset(data["words"]))


def asked_data(asked: Asked) -> Data:
    """The need as bytes and words."""
    return {"weights": asked.weights.astype(np.float32).tobytes(), **_text_data(asked)}


def asked_of(data: Mapping[str, Any]) -> Asked:
    """The reverse of `asked_data`, up to its precision."""
    return Asked(np.frombuffer(data["weights"], np.float32), _direction(data), frozenset(data["words"]))


def _text_data(text: Portrait | Asked) -> Data:
    return {"direction": text.direction.astype(np.float16).tobytes(), "words": sorted(text.words)}


def _direction(data: Mapping[str, Any]) -> Numbers:
    return np.frombuffer(data["direction"], np.float16).astype(np.float32)
