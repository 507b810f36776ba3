"""Participants as an organiser knows them, and the files that an organiser's spreadsheet or HR system writes."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.vocabulary import SKILLS

MENTOR, MENTEE = "mentor", "mentee"
FRENCH = {
    "ref": "Référence",
    "name": "Nom",
    "email": "E-mail",
    "side": "Rôle",
    "organisation": "Organisation",
    "team": "Équipe",
    "manager_ref": "Responsable",
    "offers": "Propose",
    "wants": "Cherche",
    "languages": "Langues",
    "locale": "Langue des mails",
}
"""The headers of a French spreadsheet, by the field's name in the API."""
WORDS = {MENTOR: "Mentor", MENTEE: "Mentorée", "fr": "français", "en": "anglais"}
"""How a French organiser writes sides and languages; topics are written as the vocabulary names them in French."""


@dataclass(frozen=True)
class Seat:
    """One person of a programme, as the organiser enters them. ``domain`` follows the @ of their e-mail."""

    ref: str
    name: str
    side: str
    organisation: str
    domain: str
    offers: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("fr",)
    team: str = ""
    manager_ref: str = ""

    @property
    def email(self) -> str:
        """Unique per run, because the domain is."""
        return f"{self.ref}@{self.domain}"

    @property
    def family(self) -> str:
        """The invented family name, which occurs nowhere by chance."""
        return self.name.split(" ", 1)[1]

    @property
    def locale(self) -> str:
        """The language of their mails: the first they speak."""
        return self.languages[0]

    def as_json(self) -> dict[str, Any]:
        """The person as an element of a JSON list."""
        row: dict[str, Any] = {"ref": self.ref, "name": self.name, "email": self.email, "side": self.side}
        row |= {"organisation": self.organisation, "languages": list(self.languages), "locale": self.locale}
        row |= {"offers": list(self.offers), "wants": list(self.wants)}
        return row | {name: value for name, value in (("team", self.team), ("manager_ref", self.manager_ref)) if value}


def spreadsheet(seats: Sequence[Seat], *, delimiter: str = ";", encoding: str = "cp1252") -> bytes:
    """The file that a French spreadsheet on Windows saves as CSV, with a blank line at its end."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(FRENCH.values())
    for seat in seats:
        row = seat.as_json()
        writer.writerow([_cell(row.get(name, "")) for name in FRENCH])
    return (text.getvalue() + delimiter * (len(FRENCH) - 1) + "\r\n").encode(encoding)


def _cell(value: str | list[str]) -> str:
    words = [value] if isinstance(value, str) else value
    return ", ".join(SKILLS[word].fr if word in SKILLS else WORDS.get(word, word) for word in words)
