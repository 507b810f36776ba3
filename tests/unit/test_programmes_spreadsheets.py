"""CSV files: as spreadsheets in French and English read them, and without formulas."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.programmes.views.spreadsheets import FORMULA, Cell, attachment, spreadsheet

HEADERS = ["Nom", "Séances"]


def read(made: bytes, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""), delimiter=separator))


def file(*rows: list[Cell], language: str = "fr") -> bytes:
    return b"".join(spreadsheet(HEADERS, rows, language))


def test_french_file_has_mark_semicolons_and_decimal_commas() -> None:
    assert file(["Élodie; Dupont", 2.5]) == '\ufeffNom;Séances\r\n"Élodie; Dupont";2,5\r\n'.encode()


def test_english_file_has_commas_and_decimal_points() -> None:
    assert file(["Dupont, Élodie", -2.5], language="en") == '\ufeffNom,Séances\r\n"Dupont, Élodie",-2.5\r\n'.encode()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+33 1 70", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =HYPERLINK(1)", "\u00a0=1", "＝1+1", "＠x"],
)
def test_formula_becomes_text(text: str) -> None:
    assert read(file([text, None]), ";")[1][0] == f"'{text}"


@pytest.mark.parametrize("text", ["Dupont-Durand", "a@b.example", "1=1", "'", "", "«=»"])
def test_ordinary_text_stays(text: str) -> None:
    assert read(file([text, 1]), ";")[1] == [text, "1"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_starts_a_formula_or_another_cell(text: str) -> None:
    for language, separator in (("fr", ";"), ("en", ",")):
        rows = read(file([text, 7], language=language), separator)
        assert [row[1] for row in rows] == ["Séances", "7"]
        assert rows[1][0] in (text, f"'{text}")
        assert not FORMULA.match(rows[1][0])


def test_dates_times_lists_and_flags_are_plain() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=1)))
    rows = read(file([date(2026, 3, 2), noon], [["crm", "ia"], True], [datetime(2026, 3, 2, tzinfo=UTC), False]), ";")
    assert rows[1:] == [["2026-03-02", "2026-03-02T11:00:00Z"], ["crm, ia", "oui"], ["2026-03-02T00:00:00Z", "non"]]


def test_long_file_comes_in_parts() -> None:
    parts = list(spreadsheet(HEADERS, ([place, 1] for place in range(450)), "fr"))
    assert len(parts) == 4
    assert len(read(b"".join(parts), ";")) == 451


def test_file_name_is_ascii_and_real() -> None:
    made = attachment('Vingt avec vingt : été "2026"/\r\nX - participants.csv')
    plain, _, real = made.partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="Vingt avec vingt ete 2026 X - participants.csv"'
    assert unquote(real) == "Vingt avec vingt été 2026 X - participants.csv"
    assert made.isascii()
