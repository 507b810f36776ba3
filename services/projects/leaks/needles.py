"""All that is looked for on behalf of one client, and where it stands in a text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from contracts.scan import WORD, Folded, Span, name_words
from services.projects.leaks.addresses import addresses
from services.projects.leaks.forms import Form
from services.projects.leaks.identity import Identity
from services.projects.leaks.names import distinctive_forms, domain_forms, organisation_forms
from services.projects.leaks.people import person_forms
from services.projects.leaks.places import (
    inner_boundaries,
    is_after_title,
    is_boundary,
    is_well_spaced,
    is_word_in_capitals,
)
from services.projects.leaks.registration import exact_patterns


@dataclass(slots=True)
class _Needle:
    """All forms with the same letters: the first says of what kind, the most lenient how strictly."""

    kind: str
    breaks: set[int] = field(default_factory=set)
    capitals: bool = True
    titled: bool = True

    def add(self, form: Form) -> None:
        self.breaks |= form.breaks
        self.capitals = self.capitals and form.needs_capitals
        self.titled = self.titled and form.titled


class Needles:
    """What to look for, made once for an identity; texts are compared by their letters and digits alone."""

    def __init__(self, identity: Identity) -> None:
        self._needles: dict[str, _Needle] = {}
        for form in _forms(identity):
            if form.letters:
                self._needles.setdefault(form.letters, _Needle(form.kind)).add(form)
        lengths: dict[str, set[int]] = {}
        for letters in self._needles:
            lengths.setdefault(letters[:2], set()).add(len(letters))
        # By how a needle begins; few, so that many needles that begin alike cost no more than one.
        self._lengths = {pair: sorted(some, reverse=True) for pair, some in lengths.items()}
        self._patterns = list(exact_patterns(identity))

    def find(self, folded: Folded) -> list[Span]:
        """Spans of the folded text that hold a needle, one of the identity's numbers or a street address."""
        text = folded.text
        exact = [(*match.span(), kind) for kind, pattern in self._patterns for match in pattern.finditer(text)]
        return [*exact, *addresses(folded), *self._spelled(folded), *self._single_letters(folded)]

    def _spelled(self, folded: Folded) -> Iterator[Span]:
        """At every place where a word may begin, the longest needle that stands there."""
        text = folded.text
        positions: list[int] = []  # of each letter or digit in the folded text
        starts: list[int] = []  # the same counted in letters, of those that may begin a name
        for word in WORD.finditer(text):
            start, end = word.span()
            offset = len(positions) - start
            starts += [offset + k for k in (start, *inner_boundaries(folded, start, end))]
            positions.extend(range(start, end))
        letters = "".join(WORD.findall(text))
        for start in starts:
            for length in self._lengths.get(letters[start : start + 2], ()):
                needle = self._needles.get(letters[start : start + length])
                if not needle or start + length > len(letters):
                    continue
                stop = _end(folded, positions[start : start + length], needle)
                if stop:
                    yield positions[start], stop, needle.kind
                    break

    def _single_letters(self, folded: Folded) -> Iterator[Span]:
        for letter in (letters for letters in self._needles if len(letters) == 1):
            for match in re.finditer(re.escape(letter), folded.text):
                if is_word_in_capitals(folded, *match.span()):
                    yield *match.span(), self._needles[letter].kind


def _forms(identity: Identity) -> Iterator[Form]:
    for name in (identity.name, *identity.aliases):
        yield from organisation_forms(name)
    yield from distinctive_forms(identity.name)
    for domain in identity.domains:
        yield from domain_forms(domain)
    _, at, mail_domain = identity.contact_email.rpartition("@")
    if at:
        yield from domain_forms(mail_domain)
    for person in (*identity.people, identity.contact_name):
        yield from person_forms(person)
    for product in identity.products:
        yield Form("product", name_words(product))


def _end(folded: Folded, places: Sequence[int], needle: _Needle) -> int | None:
    """Where the needle whose letters are at `places` of the folded text ends; None if it is not really there."""
    first, end = places[0], places[-1] + 1
    if needle.capitals:
        closed = end - first == len(places)
        return end if closed and is_word_in_capitals(folded, first, end) else None
    if not is_boundary(folded, end):
        plural = len(places) >= 4 and folded.text[end] == "s" and is_boundary(folded, end + 1)
        if not plural:
            return None
        end += 1
    if not is_well_spaced(folded.text, places, needle.breaks):
        return None
    if needle.titled and not is_after_title(folded, first):
        return None
    return end
