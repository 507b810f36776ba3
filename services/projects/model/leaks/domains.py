"""Forms of the client's domains."""

import re
from collections.abc import Iterator

from contracts.scan import WORD, readings, word_set
from contracts.scan.endings import is_shared
from services.projects.model.leaks.forms import Form, When, form
from services.projects.model.leaks.names import graded, spellings
from services.projects.model.leaks.ordinary import is_known
from services.projects.model.leaks.words import GENERIC

# A mailbox at one of these says nothing about the firm.
_MAIL_PROVIDERS = word_set("""
    gmail googlemail outlook hotmail live msn yahoo ymail icloud proton protonmail gmx free sfr laposte wanadoo bbox aol
    mail zoho yandex
""")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.\-]*://")
_AFTER_HOST = re.compile(r"[/?#:\s]")


def domain_forms(domain: str) -> Iterator[Form]:
    """A domain, possibly given as a URL or e-mail address, and its label: "nestle-waters" of "www.nestle-waters.fr".

    An international domain counts in both of its spellings.
    """
    for reading in readings(domain):
        address = _SCHEME.sub("", reading.text.strip())
        host = _AFTER_HOST.split(address.rpartition("@")[2], maxsplit=1)[0].strip(".").removeprefix("www.")
        yield from _host_forms([label for label in host.split(".") if label])


def _host_forms(labels: list[str]) -> Iterator[Form]:
    if not labels:
        return
    shared = (k for k in range(1, len(labels)) if is_shared(".".join(labels[k:])))  # "co.uk", "fr", "github.io"
    own = labels[next(shared, max(1, len(labels) - 1)) - 1]
    if own in _MAIL_PROVIDERS:
        return
    if len(labels) > 1:
        yield form("url", WORD.findall(".".join(labels)))
    for spelling in spellings(own):
        words = WORD.findall(spelling)
        if len(words) == 1 and len(words[0]) > 2 and not words[0].isdigit():
            yield _label_form(words[0])
        elif len(words) == 1:
            yield form("name", words, When.CAPITALS)
        elif words:
            yield graded("name", words)


def _label_form(word: str) -> Form:
    if word in GENERIC:
        return form("name", [word], None)
    return form("name", [word], None, When.PROPER) if is_known(word) else form("name", [word])
