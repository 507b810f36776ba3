"""Search terms derived from one client's identity, and where a text contains them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from contracts.scan import WORD, Folded, Span, name_words
from services.projects.model.leaks.addresses import addresses
from services.projects.model.leaks.forms import Form
from services.projects.model.leaks.identity import Identity
from services.projects.model.leaks.names import distinctive_forms, domain_forms, organisation_forms
from services.projects.model.leaks.people import person_forms
from services.projects.model.leaks.places import (
    inner_boundaries,
    is_after_title,
    is_boundary,
    is_word_in_capitals,
)
from services.projects.model.leaks.registration import exact_patterns
from services.projects.model.leaks.spacing import Spacing

NESTED = 24
"""Maximum number of names with a common prefix that are tried at one position."""
PREFIX = 12
"""Maximum length, in letters, of the prefix that tells names apart."""


@dataclass(slots=True)
class _Needle:
    """All forms with the same letters: the first gives the kind, the most lenient one how strictly to match."""

    kind: str
    breaks: list[int] = field(default_factory=list)
    capitals: bool = True
    titled: bool = True

    def add(self, form: Form) -> None:
        self.breaks = sorted({*self.breaks, *form.breaks})
        self.capitals = self.capitals and form.needs_capitals
        self.titled = self.titled and form.titled


class Needles:
    """The search terms of an identity, built once. Matching compares only letters and digits."""

    def __init__(self, identity: Identity) -> None:
        self._needles: dict[str, _Needle] = {}
        for form in _forms(identity):
            if form.letters:
                self._needles.setdefault(form.letters, _Needle(form.kind)).add(form)
        self._lengths = _lengths(self._needles)
        self._patterns = list(exact_patterns(identity))

    def find(self, folded: Folded) -> list[Span]:
        """Spans of the folded text that contain a needle, one of the identity's numbers or a street address."""
        text = folded.text
        exact = [(*match.span(), kind) for kind, pattern in self._patterns for match in pattern.finditer(text)]
        return [*exact, *addresses(folded), *self._spelled(folded), *self._single_letters(folded)]

    def _spelled(self, folded: Folded) -> Iterator[Span]:
        """The longest needle at each position where a word may begin."""
        text = folded.text
        positions: list[int] = []  # of each letter or digit, in the folded text
        starts: list[int] = []  # of those that may begin a name, counted in letters
        for word in WORD.finditer(text):
            start, end = word.span()
            offset = len(positions) - start
            starts += [offset + k for k in (start, *inner_boundaries(folded, start, end))]
            positions.extend(range(start, end))
        letters = "".join(WORD.findall(text))
        spacing = Spacing(text, positions)
        for start in starts:
            for length in self._candidates(letters, start):
                if start + length > len(letters) or not (needle := self._needles.get(letters[start : start + length])):
                    continue
                first, end = positions[start], positions[start + length - 1] + 1
                spaced = spacing.fits(start, length, needle.breaks)
                stop = _end(folded, first, end, length, needle) if spaced or needle.capitals else None
                if stop:
                    yield first, stop, needle.kind
                    break

    def _candidates(self, letters: str, start: int) -> Sequence[int]:
        """The lengths of the needles that may match at ``start``, longest first."""
        known: Sequence[int] = ()
        for size in range(2, PREFIX + 1):
            longer = self._lengths.get(letters[start : start + size])
            if longer is None:
                break
            known = longer
        return known

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


def _lengths(needles: Iterable[str], size: int = 2) -> dict[str, Sequence[int]]:
    """The lengths of needles by prefix, longest first, at most `NESTED` per prefix.

    Where there are more, a longer prefix splits them. Of more than `NESTED` names that share `PREFIX` letters, those
    of middle length are dropped.
    """
    groups: dict[str, list[str]] = {}
    for letters in needles:
        groups.setdefault(letters[:size], []).append(letters)
    found: dict[str, Sequence[int]] = {}
    for prefix, group in groups.items():
        lengths = sorted({len(letters) for letters in group}, reverse=True)
        if len(lengths) <= NESTED:
            found[prefix] = lengths
        elif size == PREFIX:
            found[prefix] = [*lengths[: NESTED // 2], *lengths[-NESTED // 2 :]]
        else:
            shorter = [length for length in lengths if length <= size]
            deeper = _lengths([letters for letters in group if len(letters) > size], size + 1)
            found |= {key: [*some, *shorter] for key, some in deeper.items()}
            found[prefix] = shorter
    return found


def _end(folded: Folded, first: int, end: int, length: int, needle: _Needle) -> int | None:
    """End of a needle whose letters match, acceptably spaced, in [first, end); None if it is no match after all."""
    if needle.capitals:
        closed = end - first == length
        return end if closed and is_word_in_capitals(folded, first, end) else None
    if not is_boundary(folded, end):
        plural = length >= 4 and folded.text[end] == "s" and is_boundary(folded, end + 1)
        if not plural:
            return None
        end += 1
    if needle.titled and not is_after_title(folded, first):
        return None
    return end
