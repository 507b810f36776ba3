"""A spreadsheet of people between two checks: its rows as the API read them, mended in place, and sent again. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from web.forms import Form

FIELDS = (
    "ref", "name", "email", "side", "organisation", "team", "manager_ref", "offers", "wants", "languages", "about",
    "place", "timezone", "availability", "capacity", "locale",
)  # fmt: skip
"""The headings of the file that is sent again; the API knows them by these names."""
ALWAYS = ("name", "email", "side")
"""The columns that the table to mend shows in any case: without them nobody knows whose row it is."""
FIRST_LINE = 2
Table = dict[int, dict[str, str]]
"""The cells of each line by field; a line is the row that the spreadsheet shows."""


def as_read(rows: Iterable[Mapping[str, Any]]) -> Table:
    """The table of the `rows` of the API's answer."""
    return {row["line"]: dict(row["cells"]) for row in rows}


def cell(line: int, field: str) -> str:
    """The name of a cell's input, and the anchor of its error."""
    return f"cell.{line}.{field}"


def packed(table: Table) -> str:
    """The table as a hidden field carries it from page to page: nothing is stored on a server."""
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


def mended(form: Form) -> Table:
    """The table that a form carries, with the cells that were mended, and without the lines that were left out."""
    table = _unpacked(form["rows"])
    for name, value in form.values.items():
        line, _, field = name.removeprefix("cell.").partition(".")
        if name.startswith("cell.") and field in FIELDS and line.isdecimal() and int(line) in table:
            table[int(line)][field] = value
    return {line: cells for line, cells in table.items() if not form.has("left_out", str(line))}


def _unpacked(text: str) -> Table:
    try:
        found = json.loads(text)
        return {
            int(line): {field: str(value) for field, value in cells.items() if field in FIELDS}
            for line, cells in found.items()
            if int(line) >= FIRST_LINE
        }
    except (ValueError, AttributeError):
        return {}


def as_csv(table: Table) -> bytes:
    """The table as a file in which each person keeps their line, so that messages name the rows of the spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    for line in range(FIRST_LINE, max(table, default=1) + 1):
        writer.writerow([table[line].get(field, "") for field in FIELDS] if line in table else [])
    return text.getvalue().encode()
