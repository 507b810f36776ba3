"""What people type, and what a refusal says at which field."""

import pytest
from werkzeug.datastructures import MultiDict

from web.api import Answer, path
from web.forms import Form, amount, lines, number, typed, whole
from web.words import Words


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1200", 120000), ("1 200,50", 120050), ("1,200.50", 120050), ("1.200,50", 120050), ("1200.5", 120050),
        ("1\u202f200 €", 120000), ("€1,200", 120000), ("1.200", 120000), ("0,05", 5), ("12 000 000", 1200000000),
        ("", None), ("un peu", None), ("1,2,3", None), ("-5", None), ("1e3", None), ("12,", None), ("١٢", None),
    ],
)  # fmt: skip
def test_price_is_read_as_people_write_it(text: str, cents: int | None) -> None:
    assert amount(text) == cents


def test_days_are_read_with_comma_and_point() -> None:
    assert [number(text) for text in ("3,5", "3.5", " 4 ", "x", "-1", "")] == [3.5, 3.5, 4.0, None, None, None]


@pytest.mark.parametrize(("text", "value"), [("12", 12), ("twelve", "twelve"), ("3²", "3²"), ("", "")])
def test_what_is_no_whole_number_stays_as_typed(text: str, value: int | str) -> None:
    assert whole(text) == value


def test_lists_are_read_by_line_and_comma() -> None:
    assert lines("Perrier\n Vittel, Contrex ;\n\n") == ["Perrier", "Vittel", "Contrex"]


def test_our_own_fields_are_no_part_of_what_was_typed() -> None:
    form = typed(MultiDict([("title", "a\r\nb"), ("_nonce", "n"), ("topics", "crm"), ("topics", "seo")]))
    assert (form["title"], form["_nonce"], form.all("topics")) == ("a\nb", "", ["crm", "seo"])


def test_refusal_says_what_happened_at_the_field() -> None:
    errors = [{"field": "price.amount", "code": "too-small", "params": {"min": 1}, "message": "English"}]
    answer = Answer(422, {"type": "urn:releve:problem:invalid", "errors": errors})
    form = Form().refused(answer, Words("fr"), {"price": "cost"})
    assert form.errors == {"cost": ["Trop petit\u00a0: au moins 1."]}
    assert form.problem == ""


def test_unknown_code_never_shows_english_to_a_french_reader() -> None:
    answer = Answer(422, {"type": "urn:releve:problem:invalid", "errors": [{"field": "x", "message": "Some English."}]})
    assert Form().refused(answer, Words("fr")).errors == {"x": ["Ce n’est pas accepté ici."]}


def test_named_refusal_is_a_sentence_about_the_whole_form() -> None:
    form = Form().refused(Answer(409, {"type": "urn:releve:problem:round-full"}), Words("en"))
    assert form.problem == "All five places are taken. Your text stays here."


@pytest.mark.parametrize("id", ["../accounts", "a/b", "a?b=1", "a#b", "%2e%2e", "é"])
def test_id_from_an_address_stays_one_part_of_a_path(id: str) -> None:
    made = path("projects", id, "client")
    assert made.count("/") == 4
    assert not set("?#") & set(made)
    assert ".." not in made.split("/")
