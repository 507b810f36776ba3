"""Single cells: sides, lists and skills, as people write them."""

import re
from functools import cache

from contracts.vocabulary import SKILLS, few_marks, fold
from services.programmes.model.enrolling.rows import Cell

MENTOR, MENTEE = "mentor", "mentee"
_ENDINGS = re.compile(r"(?:\((e|s|es|e\)\(s)\)|[·.\-•/]e(?:[·.\-•/]?s)?)\Z")
_ACCENTED = {"mentoré", "mentorés", "accompagné", "accompagnés", "tutoré", "tutorés", "coaché", "coachés"}
_SIDES = {
    MENTOR: (
        "mentor",
        "mentors",
        "mentorat",
        "reverse mentor",
        "mentor inverse",
        "accompagnateur",
        "accompagnatrice",
        "accompagnant",
        "accompagnante",
        "coach",
        "tuteur",
        "tutrice",
        "parrain",
        "marraine",
    ),
    MENTEE: (
        "mentee",
        "mentees",
        "mentoree",
        "mentorees",
        "accompagnee",
        "accompagnees",
        "beneficiaire",
        "beneficiaires",
        "filleul",
        "filleule",
        "protege",
        "protegee",
        "tutoree",
        "coachee",
    ),
}
_KNOWN_SIDES = {word: side for side, words in _SIDES.items() for word in words}
_BETWEEN = re.compile(r"[,;|\n•]|\s+/\s+|\s+-\s+")
_AND = re.compile(r"\s+(?:et|and|&|\+)\s+|/")


def side_of(text: str) -> str | None:
    """The side that a word names, or None.

    "Mentore" without its accent is either a mentee ("mentoré") or a woman who is a mentor, so it names none.
    """
    word = _ENDINGS.sub("", " ".join(text.casefold().split()))
    if word in _ACCENTED:
        return MENTEE
    return _KNOWN_SIDES.get(fold(few_marks(word)).replace("-", " "))


def split(cell: Cell, *, closely: bool = False) -> list[str]:
    """The distinct items of a cell: between commas, semicolons, bars or line breaks, and ``closely`` also at "et",
    "and" and slashes, which names of skills may contain.
    """
    if not isinstance(cell, str):
        parts = list(cell)
    else:
        parts = _BETWEEN.split(cell)
        parts = [piece for part in parts for piece in _AND.split(part)] if closely else parts
    return list(dict.fromkeys(text for part in parts if (text := part.strip(" \t-*.·"))))


def skill_of(text: str) -> str:
    """The id of the skill with this name, synonym or id; otherwise the words themselves."""
    return _skills().get(_plain(text), text)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(few_marks(text[:200]))))


@cache
def _skills() -> dict[str, str]:
    """Ids by plain name. A label counts before a synonym that is spelled the same."""
    found: dict[str, str] = {}
    for labels in (True, False):
        for skill in SKILLS.values():
            names = (skill.id, skill.fr, skill.en) if labels else skill.synonyms
            for name in names:
                found.setdefault(_plain(name), skill.id)
    return found
