"""Files of participants as spreadsheets write them, and JSON lists: rows, columns and encodings."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.facts import wrong
from services.programmes.model.enrolling.columns import field_of, fields_of
from services.programmes.model.enrolling.listed import read_list
from services.programmes.model.enrolling.problems import Unreadable
from services.programmes.model.enrolling.rows import MOST_ROWS, Rows
from services.programmes.model.enrolling.spreadsheet import letter, read_spreadsheet

EXCEL_FR = (
    "Réf;Prénom;Nom;Adresse e-mail;Rôle;Responsable;Apporte;Souhaite;Langues;;\r\n"
    "101;Zoé;Lefèvre;zoe.lefevre@example.com;Mentor;;Réseaux sociaux, IA générative;;français, anglais;;\r\n"
    ";;;;;;;;;;\r\n"
    '7;Gérard;d\'Ormesson;gerard@example.com;Mentoré;;;"CRM\r\nculture de la donnée – œuvre";Français;;\r\n'
).encode("cp1252")
"""Excel in French, "CSV (séparateur : point-virgule)": Windows-1252, a blank row, empty columns at the end."""
GOOGLE = (
    "ref,name,email,side,offers,languages\r\n"
    'a1,"Martin, Zoé",zoe@example.com,mentor,"LinkedIn, CRM","French, English"\r\n'
    "a2,Gérard Blanc,gerard@example.com,mentee,,French"
).encode()
"""Google Sheets: UTF-8 without BOM, commas, no line break at the end."""
LIBREOFFICE = (
    "\ufeff"
    '"Identifiant","Prénom Nom","Courriel","Côté","Équipe","N+1"\n'
    '"b1","Zoé ""Zo"" Petit","zoe@example.com","mentor","DSI","b2"\n'
    '"b2","Luc Petit","luc@example.com","accompagné","Direction",""\n'
).encode()
"""LibreOffice: UTF-8 with BOM, every text quoted."""
NUMBERS = (
    "Programme 2.0;;;\n\n"
    "Nom complet;Mail;Rôle;Ville\n"
    "Zoe\u0301 Petit;zoe@example.com;mentore\u0301e;Saint-E\u0301tienne\n"
).encode()
"""Numbers on a Mac: decomposed accents, the table's title above the header."""
EXCEL_UNICODE = "\ufeffNom\tE-mail\tRôle\r\nZoé Petit\tzoe@example.com\tmentor\r\n"
"""Excel, "Texte Unicode": UTF-16 with BOM, tabs."""
EXCEL_MAC = "Nom;E-mail;Rôle\rÈve François;eve@example.com;mentorée\r".encode("mac_roman")
"""Excel for Mac, "CSV (Macintosh)": Mac OS Roman, carriage returns."""


def people(raw: bytes, **more: str) -> list[tuple[int, dict[str, Any]]]:
    return [(row.line, dict(row.cells)) for row in read_spreadsheet(raw, **more).rows]


def code(raw: bytes) -> tuple[str, int]:
    with pytest.raises(Unreadable) as raised:
        read_spreadsheet(raw)
    return raised.value.problem.code, raised.value.problem.line


def test_french_excel_export_is_read_with_its_row_numbers() -> None:
    first, second = people(EXCEL_FR)
    assert first == (
        2,
        {
            "ref": "101",
            "name": "Zoé Lefèvre",
            "email": "zoe.lefevre@example.com",
            "side": "Mentor",
            "offers": "Réseaux sociaux, IA générative",
            "languages": "français, anglais",
        },
    )
    assert second[0] == 4, "the blank row counts, the line break inside a cell does not"
    assert second[1]["wants"] == "CRM\nculture de la donnée – œuvre"
    assert read_spreadsheet(EXCEL_FR).warnings == ()


def test_google_sheets_export_is_read() -> None:
    rows = people(GOOGLE)
    assert [(line, cells["name"]) for line, cells in rows] == [(2, "Martin, Zoé"), (3, "Gérard Blanc")]
    assert rows[0][1]["offers"] == "LinkedIn, CRM"


def test_libreoffice_export_is_read() -> None:
    (_, first), (_, second) = people(LIBREOFFICE)
    assert (first["ref"], first["name"], first["team"], first["manager_ref"]) == ("b1", 'Zoé "Zo" Petit', "DSI", "b2")
    assert second["side"] == "accompagné"


