"""Names of languages as people write them: "français", "French", "FR", "fr-FR", "anglais (courant)"."""

import re
from functools import cache

from babel import Locale

from contracts.vocabulary import few_marks, fold

SPOKEN_HERE = ("fr", "en", "de", "es", "it", "pt", "nl", "pl", "ro", "ar", "zh", "ja", "ru", "tr", "uk", "sv", "da")
"""Languages that are also known by their own name: "Deutsch", "español"."""
_CODE = re.compile(r"\A([a-z]{2,3})(?:[-_][a-z]{2,4})?\Z")
_MORE = {"mandarin": "zh", "flamand": "nl", "flemish": "nl", "castillan": "es", "farsi": "fa", "lsf": "fsl"}


def language_of(text: str) -> str | None:
    """The ISO 639 code of a language, or None if it is not recognised. A level behind the name is ignored."""
    name = re.sub(r"\([^)]*\)", " ", fold(few_marks(text[:100]))).strip(" .:*-")
    name = " ".join(name.split())
    code = _CODE.match(name.replace(" ", ""))
    if code and code[1] in _codes():
        return code[1]
    first = re.split(r"[\s:]", name, maxsplit=1)[0]
    return _names().get(name) or _names().get(first)


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code in _names().values())


@cache
def _names() -> dict[str, str]:
    """Folded names in French and English, and some in the language itself, with their codes."""
    found: dict[str, str] = dict(_MORE)
    shown = [(Locale(language).languages, None) for language in ("fr", "en")]
    own = [(Locale(language).languages, language) for language in SPOKEN_HERE]
    for names, only in [*shown, *own]:
        for code, name in names.items():
            if _CODE.match(code) and "_" not in code and only in (None, code):
                found.setdefault(fold(name), code)
    return found
