"""What is wrong in a file of participants: by line and field, with a code and a message in the programme's language.

A message never repeats a cell: it may end in a log or in another person's screenshot. The line is enough to find it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chassis.facts import Refusal, wrong

FILE = "file"
"""The field of a problem that concerns the whole file."""


@dataclass(frozen=True)
class Problem:
    """One problem of one cell. ``line`` is the row that the spreadsheet shows, or the item of a JSON list, from 1."""

    line: int
    field: str
    code: str
    values: tuple[tuple[str, str], ...] = ()

    def message(self, language: str) -> str:
        """One sentence for the person who made the file."""
        texts = _texts()
        text = texts.get(f"{self.code}/{self.field}") or texts[self.code]
        return text[language].format(**dict(self.values))

    def error(self, language: str) -> dict[str, Any]:
        """The problem as a refusal lists it."""
        return wrong(self.field, self.code, self.message(language), **dict(self.values))

    def shown(self, language: str) -> dict[str, object]:
        """The problem as an answer lists it."""
        known = {"line": self.line, "field": self.field, "code": self.code}
        return {**known, "message": self.message(language)}


def problem(line: int, field: str, code: str, **values: object) -> Problem:
    """A problem; ``values`` fill its message and never come from a cell."""
    return Problem(line, field, code, tuple((name, str(value)) for name, value in values.items()))


class Unreadable(Exception):
    """The file as a whole cannot be used; ``code`` names why."""

    def __init__(self, code: str, line: int = 1, **values: object) -> None:
        super().__init__(code)
        self.problem = problem(line, FILE, code, **values)

    def refusal(self, language: str) -> Refusal:
        """The refusal of the whole file: ``invalid``, with the reason in the programme's language."""
        message = self.problem.message(language)
        return Refusal("invalid", message, errors=[self.problem.error(language)])


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(
        Path(__file__).with_name("texts.json").read_text(encoding="utf-8")
    )
    return found
