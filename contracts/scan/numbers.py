"""Registration numbers of firms and persons, and bank accounts: what names somebody in a public register.

A number counts if its check digits are valid. Ten in a hundred numbers of nine digits pass SIREN's check by chance, and
1 % pass a check of two digits; so a number that is also written like an amount or a reference counts only next to a
word that says what it is ("SIREN", "TVA", "RCS").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from contracts.scan.announced import UNIT
from contracts.scan.folding import Folded
from contracts.scan.ibans import ibans
from contracts.scan.spans import Span

_GAP = r"[\s.\-/]{0,2}"
_OPEN = r"(?<![^\W_])(?<!\d[.,\-])"
_CLOSE = r"(?![^\W_])(?![.,]\d)"
_WORDS = r"[^\w@…\[\]\ue000]{1,4}(?:[^\W\d]{1,15}[^\w@…\[\]\ue000]{1,4}){0,7}$"  # no mask, no other leak
_REGISTERS = (
    r"siren|siret|rcs|r\.c\.s|rpm|r\.p\.m|bce|kbo|tva|vat|btw|mwst|ust|ust-?id\w*|p\.? ?iva|iva|uid|ide|nif|cif|nir|kvk"
    r"|rna|ein|eori|duns|d-u-n-s|insee|niss|immatricul\w+|handelsregister\w*|ondernemingsnummer|securite sociale"
    r"|companies house|compan(?:y|ies) (?:registration )?(?:number|no)|registration (?:number|no)|registered|registre"
    r"|enregistree? (?:sous|au)|(?:numero|n[°o]) d'(?:entreprise|immatriculation)"
)
_SAID_BEFORE = re.compile(rf"(?<![^\W_])(?:{_REGISTERS}){_WORDS}")
_SAID = re.compile(rf"(?<![^\W_])(?:{_REGISTERS}|n[°o]|numero|number)(?![^\W_])")
_NUMBERED = re.compile(r"(?<![^\W_])(?:n[°o]\.?|numero|number)[\s:]{0,3}$")
_SAID_AFTER = re.compile(r"[\s,;(\-]{1,3}(?:r\.?c\.?s|rpm|r\.p\.m)(?![^\W_])")
_FAR = 90
"""How far before a number, in characters, the word for its register may stand."""


@dataclass(frozen=True)
class _Number:
    """A kind of number. `check` is a module of `stdnum`, or nothing where no check digit exists.

    `said`: it counts only next to a word for a register. `capital`: its letters must be capitals.
    """

    pattern: re.Pattern[str]
    check: str = ""
    said: bool = False
    capital: bool = False


def _number(pattern: str, check: str = "", *, said: bool = False, capital: bool = False) -> _Number:
    whole = re.compile(_OPEN + pattern.replace(" ", _GAP) + _CLOSE)
    return _Number(whole, check, said=said, capital=capital)


_NUMBERS = (
    _number(r"\d{3} \d{3} \d{3} \d{5}", "fr.siret"),
    _number(r"\d{3} \d{3} \d{3} \d{2} \d{3}", "fr.siret"),
    _number(r"\d{3} \d{3} \d{3}", "fr.siren", said=True),
    _number(r"fr\d{2} \d{3} \d{3} \d{3}", "eu.vat"),
    _number(r"fr [a-z\d]{2} \d{3} \d{3} \d{3}", "eu.vat", capital=True),
    _number(r"\d{2} \d{3} \d{3} \d{3}", "fr.tva", said=True),
    _number(r"[12] \d{2} \d{2} \d[\dab] \d{3} \d{3} \d{2}", "fr.nir"),
    _number(r"fr \d{3} \d{3} \d{3} \d{5}", "fr.siret", capital=True),  # EORI
    _number(r"w\d{9}", said=True),  # RNA
    _number(r"be [01]?\d{3} \d{3} \d{3}", "be.vat", capital=True),
    _number(r"be[01]\d{9}", "be.vat"),
    _number(r"[01]\d{3}[. ]\d{3}[. ]\d{3}".replace("[. ]", r"[.\s]"), "be.vat"),
    _number(r"[01]\d{9}", "be.vat", said=True),
    _number(r"che \d{3} \d{3} \d{3}(?:\s(?:mwst|tva|iva))?", "ch.uid"),
    _number(r"\d{3}\.\d{3}\.\d{3}", "ch.uid", said=True),
    _number(r"ch-\d{3}\.\d\.\d{3}\.\d{3}-\d"),
    _number(r"lu \d{4} \d{4}|lu \d{3} \d{3} \d{2}", "eu.vat", capital=True),
    _number(r"b \d{2,3} \d{3}(?!\s?\d)", said=True, capital=True),  # register of Luxembourg
    _number(r"gb \d{3} \d{4} \d{2}(?: \d{3})?", "gb.vat", capital=True),
    _number(r"(?:\d{8}|(?:sc|ni|oc)\d{6})", said=True),  # Companies House, KvK
    _number(r"de \d{3} \d{3} \d{3}", "eu.vat", capital=True),
    _number(r"es [a-z]\d{7}[a-z\d]|es \d{8}[a-z]", "eu.vat", capital=True),
    _number(r"[a-z]-?\d{7}[a-z\d]|\d{8}-?[a-z]", "es.nif", said=True, capital=True),
    _number(r"it \d{11}|it \d{3} \d{4} \d{4}", "eu.vat", capital=True),
    _number(r"\d{11}", "it.iva", said=True),
    _number(r"nl \d{3} \d{3} \d{3} b \d{2}|nl \d{4} \d{2} \d{3} b \d{2}", "eu.vat", capital=True),
    _number(r"at u \d{4} \d{4}|at u \d{8}", "eu.vat", capital=True),
    _number(
        r"(?:pt|dk|fi|ie|pl|se|cz|el|hu|ro|sk|si|bg|hr|mt|cy|lt|lv|ee) \d{5,10}[a-z\d]{0,3}", "eu.vat", capital=True
    ),
    _number(r"\d{2}-\d{7}", "us.ein", said=True),
    _number(r"\d{2}-\d{3}-\d{4}", said=True),  # D-U-N-S
    _number(r"[a-z]{2}[a-z\d]{9}\d", "isin", capital=True),
    _number(r"[a-z\d]{18}\d{2}", "lei", capital=True),
)
_HANDELSREGISTER = re.compile(r"(?<![^\W_])hr[ab]\s?(?:nr\.?\s?)?\d{3,6}(?: b)?(?![^\W_])")
_MANY_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){5,}")
_DATE = re.compile(r"[0-3]?\d[./\-][01]?\d[./\-](?:19|20)\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d")
_ROOM = 24
_MANY = 9
"""The digits of the shortest kind of number that counts without a word and without capitals."""
_CAPITALS = re.compile(r"[A-ZＡ-Ｚ](?:[A-ZＡ-Ｚ]|[\s.\-]?\d)|\d-?[A-ZＡ-Ｚ]")
_LETTER = re.compile(r"[^\W\d_]")
_TIME = re.compile(r"(?:19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d")


def numbers(folded: Folded) -> Iterator[Span]:
    """The registration numbers and bank accounts in a folded text, of kind `registration`."""
    text = folded.text
    for start, end in ibans(text):
        yield start, end, "registration"
    for first, last in _stretches(text):
        for number in _possible(folded, first, last):
            for match in number.pattern.finditer(text, first, last):
                start, end = match.span()
                if _counts(folded, number, start, end):
                    yield start, end, "registration"
    for match in _HANDELSREGISTER.finditer(text):
        if folded.slice(match.start(), match.start() + 3).isupper():
            yield *match.span(), "registration"


def _possible(folded: Folded, first: int, last: int) -> Iterator[_Number]:
    """The kinds of number that a part of the text can hold: most parts hold a date or an amount."""
    said = bool(_SAID.search(folded.text, max(0, first - _FAR), last + _ROOM))
    capitals = bool(_CAPITALS.search(folded.slice(first, min(last, len(folded.text)))))
    many = sum(c.isdigit() for c in folded.text[first:last]) >= _MANY
    for number in _NUMBERS:
        if (said or not number.said) and (capitals or not number.capital) and (many or number.said or number.capital):
            yield number


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that have digits enough for a number, with room for the letters around them."""
    first, last = 0, -1
    for match in _MANY_DIGITS.finditer(text):
        if _DATE.fullmatch(text, *match.span()):
            continue
        start, end = max(0, match.start() - _ROOM), match.end() + _ROOM
        if last >= start:
            last = end
            continue
        if last > 0:
            yield first, last
        first, last = start, end
    if last > 0:
        yield first, last