def test_numbers_export_with_a_title_is_read() -> None:
    ((line, cells),) = people(NUMBERS)
    assert (line, cells["name"], cells["side"]) == (4, "Zoé Petit", "mentorée")
    assert cells["place"] == "Saint-Étienne", "accents are composed"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unicode_text_of_excel_is_read(encoding: str) -> None:
    ((line, cells),) = people(EXCEL_UNICODE.encode(encoding))
    assert (line, cells) == (2, {"name": "Zoé Petit", "email": "zoe@example.com", "side": "mentor"})


def test_old_macintosh_export_is_read() -> None:
    assert people(EXCEL_MAC) == [(2, {"name": "Ève François", "email": "eve@example.com", "side": "mentorée"})]


def test_separator_line_of_excel_is_not_counted() -> None:
    raw = b"sep=|\r\nNom|E-mail|R\xf4le\r\nZ|z@example.com|mentor\r\n"
    assert people(raw) == [(2, {"name": "Z", "email": "z@example.com", "side": "mentor"})]


def test_commas_inside_cells_do_not_hide_the_semicolons() -> None:
    raw = "Nom;E-mail;Rôle;Souhaite, si possible\nA, B, C, D;a@example.com;mentor;CRM, IA, web\n".encode()
    assert people(raw)[0][1]["name"] == "A, B, C, D"


def test_texts_like_formulas_stay_as_they_are() -> None:
    raw = b"name,email,side,about\n=1+1,a@example.com,mentor,@SUM(A1)\n"
    assert people(raw)[0][1] == {"name": "=1+1", "email": "a@example.com", "side": "mentor", "about": "@SUM(A1)"}


def test_one_side_may_be_given_for_the_whole_file() -> None:
    raw = b"nom,mail\nA,a@example.com\n"
    assert people(raw, side="mentee") == [(2, {"name": "A", "email": "a@example.com", "side": "mentee"})]


def test_missing_columns_are_reported_and_nobody_is_read() -> None:
    found = read_spreadsheet(b"nom;entreprise\nA;B\n")
    assert [(one.line, one.field, one.code) for one in found.problems] == [
        (1, "email", "column-missing"),
        (1, "side", "column-missing"),
    ]
    assert (found.rows, found.whole) == ((), False)
    assert found.problems[0].message("fr") == "Il manque une colonne « e-mail »."


def test_unknown_column_is_reported_by_its_letter() -> None:
    found = read_spreadsheet("nom;e-mail;rôle;manageur;;mail\nA;a@example.com;mentor;x;;b\n".encode())
    assert [one.message("en") for one in found.warnings] == [
        "The heading of column D is not recognised: the column was ignored.",
        "The heading of column F is not recognised: the column was ignored.",
    ]
    assert found.rows[0].cells["email"] == "a@example.com", "the first of two columns for a field counts"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"PK\x03\x04rest", ("workbook", 1)),
        (b"\xd0\xcf\x11\xe0rest", ("workbook", 1)),
        (b"%PDF\x00\x01", ("not-text", 1)),
        (b"\xff\xfea", ("not-text", 1)),
        (b"", ("empty", 1)),
        (b"\xef\xbb\xbf \r\n", ("empty", 1)),
        (b"a,b,c\n1,2,3\n", ("no-header", 1)),
        (b"name,email,side\n,,\n", ("nobody", 1)),
        (b'name,email,side\nA,a@example.com,mentor\n"B,b@example.com,mentor\nC,c@x.org,mentor\n', ("open-quote", 3)),
        (b'name,email,side\n"' + b"x\n" * 30_000, ("open-quote", 2)),
        (b'name,email,side\n"' + b"x" * 200_000, ("open-quote", 2)),
        (b"name,email,side\n" + b"A,a@example.com,mentor\n" * (MOST_ROWS + 1), ("too-many-rows", 1)),
        (b"name,email,side\n" + b"\n" * 30_000 + b"A,a@example.com,mentor\n", ("too-many-rows", 1)),
    ],
)
def test_unusable_file_is_refused_with_its_reason(raw: bytes, expected: tuple[str, int]) -> None:
    assert code(raw) == expected


