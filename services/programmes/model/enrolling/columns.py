"""The names that spreadsheets give to the columns of participants, in French and English."""

import re
from collections.abc import Sequence

from contracts.vocabulary import few_marks, fold

FIELDS = (
    "ref",
    "name",
    "email",
    "side",
    "organisation",
    "team",
    "manager_ref",
    "offers",
    "wants",
    "languages",
    "about",
    "place",
    "timezone",
    "availability",
    "capacity",
    "locale",
)
"""The fields of a participant; a JSON list uses these names only."""
FIRST, LAST = "first_name", "last_name"
"""Two columns that together are the name."""

_NAMES: dict[str, tuple[str, ...]] = {
    "ref": ("ref", "référence", "reference", "identifiant", "id", "matricule", "employee id", "numéro", "n°", "no"),
    "name": (
        "name",
        "full name",
        "nom complet",
        "prénom nom",
        "prénom et nom",
        "nom prénom",
        "nom et prénom",
        "nom de la personne",
        "participant",
        "participante",
    ),
    FIRST: ("prénom", "prénoms", "first name", "given name", "forename"),
    LAST: ("nom", "nom de famille", "last name", "family name", "surname"),
    "email": (
        "email",
        "e-mail",
        "mail",
        "courriel",
        "adresse mail",
        "adresse e-mail",
        "adresse électronique",
        "adresse courriel",
        "adresse de courriel",
        "adresse de messagerie",
        "email address",
        "mail address",
        "e-mail professionnel",
        "mail professionnel",
        "adresse mail professionnelle",
        "work email",
    ),
    "side": ("side", "côté", "rôle", "role", "type", "profil", "mentor ou mentoré", "mentor or mentee"),
    "organisation": ("organisation", "organization", "entreprise", "société", "company", "employeur", "employer"),
    "team": ("team", "équipe", "service", "département", "department", "direction", "pôle", "unit", "unité"),
    "manager_ref": (
        "manager ref",
        "manager",
        "responsable",
        "responsable hiérarchique",
        "supérieur hiérarchique",
        "n+1",
        "réf responsable",
        "référence du responsable",
        "réf du responsable",
        "réf manager",
        "e-mail du manager",
        "e-mail du responsable",
        "courriel du responsable",
        "manager email",
        "line manager",
        "reports to",
        "supervisor",
    ),
    "offers": (
        "offers",
        "offer",
        "apporte",
        "j'apporte",
        "apports",
        "propose",
        "je propose",
        "offre",
        "compétences",
        "compétences apportées",
        "compétences proposées",
        "peut transmettre",
        "skills",
        "can offer",
        "skills offered",
    ),
    "wants": (
        "wants",
        "want",
        "souhaite",
        "je souhaite",
        "souhaits",
        "besoin",
        "besoins",
        "attentes",
        "cherche",
        "je cherche",
        "recherche",
        "sujets souhaités",
        "thèmes souhaités",
        "compétences souhaitées",
        "veut apprendre",
        "needs",
        "topics",
        "skills wanted",
        "wants to learn",
    ),
    "languages": ("languages", "language", "langues", "langue", "langues parlées", "spoken languages"),
    "about": ("about", "à propos", "présentation", "bio", "description", "quelques mots", "commentaire", "fonction"),
    "place": ("place", "lieu", "ville", "site", "lieu de travail", "localisation", "location", "city", "office"),
    "timezone": ("timezone", "time zone", "fuseau", "fuseau horaire"),
    "availability": ("availability", "disponibilité", "disponibilités", "dispos", "disponible", "available"),
    "capacity": (
        "capacity",
        "capacité",
        "places",
        "nombre de mentorés",
        "nombre de mentees",
        "nombre maximum",
        "maximum",
        "max",
    ),
    "locale": (
        "locale",
        "langue des mails",
        "langue des e-mails",
        "langue des courriels",
        "langue du courriel",
        "mail language",
        "email language",
        "language of mails",
    ),
}


def key_of(header: str) -> str:
    """The header without case, accents, spaces, punctuation and remarks in brackets: "E-mail (pro) *" is ``email``."""
    words = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", header[:200])
    return re.sub(r"[^a-z0-9]", "", fold(few_marks(words)))


_KEYS = {key_of(name): field for field, names in _NAMES.items() for name in (field, *names)}


def field_of(header: str) -> str | None:
    """The field that a column holds, or None for a column that this service does not know."""
    return _KEYS.get(key_of(header))


def fields_of(headers: Sequence[str]) -> list[str | None]:
    """The field of each column. The first of two columns for one field counts, and a lone "Nom" is the whole name."""
    found: list[str | None] = []
    for header in headers:
        field = field_of(header)
        found.append(None if field in found else field)
    if FIRST not in found and "name" not in found:
        found = ["name" if field == LAST else field for field in found]
    return found
