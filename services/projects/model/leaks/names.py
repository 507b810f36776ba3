"""Forms of an organisation's name and of its domains."""

import re
from collections.abc import Iterator

from contracts.scan import LEGAL_FORMS, WORD, fold, name_words, word_set
from services.projects.model.leaks.forms import Form
from services.projects.model.leaks.words import COMMON, FUNCTION, GENERAL, PARTICLES

_AND = frozenset(("and", "et", "und"))
_AMPERSAND = "&"  # as a word of a name; no word list contains it
_COUNTS_NOT_ALONE = COMMON | GENERAL | LEGAL_FORMS | PARTICLES | FUNCTION

# A mailbox at one of these says nothing about the firm.
_MAIL_PROVIDERS = word_set("""
    gmail googlemail outlook hotmail live msn yahoo ymail icloud proton protonmail gmx free sfr laposte wanadoo bbox aol
    mail zoho yandex
""")
_SECOND_LEVEL = word_set("""
    co com org net gov gouv ac edu asso or ne go nom tm
""")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.\-]*://")
_AFTER_HOST = re.compile(r"[/?#:\s]")


def organisation_forms(name: str) -> Iterator[Form]:
    """The full and shortened names, and variants with each "and" or "&" spelled differently or left out."""
    words = name_words(name)
    for form in _shorter_names(words):
        yield Form("name", form)
        for k in range(1, len(form) - 1):
            if form[k] in _AND:
                for instead in ([], ["and"], ["et"]):
                    yield Form("name", [*form[:k], *instead, *form[k + 1 :]])
    if "&" in name and len(words) > 1:
        left, _, right = name.partition("&")
        for form in _shorter_names([*name_words(left), _AMPERSAND, *name_words(right)]):
            if _AMPERSAND in form[1:-1]:
                for conjunction in ("and", "et"):
                    yield Form("name", [conjunction if word == _AMPERSAND else word for word in form])


def distinctive_forms(name: str) -> Iterator[Form]:
    """Single words of a longer name that identify it alone; short ones only as acronyms, in capitals."""
    words = name_words(name)
    if len(words) < 2:
        return
    written = {fold(word).text: word for word in WORD.findall(name)}
    for word in words:
        if word in _COUNTS_NOT_ALONE or not word.isalpha():
            continue
        if len(word) >= 4:
            yield Form("name", [word])
        elif len(word) >= 2 and not name.isupper() and written.get(word, "").isupper():
            yield Form("name", [word], capitals=True)


def domain_forms(domain: str) -> Iterator[Form]:
    """A domain, possibly given as a URL or e-mail address, and its label: "nestle-waters" of "www.nestle-waters.fr"."""
    address = _SCHEME.sub("", fold(domain).text.strip())
    host = _AFTER_HOST.split(address.rpartition("@")[2], maxsplit=1)[0].strip(".").removeprefix("www.")
    labels = [label for label in host.split(".") if label]
    if not labels:
        return
    top = 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 1  # "co.uk", "fr"
    own = (labels[:-top] or labels)[-1]
    if own in _MAIL_PROVIDERS:
        return
    if len(labels) > 1:
        yield Form("url", WORD.findall(".".join(labels)))
    words = WORD.findall(own)
    if words and (len(words) > 1 or words[0] not in COMMON):
        yield Form("name", words)


def _shorter_names(words: list[str]) -> Iterator[list[str]]:
    """The name, without its legal form, and without "Group" or "France", as long as a distinctive word is left."""
    yield words
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words = words[:-1]
        yield words
    while len(words) > 1 and words[0] in LEGAL_FORMS and len(words[0]) > 2:  # "SAS Dupont"
        words = words[1:]
        yield words
    while len(words) > 1 and (words[-1] in GENERAL or words[-1] in LEGAL_FORMS or words[-1] in PARTICLES):
        words = words[:-1]
        if _is_distinctive(words):
            yield words
    while len(words) > 1 and words[0] in GENERAL:
        words = words[1:]
        if _is_distinctive(words):
            yield words


def _is_distinctive(words: list[str]) -> bool:
    return words[-1] not in PARTICLES and any(
        w not in COMMON and w not in PARTICLES and w not in GENERAL for w in words
    )
