"""A row of a file: the texts of its cells, by field, before any of them is checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.programmes.model.enrolling.problems import Problem

MOST_ROWS = 5_000
"""Maximum number of people in one file."""
Cell = str | tuple[str, ...]
"""A text, or the items of a JSON list."""


@dataclass(frozen=True)
class Row:
    """One person as written. ``line`` is the row that the spreadsheet shows, or the item of a JSON list, from 1."""

    line: int
    cells: Mapping[str, Cell]

    def text(self, field: str) -> str:
        """The cell's text; empty if there is none."""
        cell = self.cells.get(field, "")
        return cell if isinstance(cell, str) else ", ".join(cell)


@dataclass(frozen=True)
class Rows:
    """The people of a file, what makes some of them unusable, and what was ignored.

    ``problems`` of line 1 in a spreadsheet concern its header; nobody of such a file is enrolled.
    """

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    whole: bool = True
    """False if nobody of the file can be enrolled, because a column is missing."""
