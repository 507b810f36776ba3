"""Participants from a CSV file as Excel, LibreOffice, Google Sheets and Numbers write it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

from services.programmes.model.enrolling.columns import FIRST, LAST, fields_of
from services.programmes.model.enrolling.decoding import decode
from services.programmes.model.enrolling.problems import FILE, Problem, Unreadable, problem
from services.programmes.model.enrolling.rows import MOST_ROWS, Row, Rows

DELIMITERS = (";", ",", "\t")
NEEDED = ("name", "email", "side")
"""Columns that a file cannot do without; ``side`` only if the request does not say it."""
HEADER_WITHIN = 20
"""Rows in which the header is searched: titles and blank rows may precede it."""
MOST_LINES = 4 * MOST_ROWS
"""Maximum rows, blank ones included."""
MOST_CELL = 20_000
"""Maximum characters of a cell; a longer one is a quotation mark that was never closed."""
_SPACES = re.compile(r"[^\S\n]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_EXCEL = re.compile(r"\Asep=(.)\n", re.IGNORECASE)
_END = "end-of-file"


def read_spreadsheet(raw: bytes, side: str = "") -> Rows:
    """The people in a CSV file. ``side`` is the side of everybody, for a file without that column.

    Raises `Unreadable` if the file is no text, has no header with known names, or has more than `MOST_ROWS` people.
    """
    text = decode(raw)
    if not text.strip():
        raise Unreadable("empty")
    table, place = _table(text)
    fields = fields_of(table[place])
    needed = [name for name in NEEDED if name != "side" or not side]
    missing = [name for name in needed if name not in fields and not (name == "name" and FIRST in fields)]
    rows = tuple(
        Row(line, cells)
        for line, record in enumerate(table[place + 1 :], place + 2)
        if (cells := _cells(fields, record, side))
    )
    if len(rows) > MOST_ROWS:
        raise Unreadable("too-many-rows", most=MOST_ROWS)
    if missing:
        return Rows((), tuple(problem(place + 1, name, "column-missing") for name in missing), whole=False)
    if not rows:
        raise Unreadable("nobody")
    return Rows(rows, warnings=tuple(_unknown(fields, table[place], place + 1)))


def _table(text: str) -> tuple[list[list[str]], int]:
    """The rows of the file as the spreadsheet shows them, and the place of the header."""
    named = _EXCEL.match(text)
    if named:  # Excel reads this line and does not show it
        text = text[named.end() :]
    known, delimiter, place = max(
        (_header(text, delimiter) for delimiter in ([named[1]] if named else DELIMITERS)), key=lambda found: found[0]
    )
    if not known:
        raise Unreadable("no-header")
    return _split(text, delimiter), place


def _header(text: str, delimiter: str) -> tuple[int, str, int]:
    """How many known names the best of the first rows has with this delimiter, the delimiter, and that row's place."""
    best = (0, delimiter, 0)
    with suppress(csv.Error):
        for place, record in enumerate(islice(_records(text, delimiter), HEADER_WITHIN)):
            known = sum(field is not None for field in fields_of(record))
            if known > best[0]:
                best = (known, delimiter, place)
    return best


def _split(text: str, delimiter: str) -> list[list[str]]:
    """All rows. Raises `Unreadable` for more than `MOST_LINES`, or for a quotation mark that is never closed."""
    table: list[list[str]] = []
    try:
        for record in _records(f"{text}\n{_END}\n", delimiter):
            if any(len(cell) > MOST_CELL for cell in record):
                raise Unreadable("open-quote", len(table) + 1)
            table.append(record)
    except csv.Error as error:
        raise Unreadable("open-quote", len(table) + 1) from error
    if table[-1] != [_END]:  # the mark is inside a cell
        raise Unreadable("open-quote", len(table))
    if len(table) > MOST_LINES:
        raise Unreadable("too-many-rows", most=MOST_ROWS)
    return table[:-1]


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _cells(fields: Sequence[str | None], record: Sequence[str], side: str) -> dict[str, str]:
    """The cells of known columns that hold something; empty for a blank row."""
    found = {field: clean(cell) for field, cell in zip(fields, record, strict=False) if field is not None}
    cells = {field: text for field, text in found.items() if text}
    if not cells:
        return {}
    parts = [cells.pop(name) for name in (FIRST, LAST) if name in cells]
    if parts and "name" not in cells:
        cells["name"] = " ".join(parts)
    return ({"side": side} if side else {}) | cells


def clean(text: str) -> str:
    """The text without invisible characters and superfluous spaces; a line break inside a cell stays."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.translate(_INVISIBLE).split("\n"))
    return "\n".join(lines).strip()


def _unknown(fields: Sequence[str | None], headers: Sequence[str], line: int) -> list[Problem]:
    """A warning for each column with a heading that was ignored, by the column's letter."""
    return [
        problem(line, FILE, "column-ignored", column=letter(place))
        for place, (field, header) in enumerate(zip(fields, headers, strict=True))
        if field is None and clean(header)
    ]


def letter(place: int) -> str:
    """The letters that a spreadsheet shows above a column: A for 0, AB for 27."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
