"""The names of languages in French and English. Pure."""

from typing import Final

LANGUAGES: Final = {
    "fr": {"fr": "français", "en": "anglais", "de": "allemand", "es": "espagnol", "it": "italien",
           "pt": "portugais", "nl": "néerlandais", "pl": "polonais", "ar": "arabe", "zh": "chinois"},
    "en": {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian",
           "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "ar": "Arabic", "zh": "Chinese"},
}  # fmt: skip
