"""Forms of an organisation's name, of its aliases and products."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from anyascii import anyascii

from contracts.scan import LEGAL_FORMS, WORD, fold, name_words
from services.projects.model.leaks.forms import Form, When, form
from services.projects.model.leaks.legal import without_legal_forms, without_unspaced
from services.projects.model.leaks.ordinary import coined, is_common, is_known
from services.projects.model.leaks.words import ACRONYMS, FUNCTION, GENERAL, GENERIC, NUMBERS, PARTICLES

_AND = frozenset(("and", "et", "und"))
_AMPERSAND = "&"  # as a word of a name; no word list contains it
_SPELLED = ((), ("and",), ("et",), ("und",), ("n",))
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue",
                          "Å": "Aa", "Ø": "Oe"})  # fmt: skip
_DIGRAPH = re.compile(r"([aou])e(?=[b-df-hj-np-tv-z])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[^\W\d_]{2})(?<=[^\W\d_A-Z])(?=[A-Z][^\W\d_A-Z])")
_CAMEL_OR_FIGURE = re.compile(rf"{_CAMEL.pattern}|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)|[-_\s]+")
_SIGN = re.compile(r"[.&+/\-]")
_LONG = 5
"""Least length in letters of a word of an alias or product that identifies the client alone."""


def name_forms(name: str) -> Iterator[Form]:
    """Forms of the organisation's name: full, shortened, and its distinctive words."""
    for spelling in spellings(name):
        yield from _full_forms("name", spelling)
        yield from _word_forms("name", spelling, least=4)
    for spelling in respaced(name):
        yield from _full_forms("name", spelling)


def alias_forms(alias: str, kind: str = "name") -> Iterator[Form]:
    """Forms of another name that the client goes by, or of a product."""
    for spelling in spellings(alias):
        yield from _full_forms(kind, spelling)
        yield from _word_forms(kind, spelling, least=_LONG)
    for spelling in respaced(alias):
        yield from _full_forms(kind, spelling)


product_forms = partial(alias_forms, kind="product")


def spellings(name: str) -> Iterator[str]:
    """The name, in Latin letters if it is not, and with umlauts written as two letters, or two letters as one."""
    yield name
    if any(c.isalpha() and ord(c) > 0x24F for c in name):
        yield anyascii(without_unspaced(_without_legal_words(name)))
    if (apart := name.translate(_UMLAUTS)) != name:
        yield apart
    if (together := _DIGRAPH.sub(r"\1", name)) != name:
        yield together


def _without_legal_words(name: str) -> str:
    """The name as written without its legal form, which nothing would tell from the name in another script."""
    own = {*without_legal_forms(name_words(name))}
    return " ".join(part for part in name.split() if own.issuperset(name_words(part))) or name


def respaced(name: str) -> Iterator[str]:
    """The name with the words of its camel case apart, and with a small number as figure or word.

    Their single words are not looked for, because nobody knows the firm by them.
    """
    if (apart := _CAMEL.sub(" ", name)) != name:
        yield apart
    words = _CAMEL_OR_FIGURE.sub(" ", name).split()
    for k, word in enumerate(words):
        for instead in NUMBERS.get(fold(word).text, ()):
            yield " ".join([*words[:k], instead, *words[k + 1 :]])


def graded(kind: str, words: Sequence[str], made: frozenset[str] = frozenset()) -> Form:
    """The form of a name that the client gave as its own. ``made`` are words that are ordinary only without accents."""
    if len(words) == 1:
        plain = words[0] not in made or len(words[0]) < 3
        return _graded_word(kind, words[0]) if plain else form(kind, words)
    if len("".join(words)) <= 2:
        return form(kind, words, None, When.CAPITALS)  # "HM" for "H&M", which `letters` looks for
    own = [word for word in words if not _is_filler(word)]
    lettered = [word for word in own if not word.isdigit()]
    distinctive = any(word in made or not (is_known(word) or word in GENERIC) for word in lettered)
    if distinctive or (len(lettered) > 1 and len(lettered) < len(own)):
        return form(kind, words)
    if len(own) <= 1 and all(word in PARTICLES or word in FUNCTION or word in own for word in words):
        return form(kind, words, When.GLUED, When.ALWAYS)  # "La Poste", "Le Monde"
    return form(kind, words, When.CAPITALISED, When.ALWAYS)


def _graded_word(kind: str, word: str) -> Form:
    if len(word) <= 2 and word.upper() != word:
        return form(kind, [word], None if word in ACRONYMS or len(word) < 2 else When.CAPITALS, When.CAPITALS)
    if word in FUNCTION:
        return form(kind, [word], None, When.PROPER)
    if is_common(word) or word in GENERIC:
        return form(kind, [word], None, When.ALWAYS)
    return form(kind, [word], When.CAPITALISED if is_known(word) else When.ALWAYS, When.ALWAYS)