@given(st.binary(max_size=300) | st.text('";,\n\ra1éﬁ\u200b@', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused_by_name(body: bytes) -> None:
    for raw in (body, b"nom;e-mail;r\xf4le\r\n" + body):
        with suppress(Unreadable):
            found = read_spreadsheet(raw)
            assert found.rows or found.problems


def test_largest_file_is_read() -> None:
    raw = b"name,email,side\n" + b"".join(b"A,a%d@example.com,mentor\n" % number for number in range(MOST_ROWS))
    assert len(read_spreadsheet(raw).rows) == MOST_ROWS


def test_refused_file_is_explained_in_the_programmes_language() -> None:
    refusal = Unreadable("too-many-rows", most=5000).refusal("fr")
    assert refusal.name == "invalid"
    message = "Un fichier contient au plus 5000 personnes. Envoyez-en plusieurs."
    assert refusal.errors == [wrong("file", "too-many-rows", message, most="5000")]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("  E-MAIL (professionnel) * ", "email"),
        ("adresse_mail", "email"),
        ("N + 1", "manager_ref"),
        ("Réf. responsable", "manager_ref"),
        ("SOCIETE", "organisation"),
        ("Langue(s)", "languages"),
        ("Langue des mails", "locale"),
        ("Fuseau horaire", "timezone"),
        ("manager_ref", "manager_ref"),
        ("Disponibilités", "availability"),
        ("À propos", "about"),
        ("Date de naissance", None),
        ("", None),
    ],
)
def test_headings_are_recognised_without_case_accents_or_punctuation(header: str, field: str | None) -> None:
    assert field_of(header) == field


def test_lone_surname_column_is_the_whole_name() -> None:
    assert fields_of(["Nom", "Mail"]) == ["name", "email"]
    assert fields_of(["Nom", "Prénom"]) == ["last_name", "first_name"]


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [letter(place) for place in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


# JSON.


def listed(*items: Any, side: str = "") -> Rows:
    return read_list(items, side)


def test_json_list_is_read_with_texts_or_lists() -> None:
    one = {"name": " A ", "email": "a@b.org", "offers": ["crm", " seo "], "capacity": 2, "about": None, "wants": "x"}
    (row,) = listed(one, side="mentor").rows
    read = {"name": "A", "email": "a@b.org", "offers": ("crm", "seo"), "capacity": "2", "wants": "x", "side": "mentor"}
    assert (row.line, row.cells) == (1, read)


@pytest.mark.parametrize(
    ("item", "field", "expected"),
    [
        ([], "file", "not-an-object"),
        ({"nom": "A"}, "nom", "unknown-field"),
        ({"name": 1}, "name", "wrong-type"),
        ({"name": "\x00"}, "name", "wrong-type"),
        ({"name": ["A"]}, "name", "wrong-type"),
        ({"offers": [1]}, "offers", "wrong-type"),
        ({"capacity": True}, "capacity", "wrong-type"),
        ({"about": "x" * 20_001}, "about", "wrong-type"),
    ],
)
def test_malformed_item_is_reported_by_its_number(item: Any, field: str, expected: str) -> None:
    found = listed({"name": "A"}, item)
    assert [(one.line, one.field, one.code) for one in found.problems] == [(2, field, expected)]
    assert len(found.rows) == 1


@pytest.mark.parametrize(("items", "expected"), [([], "nobody"), ([{}] * (MOST_ROWS + 1), "too-many-rows")])
def test_empty_or_too_long_list_is_refused(items: list[Any], expected: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_list(items)
    assert raised.value.problem.code == expected


# Texts.

MODEL = "services/programmes/model/enrolling"


def test_every_code_has_both_languages_and_is_documented(root: Path) -> None:
    texts = json.loads((root / MODEL / "texts.json").read_text(encoding="utf-8"))
    known = {name.partition("/")[0] for name in texts}
    code = "".join(path.read_text(encoding="utf-8") for path in (root / MODEL).glob("*.py"))
    assert {name for name in known if f'"{name}"' not in code} == set(), "these texts are never used"
    assert all(both.keys() == {"fr", "en"} for both in texts.values())
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    whole = {"workbook", "not-text", "empty", "nobody", "no-header", "too-many-rows", "open-quote"}
    assert {name for name in known - whole if f"`{name}`" not in page} == set()
