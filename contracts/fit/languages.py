"""The part of a score that languages make, and their names in French and English. Pure."""

from collections.abc import Collection
from typing import Final

from contracts.fit import NEUTRAL

LANGUAGES: Final = {
    "fr": {"fr": "français", "en": "anglais", "de": "allemand", "es": "espagnol", "it": "italien",
           "pt": "portugais", "nl": "néerlandais", "pl": "polonais", "ar": "arabe", "zh": "chinois"},
    "en": {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian",
           "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "ar": "Arabic", "zh": "Chinese"},
}  # fmt: skip


def share(wanted: Collection[str], spoken: Collection[str]) -> float:
    """The share of the wanted languages that are spoken; neutral if none is wanted."""
    asked = set(wanted)
    return len(asked & set(spoken)) / len(asked) if asked else NEUTRAL