def _full_forms(kind: str, name: str) -> Iterator[Form]:
    """The full and shortened names, and variants with each "and" or "&" spelled differently or left out."""
    joined = re.sub(r"(?<=[\w.])\s*[&+]\s*(?=\w)", f" {_AMPERSAND} ", name)
    words, made = _split(joined), coined(name)
    if len("".join(words)) <= 2 and _SIGN.search(name):
        yield form(kind, words, None, When.CAPITALS)
        return
    if name.rstrip().endswith("+") and words:
        yield form(kind, [*words, "plus"], When.CAPITALISED, When.ALWAYS)
    for shorter in _shorter_names(words):
        for spelled in _spelled(shorter):
            yield graded(kind, spelled, made)
    own = [word for word in without_legal_forms(words) if word != _AMPERSAND]
    if sum(not _is_filler(word) for word in own[:-1]) > 1:
        yield form(kind, own[:-1], None, When.CAPITALISED)  # "CCI Lyon" of "CCI Lyon Métropole"


def _split(name: str) -> list[str]:
    parts = name.split(_AMPERSAND)
    words = name_words(parts[0])
    for part in parts[1:]:
        words += [_AMPERSAND, *name_words(part)] if words else name_words(part)
    return words


def _spelled(words: Sequence[str]) -> Iterator[list[str]]:
    """The words with their first conjunction in each spelling; a second one is left out."""
    at = [k for k in range(1, len(words) - 1) if words[k] in _AND or words[k] == _AMPERSAND]
    bare = [word for word in words if word != _AMPERSAND]
    if bare:
        yield bare
    for k in at:
        for instead in _SPELLED:
            yield [word for word in (*words[:k], *instead, *words[k + 1 :]) if word != _AMPERSAND]


def _word_forms(kind: str, name: str, least: int) -> Iterator[Form]:
    """Single words of a longer name that identify it alone; short ones only as acronyms, in capitals."""
    words = without_legal_forms(name_words(name))
    if len(words) < 2:
        return
    written, made = {fold(word).text: word for word in WORD.findall(name)}, coined(name)
    own = [word for word in words if not _is_filler(word) and word not in LEGAL_FORMS]
    if len(own) == 1 and len(own[0]) >= 4 and is_known(own[0]):
        yield form(kind, own, None, When.PROPER)  # "la rédaction du Temps"
    for word in words:
        if word in GENERIC or word in LEGAL_FORMS or _is_filler(word) or not word.isalpha():
            continue
        if len(word) >= least:
            yield form(kind, [word], None, When.PROPER) if is_known(word) and word not in made else form(kind, [word])
        elif 2 <= len(word) < 4 and not name.isupper() and written.get(word, "").isupper():
            yield form(kind, [word], When.CAPITALS)


def _shorter_names(words: list[str]) -> Iterator[list[str]]:
    """The name, without its legal form, and without "Group" or "France", as long as a distinctive word is left."""
    yield words
    bare = without_legal_forms(words)
    if bare != words:
        yield bare
    words = bare
    while len(words) > 1 and (words[-1] in GENERAL or words[-1] in PARTICLES or words[-1] == _AMPERSAND):
        words = without_legal_forms(words[:-1])
        if _is_distinctive(words):
            yield words
    own = words
    while own and own[-1] in GENERIC and sum(not _is_filler(word) for word in own) > 2 and _is_distinctive(own[:-1]):
        own = own[:-1]
        yield own  # "Thames Valley Housing" of "Thames Valley Housing Trust"
    while len(words) > 1 and words[0] in GENERAL:
        article = words[0] in PARTICLES
        words = words[1:]
        if article and sum(not _is_filler(word) for word in words) < 2:
            return  # "La Redoute"
        if _is_distinctive(words):
            yield words


def _is_filler(word: str) -> bool:
    return word in GENERAL or word in PARTICLES or word in FUNCTION or word == _AMPERSAND


def _is_distinctive(words: list[str]) -> bool:
    return words[-1] not in PARTICLES and any(word not in GENERIC and not _is_filler(word) for word in words)


def signed_patterns(names: Sequence[str]) -> Iterator[re.Pattern[str]]:
    """Patterns of names of one ordinary word that a sign tells from it: "Canal+", "Yahoo!"."""
    for name in names:
        text = fold(name).text.strip()
        word = text.rstrip("+!®")
        if word != text and word.isalpha() and is_known(word):
            yield re.compile(rf"(?<![^\W_]){word}\s?{re.escape(text[len(word) :])}(?![^\W_])")
