"""Checks each cell of a row alone, and reads it: a row becomes a candidate, or problems."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from contracts.fields import is_visible
from contracts.scan import is_no_name
from contracts.vocabulary import few_marks, fold
from services.programmes.model.enrolling.availability import half_days
from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.emails import email_of
from services.programmes.model.enrolling.languages import language_of
from services.programmes.model.enrolling.problems import Problem, problem
from services.programmes.model.enrolling.rows import Row
from services.programmes.model.enrolling.words import side_of, skill_of, split

LONGEST = {"name": 100, "organisation": 100, "team": 100, "manager_ref": 254, "place": 100, "about": 2_000}
"""Maximum characters of texts."""
MOST_SKILLS, LONGEST_SKILL = 20, 100
MOST_LANGUAGES = 10
MOST_CAPACITY = 20
LOCALES = ("fr", "en")
_REF = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_NUMBER = re.compile(r"\A(\d{1,3})(?:[.,]0+)?\Z", re.ASCII)


@dataclass(frozen=True)
class Expected:
    """What a programme says about its people: language, organisations, and whose people the caller may enrol."""

    language: str = "fr"
    organisations: tuple[str, ...] = ()
    organisation: str = ""
    """The only organisation of the caller's people, if the caller is an organiser."""


def organisation_in(text: str, expected: Expected) -> tuple[str, str]:
    """The organisation as the programme spells it, and the code of what is wrong, or an empty code.

    With several organisations it must be one of them; with one, or none, the text is free.
    """
    names = expected.organisations
    if expected.organisation:
        other = text and not _same(text, expected.organisation)
        return expected.organisation, "not-yours" if other else ""
    if not text:
        return (names[0] if len(names) == 1 else ""), "missing" if len(names) > 1 else ""
    same = [name for name in names if _same(name, text)]
    return (same[0] if same else text), "unknown-organisation" if len(names) > 1 and not same else ""


def _same(one: str, other: str) -> bool:
    """Whether two names of organisations differ in case, accents, spaces and punctuation only."""
    folded = [re.sub(r"[\W_]+", "", fold(few_marks(name))) for name in (one, other)]
    return folded[0] == folded[1] and (bool(folded[0]) or one == other)


class _Cells:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def wrong(self, field: str, code: str, **values: object) -> None:
        self.problems.append(problem(self.row.line, field, code, **values))

    def text(self, field: str, *, needed: bool = False) -> str:
        text = self.row.text(field)
        if len(text) > LONGEST[field]:
            self.wrong(field, "too-long", most=LONGEST[field])
        elif needed and not is_visible(text):
            self.wrong(field, "missing")
        return text

    def skills(self, field: str) -> tuple[str, ...]:
        words = split(self.row.cells.get(field, ""))
        if len(words) > MOST_SKILLS:
            self.wrong(field, "too-many-items", most=MOST_SKILLS)
        elif any(len(word) > LONGEST_SKILL for word in words):
            self.wrong(field, "too-long", most=LONGEST_SKILL)
        return tuple(dict.fromkeys(map(skill_of, words[:MOST_SKILLS])))


def check_row(row: Row, expected: Expected) -> tuple[Candidate | None, list[Problem], list[Problem]]:
    """The candidate in a row, or None with the problems of its cells; and warnings about what was ignored."""
    cells = _Cells(row)
    languages = _languages(cells)
    candidate = Candidate(
        line=row.line,
        ref=_ref(cells),
        name=_name(cells),
        email=_known(cells, "email", email_of, "bad-email"),
        side=_known(cells, "side", side_of, "unknown-side"),
        organisation=_organisation(cells, expected),
        team=cells.text("team"),
        manager=cells.text("manager_ref"),
        offers=cells.skills("offers"),
        wants=cells.skills("wants"),
        languages=languages or (expected.language,),
        about=cells.text("about"),
        place=cells.text("place"),
        timezone=_timezone(cells),
        availability=_availability(cells),
        capacity=_capacity(cells),
        locale=_locale(cells, languages, expected.language),
    )
    return (None if cells.problems else candidate), cells.problems, cells.warnings


def _name(cells: _Cells) -> str:
    """The name on one line. What looks like a link or an address is refused: others read names, also in mails."""
    name = cells.text("name", needed=True).replace("\n", " ")
    if is_no_name(name):
        cells.wrong("name", "not-a-name")
    return name


def _known(cells: _Cells, field: str, read: Callable[[str], str | None], code: str) -> str:
    text = cells.row.text(field)
    found = read(text) if text else None
    if found is None:
        cells.wrong(field, code if text else "missing")
    return found or ""


def _ref(cells: _Cells) -> str:
    """The reference. An e-mail in its place counts as none: a reference is part of addresses, an e-mail never is."""
    text = cells.row.text("ref")
    if "@" in text:
        return ""
    if text and not _REF.match(text):
        cells.wrong("ref", "bad-ref")
    return text


def _organisation(cells: _Cells, expected: Expected) -> str:
    name, code = organisation_in(cells.text("organisation"), expected)
    if code:
        cells.wrong("organisation", code)
    return name


def _languages(cells: _Cells) -> tuple[str, ...]:
    words = split(cells.row.cells.get("languages", ""), closely=True)
    codes = [language_of(word) for word in words]
    if None in codes:
        cells.wrong("languages", "unknown-language")
    if len(codes) > MOST_LANGUAGES:
        cells.wrong("languages", "too-many-items", most=MOST_LANGUAGES)
    return tuple(dict.fromkeys(code for code in codes if code))


def _locale(cells: _Cells, languages: Sequence[str], usual: str) -> str:
    """The language of this person's mails: the programme's, unless the person speaks only the other one."""
    text = cells.row.text("locale")
    if text:
        code = language_of(text)
        if code not in LOCALES:
            cells.wrong("locale", "unknown-locale")
        return code or usual
    spoken = [code for code in languages if code in LOCALES]
    return usual if usual in spoken or not spoken else spoken[0]


def _timezone(cells: _Cells) -> str:
    text = cells.row.text("timezone").replace(" ", "_")
    if text and text not in available_timezones():
        cells.wrong("timezone", "unknown-timezone")
    return text


def _availability(cells: _Cells) -> tuple[str, ...]:
    found = dict[str, None]()
    for phrase in split(cells.row.cells.get("availability", ""), closely=True):
        halves = half_days(phrase)
        if halves is None:
            cells.warnings.append(problem(cells.row.line, "availability", "availability-ignored"))
        found |= dict.fromkeys(halves or ())
    return tuple(found)


def _capacity(cells: _Cells) -> int | None:
    text = cells.row.text("capacity")
    if not text:
        return None
    number = _NUMBER.match(text)
    if number is None or not 1 <= int(number[1]) <= MOST_CAPACITY:
        cells.wrong("capacity", "bad-number", most=MOST_CAPACITY)
        return None
    return int(number[1])
