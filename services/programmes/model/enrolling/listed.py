"""Participants from a JSON list: the same fields as a spreadsheet's columns, by their English names."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.programmes.model.enrolling.columns import FIELDS
from services.programmes.model.enrolling.problems import FILE, Problem, Unreadable, problem
from services.programmes.model.enrolling.rows import MOST_ROWS, Cell, Row, Rows
from services.programmes.model.enrolling.spreadsheet import MOST_CELL, clean

LISTS = ("offers", "wants", "languages", "availability")
"""Fields that may be a list of texts instead of one text with commas."""


def read_list(items: Sequence[Any], side: str = "") -> Rows:
    """The people in a JSON list; the first is line 1. Raises `Unreadable` for an empty or too long list."""
    if not items:
        raise Unreadable("nobody")
    if len(items) > MOST_ROWS:
        raise Unreadable("too-many-rows", most=MOST_ROWS)
    rows, problems = list[Row](), list[Problem]()
    for line, item in enumerate(items, 1):
        found = _wrong(line, item)
        problems += found
        if not found:
            cells = {field: cell for field, value in item.items() if (cell := _cell(value))}
            rows.append(Row(line, ({"side": side} if side else {}) | cells))
    return Rows(tuple(rows), tuple(problems))


def _wrong(line: int, item: Any) -> list[Problem]:
    if not isinstance(item, Mapping):
        return [problem(line, FILE, "not-an-object")]
    unknown = [problem(line, name[:40], "unknown-field") for name in item if name not in FIELDS]
    typed = [problem(line, name, "wrong-type") for name, value in item.items() if not _fits(name, value)]
    return unknown or typed


def _fits(name: str, value: Any) -> bool:
    if value is None or _is_text(value):
        return True
    if name == "capacity":
        return type(value) is int
    return name in LISTS and isinstance(value, list) and all(map(_is_text, value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\x00" not in value and len(value) <= MOST_CELL


def _cell(value: Any) -> Cell:
    if isinstance(value, list):
        return tuple(text for item in value if (text := clean(item)))
    return "" if value is None else clean(str(value))