def _counts(folded: Folded, number: _Number, start: int, end: int) -> bool:
    written = folded.slice(start, end)
    if number.capital and any(letter.islower() for letter in _LETTER.findall(written)):
        return False
    if number.said and not _is_said(folded.text, start, end, number.check):
        return False
    return not number.check or _is_valid(number.check, folded.text[start:end])


def _is_said(text: str, start: int, end: int, check: str) -> bool:
    """Whether words next to a number say that it stands in a register. "No" is enough for a checked, spaced number."""
    if UNIT.match(text, end) or (check == "fr.siren" and text.startswith("000", end - 3)):
        return False
    spaced = bool(check) and not text[start:end].isalnum()
    return bool(
        _SAID_BEFORE.search(text, max(0, start - _FAR), start)
        or _SAID_AFTER.match(text, end)
        or (spaced and _NUMBERED.search(text, max(0, start - 12), start))
    )


def _is_valid(check: str, written: str) -> bool:
    plain = "".join(c for c in written if c.isalnum())
    if check == "fr.siret":
        plain = plain.removeprefix("fr")
        if not plain.strip("0"):
            return False
        return not _TIME.match(plain) and bool(
            _module("fr.siren").is_valid(plain[:9]) and _module(check).is_valid(plain)
        )
    if check == "ch.uid":
        plain = plain[:12] if plain.startswith("che") else f"che{plain}"
    return bool(int("".join(c for c in plain if c.isdigit()) or 0)) and bool(_module(check).is_valid(plain.upper()))


@cache
def _module(name: str) -> Any:
    """A module of `stdnum`; loaded when the first number of its kind appears, because they take memory."""
    return import_module(f"stdnum.{name}")
