"""Finds street addresses, French and English. A street without a number does not count."""

import re
from collections.abc import Iterator

from contracts.scan import WORD, Folded, Span
from services.projects.model.leaks.words import PARTICLES

_SURE = r"rue|avenue|av\.|boulevard|bd|blvd|allees?"
# Only with a capital in the name that follows, or a postcode.
_NAMED = "place|impasse|chemin|square|quai|route|esplanade|parvis|cite|faubourg|rond-point|promenade"
_POSTED = "cours|passage|voie|villa|mail"  # ordinary words: only with a postcode

_FRENCH = re.compile(
    rf"(?<![^\W_])(?<!\d[.,])\d{{1,4}}\s?(?:bis|ter|quater|[a-d](?=[ ,]))?,?\s{{1,2}}"
    rf"(?:{_SURE}|(?P<named>{_NAMED})|(?P<posted>{_POSTED}))(?![^\W_])"
)
_NEXT = re.compile(r"([ '\-]{1,2})([^\W_]+)")
_POSTCODE = re.compile(r"\s?[,\-]?\s{0,2}(?:f-)?\d{5}(?!\d)(?=[ ,.;)\n]|$)")
_CEDEX = re.compile(r"(?<![^\W_])(?:f-)?\d{5} [^\W\d_][^\d\n,.;]{0,30}? cedex(?: \d{1,2})?(?![^\W_])")
_ENGLISH = re.compile(
    r"(?<![^\W_])(?<!\d[.,])\d{1,5}[a-d]? (?:[^\W\d_]{2,20}[ \-]){1,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|boulevard|blvd)(?![^\W_])"
)


def addresses(folded: Folded) -> Iterator[Span]:
    """Spans of the addresses in the folded text."""
    for match in _CEDEX.finditer(folded.text):
        yield *match.span(), "address"
    for match in _ENGLISH.finditer(folded.text):
        _, *words = WORD.findall(folded.slice(*match.span()))
        if all(word[0].isupper() for word in words):
            yield *match.span(), "address"
    for match in _FRENCH.finditer(folded.text):
        end = _french_end(folded, match)
        if end:
            yield match.start(), end, "address"


def _french_end(folded: Folded, street: re.Match[str]) -> int | None:
    """End of the address that begins with a number and a street type; None if it is not an address."""
    end, proper = _proper_name(folded, street.end())
    if end is None:
        return None
    post = _POSTCODE.match(folded.text, end)
    if post:
        town, proper_town = _proper_name(folded, post.end())
        return town if town and proper_town else post.end()
    return None if street["posted"] or (street["named"] and not proper) else end


def _proper_name(folded: Folded, start: int) -> tuple[int | None, bool]:
    """End of the street or town name that begins at ``start``, and whether it is capitalised."""
    position = start
    end: int | None = None
    proper = False
    for _ in range(9):
        word = _NEXT.match(folded.text, position)
        if not word:
            break
        gap, letters = word.groups()
        capital = folded.slice(word.start(2), word.start(2) + 1).isupper()
        if letters in PARTICLES:  # "rue du Général de Gaulle": kept if more of the name follows
            position = word.end()
        elif end is None or capital or gap == "-":
            end = position = word.end()
            proper = proper or capital
        else:
            break
    return end, proper
