"""Patterns matched exactly: the registration number, the contact's telephone number and e-mail address."""

import re
from collections.abc import Iterator

from contracts.scan import fold
from services.projects.model.leaks.identity import Identity


def exact_patterns(identity: Identity) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Pairs of a leak's kind and the pattern to search for in a folded text."""
    siren = _digits(identity.siren)
    if len(siren) >= 9:
        yield "registration", _registration(siren[:9])
    phone = _digits(identity.contact_phone)
    if len(phone) >= 11:
        phone = phone.removeprefix("00").removeprefix("33")
    phone = phone.lstrip("0")
    if len(phone) >= 6:
        yield "phone", _phone(phone)
    mail = fold(identity.contact_email).text.strip()
    if "@" in mail:
        yield "email", re.compile(rf"(?<![^\W_]){re.escape(mail)}(?![^\W_])")


def _digits(text: str | None) -> str:
    return "".join(c for c in fold(text or "").text if c in "0123456789")


def _registration(siren: str) -> re.Pattern[str]:
    gap = r"[ .\-]{0,2}"
    before = r"(?=\d)(?:(?<!\d)|(?<=fr\d\d)|(?<=fr\d\d ))"  # a French VAT number ends with the SIREN
    establishment = rf"(?:(?:{gap}\d){{5}})?"  # five more digits make it a SIRET
    return re.compile(rf"{before}{gap.join(siren)}{establishment}(?!\d)")


def _phone(number: str) -> re.Pattern[str]:
    gap = r"[ .\-/()]{0,3}"
    before = rf"(?=[+\d])(?<!\d)(?:\+?(?:0{{0,2}}33|0{{1,2}})\)?{gap}(?:\(?0\)?{gap})?)?\+?"
    return re.compile(rf"{before}{gap.join(number)}(?!\d)")
