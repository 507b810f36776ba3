"""What looks like a telephone number and is none: lists, series, amounts, references; and what announces a number."""

import re
from collections.abc import Sequence

from contracts.scan.groups import is_amount, is_series

NEAR = 48
"""How far before a number, in characters, the words are read that say what it is."""
BETWEEN = r"(?:\s?\.)?[^\w.@…\[\]\ue000]{0,4}(?:[^\W\d]{1,12}[^\w.@…\[\]\ue000]{1,3}){0,2}$"
"""Up to two words, between a word and the number that it announces. No mask and no other leak stands there."""
_ANNOUNCED = re.compile(
    r"(?:(?<![^\W_])(?:tel|tele?phone\w*|phone|mobiles?|gsm|portable|cell|cellulaire|fax|natel|whats ?app|sms|texto"
    r"|(?:r)?appel\w*|call|joindre|joignable\w*|reach|dial|ring|text|standard|telefon\w*|handy|mobilnummer|movil"
    r"|(?:mon|notre|votre|son|my|our|your) (?:numero|number)|ligne directe|direct line)|[☎📞📱🤙])" + BETWEEN
)
_LISTED = re.compile(
    r"(?<![^\W_])(?:dep(?:artements?|t|ts)?|regions?|pages?|semaines?|weeks?|lots?|tranches?|postes?|chapitres?"
    r"|niveaux|levels?|etapes?|steps?|jours?|days?|heures?|hours?|classes?|articles?|sections?|lignes?|zones?|codes?)"
    + BETWEEN
)
_MOBILE = re.compile(r"0[67]")
_WEEKS = 53
_LISTS_ALL = re.compile(r"(?:dep|reg)")
_REFERENCE = re.compile(
    r"(?<![^\W_])(?:isbn|issn|ean|gtin|doi|ref|reference|sku|asin|serial|serie|ticket|dossier|matricule|version"
    r"|facture|invoice|order|commande)" + BETWEEN
)
UNIT = re.compile(
    r"\s{0,2}(?:[€$£%]|k?eur|usd|chf|fr\.|million|milliard|billion|utilisateur|user|abonne|follower|client|people|personnes"
    r"|habitant|octet|byte|ligne|line|row|heures|hours|tonne|kg|km|m2|kwh|vues|views)"
)
_MORE_THOUSANDS = re.compile(r"\d{1,3}[ .,']$")  # "10 012 345 678"


def is_announced(text: str, start: int) -> bool:
    """Whether words before the number at `start` say that it is a telephone number."""
    return bool(_ANNOUNCED.search(text, max(0, start - NEAR), start))


def is_other(text: str, start: int, groups: Sequence[str], gaps: Sequence[str]) -> bool:
    """Whether digits that could be dialled are a list, a step of a series or a reference."""
    before = text[max(0, start - NEAR) : start]
    if is_series(groups):
        return not _ANNOUNCED.search(before)
    if is_amount(groups) and _MORE_THOUSANDS.search(before):
        return True
    numbers = [int(group) for group in groups]
    ascending = len(groups) > 3 and numbers == sorted(numbers)
    in_pairs = [len(group) for group in groups] == [2, 2, 2, 2, 2]
    mobile = in_pairs and bool(_MOBILE.match(groups[0])) and not gaps[0].strip() and max(numbers) > _WEEKS
    if ascending and (listed := _LISTED.search(before)) and not (mobile and not _LISTS_ALL.match(listed.group())):
        return True  # but "un jour 06 12 34 56 78" is a mobile number
    if ascending and gaps[0].startswith(",") and groups[0] not in ("06", "07"):
        return not _ANNOUNCED.search(before)
    return not in_pairs and bool(_REFERENCE.search(before))
