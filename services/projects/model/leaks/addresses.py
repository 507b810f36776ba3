"""Finds addresses: French, Belgian, Swiss and English. A street without a number does not count."""

import re
from collections.abc import Iterator

from contracts.scan import WORD, Folded, Span
from services.projects.model.leaks.words import PARTICLES

_SURE = r"rue|grande?[ \-']rue|avenue|av\.|boulevard|boul\.|bd|blvd|bvd|bld|allees?|chaussee"
# Only with a capital in the name that follows, or a postcode.
_NAMED = (
    "place|impasse|chemin|square|quai|route|esplanade|parvis|cite|faubourg|rond-point|promenade|venelle|ruelle|montee"
    r"|ave?|pl\.?|sq\.|rte|imp\.|all\.|ch\.|che?m\.|fbg"
)
_POSTED = r"cours|passage|voie|villa|mail|sentier|traverse|cour|residence|hameau|r\."  # ordinary: only with a postcode

_FRENCH = re.compile(
    rf"(?<![^\W_])(?<!\d[.,])\d{{1,4}}\s?(?:bis|ter|quater|[a-d](?=[ ,]))?,?\s{{1,2}}"
    rf"(?P<of>de la )?(?:{_SURE}|(?P<named>{_NAMED})|(?P<posted>{_POSTED}))(?![^\W_])"
)
_STREET = re.compile(rf"(?<![^\W_])(?:(?P<sure>{_SURE})|{_NAMED}|{_POSTED})(?![^\W_])")
_NUMBER_AFTER = re.compile(
    r",?\s{1,2}\(?(?:n[°o]\.?\s?)?\d{1,3}(?:\s?(?:bis|ter)|[a-d](?![^\W_]))?\)?(?:/\d{1,3})?(?![^\W_])"
    r"(?:,?\s(?:bte|boite|case postale|cp)\.?\s\w{1,5})?"
)
_HIGH_STREET = re.compile(r"grande?[ \-']rue$")
_ENDS = re.compile(r"\s?(?:[,.](?!\d)|[;:)\n]|$)")
_TOWN_AFTER = re.compile(r"(?:,|,? a) (?=[^\W\d_])")
_SHORT_POST = re.compile(r"(?:,| -|,? a)?\s{1,2}(?:(?:b|ch|l|f|lu|be)-)?\d{4,5} (?=[^\W\d_])")
_GERMANIC = re.compile(
    r"(?<![^\W_])[^\W\d_]{3,24}(?:strasse|str\.|straat|laan|gasse|platz|plein) \d{1,3}[a-d]?(?![^\W_])"
    r"(?:, (?:(?:b|ch|d|a|nl)-)?\d{4,5} [^\W\d_]{2,30})?"
)
_ZONE = re.compile(
    r"(?<![^\W_])(?:z\. ?(?:a|i)\.(?: ?[ce]\.)?|za|zi|zac|zae|zone (?:artisanale|industrielle|commerciale|d'activites?)"
    r"|parc (?:d'activites?|d'affaires|technologique|industriel)|technopole|lieu-?dit|hameau|le bourg|residence"
    r"|rn ?\d{1,3}|rd ?\d{1,3}|route (?:nationale|departementale) \d{1,3}|rond-point"
    r"|b\.? ?p\.? ?\d{1,6}|cs ?\d{5}|tsa ?\d{5}|case postale(?: \d{1,5})?)(?![^\W_])"
    r"[^\n;!?]{0,60}?[ ,\-](?:f-|b-|ch-|l-)?\d{4,5} (?=[^\W\d_])"
)
_NEXT = re.compile(r"([ '\-]{1,2})([^\W_]+)")
_YEAR = re.compile(r"1[89]\d\d")
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
    for match in _GERMANIC.finditer(folded.text):
        if folded.written[match.start()].isupper():
            yield *match.span(), "address"
    for match in _ZONE.finditer(folded.text):
        if folded.written[match.end()].isupper():
            yield match.start(), _town(folded, match.end()), "address"
    for match in _STREET.finditer(folded.text):
        end = _belgian_end(folded, match)
        if end:
            yield match.start(), end, "address"
    for match in _FRENCH.finditer(folded.text):
        end = _french_end(folded, match)
        if end:
            yield match.start(), end, "address"


def _french_end(folded: Folded, street: re.Match[str]) -> int | None:
    """End of the address that begins with a number and a street type; None if it is not an address."""
    end, proper = _proper_name(folded, street.end())
    if end is None and _is_high_street(street):
        end = street.end()
    if end is None:
        return None
    post = _POSTCODE.match(folded.text, end)
    if post:
        town, proper_town = _proper_name(folded, post.end())
        return town if town and proper_town else post.end()
    lacks_name = (street["named"] or street["of"]) and not proper
    return None if street["posted"] or _is_high_street(street) or lacks_name else end


def _belgian_end(folded: Folded, street: re.Match[str]) -> int | None:
    """End of the address that begins with a street and has its number after the name, as in Brussels and Geneva."""
    text = folded.text
    end, proper = _proper_name(folded, street.end())
    if end is None and _is_high_street(street):
        end, proper = street.end(), True
    number = _NUMBER_AFTER.match(text, end) if end and proper else None
    if not number:
        return None
    post = _SHORT_POST.match(text, number.end())
    if post and folded.written[post.end()].isupper():
        return _town(folded, post.end())
    town = _TOWN_AFTER.match(text, number.end())
    if street["sure"] and town and folded.written[town.end()].isupper():
        return _town(folded, town.end())
    return number.end() if street["sure"] and _ENDS.match(text, number.end()) else None


def _is_high_street(street: re.Match[str]) -> bool:
    """Whether the street has no other name: "Grand-Rue 14", "12, Grande Rue"."""
    return _HIGH_STREET.search(street.group()) is not None


def _town(folded: Folded, start: int) -> int:
    """End of the town's name that begins with a capital at ``start``."""
    return _proper_name(folded, start - 1)[0] or start


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
        elif letters.isdigit() and position == start:
            break  # "allée 12", but "rue du 8 Mai"
        elif end is None or capital or gap == "-" or _YEAR.fullmatch(letters):
            end = position = word.end()
            proper = proper or capital
        else:
            break
    return end, proper
