"""Search terms derived from one client's identity, and where a text contains them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from contracts.scan import Folded, contact_data
from services.projects.model.leaks.abbreviated import Abbreviated
from services.projects.model.leaks.addresses import addresses
from services.projects.model.leaks.derived import Derived
from services.projects.model.leaks.domains import domain_forms
from services.projects.model.leaks.foreign import Foreign
from services.projects.model.leaks.forms import Form
from services.projects.model.leaks.identity import Identity
from services.projects.model.leaks.index import Index
from services.projects.model.leaks.leet import triples, unleeted
from services.projects.model.leaks.letters import Letters
from services.projects.model.leaks.lexed import Lexed, lexed
from services.projects.model.leaks.monograms import Monograms
from services.projects.model.leaks.names import alias_forms, name_forms, product_forms, signed_patterns
from services.projects.model.leaks.near import Near
from services.projects.model.leaks.people import person_forms
from services.projects.model.leaks.readings import all_readings
from services.projects.model.leaks.registration import exact_patterns
from services.projects.model.leaks.spans import Place
from services.projects.model.leaks.spelled import spelled

_LEAST_MIXED = 4
"""Least length in letters of a name that counts with digits for letters."""
KEPT = 1_000
"""Number of identities whose search terms are kept: 26 kB each, and 5 ms to put together."""


class Finder(Protocol):
    """Finds the names of one client that are written in one kind of disguise."""

    def find(self, text: Lexed) -> Iterator[Place]:
        """The places in a text; they may overlap."""


class Needles:
    """The search terms of an identity."""

    def __init__(self, identity: Identity) -> None:
        names = (identity.name, *identity.aliases)
        self._index = Index(_forms(identity))
        self._triples = {part for letters in self._index.needles for part in triples(letters)}
        self._letters = Letters((*names, *identity.products))
        people = [("person", person) for person in (*identity.people, identity.contact_name)]
        products = [("product", product) for product in identity.products]
        self._finders: tuple[Finder, ...] = (
            Near(self._index.needles.values()),
            Derived(self._index),
            Monograms(names),
            Abbreviated(names),
            Foreign([*(("name", name) for name in names), *people, *products]),
        )
        signed = [("name", pattern) for pattern in signed_patterns(names)]
        self._patterns: list[tuple[str, re.Pattern[str]]] = [*exact_patterns(identity), *signed]

    def find(self, text: str) -> Iterator[Place]:
        """The places of a text that contain a search term, contact data or a street address; they may overlap."""
        for folded, whole in all_readings(text):
            places = [*self._find(folded), *_other_data(folded)] if whole else self._find(folded)
            for start, end, kind, sure in places:
                yield Place(*folded.span(start, end), kind, sure)
            if whole:
                yield from _contacts(folded)

    def _find(self, folded: Folded) -> Iterator[Place]:
        for kind, pattern in self._patterns:
            yield from (Place(*match.span(), kind, True) for match in pattern.finditer(folded.text))
        text = lexed(folded)
        yield from spelled(text, self._index)
        for finder in self._finders:
            yield from finder.find(text)
        yield from self._letters.find(folded)
        for read, offset in unleeted(folded, self._triples):
            for start, end, kind, sure in spelled(lexed(read), self._index):
                changed = read.text[start:end] != folded.text[offset + start : offset + end]
                if changed and end - start >= _LEAST_MIXED:
                    yield Place(offset + start, offset + end, kind, sure)


@lru_cache(maxsize=KEPT)
def needles_of(identity: Identity) -> Needles:
    """The search terms of an identity, put together once for each version of it."""
    return Needles(identity)


def _contacts(folded: Folded) -> Iterator[Place]:
    for leak in contact_data(folded):
        yield Place(leak.start, leak.end, leak.kind, True)


def _other_data(folded: Folded) -> Iterator[Place]:
    for start, end, kind in addresses(folded):
        yield Place(start, end, kind, True)


def _forms(identity: Identity) -> Iterator[Form]:
    yield from name_forms(identity.name)
    for alias in identity.aliases:
        yield from alias_forms(alias)
    for domain in identity.domains:
        yield from domain_forms(domain)
    _, at, mail_domain = identity.contact_email.rpartition("@")
    if at:
        yield from domain_forms(mail_domain)
    for person in (*identity.people, identity.contact_name):
        yield from person_forms(person)
    for product in identity.products:
        yield from product_forms(product)
