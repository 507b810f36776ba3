"""CSV files that a spreadsheet opens well (RFC 4180), in French and in English.

A UTF-8 mark at the start, lines that end in CR LF, and the separator that a spreadsheet in this language expects: ``;``
in French, where the comma is the decimal separator, ``,`` in English. Dates are ISO 8601.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote

MARK = "\ufeff"
SEPARATORS = {"fr": ";", "en": ","}
FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""The start of a text that a spreadsheet may run as a formula, also written in full width."""
YES = {"fr": ("oui", "non"), "en": ("yes", "no")}

Cell = str | int | float | bool | date | datetime | Sequence[str] | None


def spreadsheet(headers: Sequence[str], rows: Iterable[Sequence[Cell]], language: str) -> Iterator[bytes]:
    """The file in parts, a few kilobytes each."""
    yield (MARK + _lines([headers], language)).encode()
    part: list[Sequence[Cell]] = []
    for row in rows:
        part.append(row)
        if len(part) == 200:
            yield _lines(part, language).encode()
            part = []
    if part:
        yield _lines(part, language).encode()


def _lines(rows: Iterable[Sequence[Cell]], language: str) -> str:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=SEPARATORS[language], lineterminator="\r\n")
    writer.writerows([[text_of(cell, language) for cell in row] for row in rows])
    return made.getvalue()


def text_of(cell: Cell, language: str) -> str:
    """A cell as text. A text that a spreadsheet would run as a formula starts with an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES[language][0 if cell else 1]
    if isinstance(cell, int | float):
        return str(cell).replace(".", ",") if language == "fr" else str(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, date):
        return cell.isoformat()
    text = cell if isinstance(cell, str) else ", ".join(cell)
    return f"'{text}" if FORMULA.match(text) else text


def attachment(name: str) -> str:
    """The Content-Disposition of a file (RFC 6266): an ASCII name, and the real one for those that read RFC 5987."""
    name = " ".join(re.sub(r'[\x00-\x1f\x7f"\\/:*?<>|]', " ", name).split())
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
