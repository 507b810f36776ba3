"""Every refusal and every field's error that the API documents has words, and nothing else has."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.forms import field_message
from web.refusals import CODES, REFUSALS, ROWS
from web.words import Words

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs/api.md").read_text()
OUR_FAULTS = {"malformed", "method-not-allowed", "not-json", "too-large"}
"""What the API answers only if the pages themselves are wrong: `web.factory` says so."""
WHOLE_PAGES = {"unauthenticated", "forbidden", "unavailable"}
"""What `web.api` raises, and `web.factory` answers with a page of its own."""


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the rows of the table after a heading, or after a line that begins so."""
    lines = iter(API.splitlines())
    next(line for line in lines if line.startswith(heading))
    next(line for line in lines if line.startswith("|---"))
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def codes() -> dict[str, set[str]]:
    """Each code of a field with the params that its sentence may show."""
    found = re.findall(r"`([a-z-]+)`(?: `\{([^}]*)\}`)?", "\n".join(row[1] for row in rows("## Codes of fields")))
    merged: dict[str, set[str]] = {}
    for code, params in found:
        merged.setdefault(code, set()).update(name.strip() for name in params.split(",") if name)
    return merged


def test_every_refusal_of_the_api_has_words() -> None:
    by_status = {name for row in rows("- Browsers may call") for name in re.findall(r"`([a-z-]+)`", row[1])}
    by_rule = {name for row in rows("## Rules by name") for name in re.findall(r"`([a-z-]+)`", row[0])}
    assert by_status | by_rule == REFUSALS.keys() | OUR_FAULTS | WHOLE_PAGES


def test_every_code_of_a_field_has_words() -> None:
    assert codes().keys() == CODES.keys()


def test_every_problem_of_a_spreadsheet_has_words() -> None:
    texts = json.loads((ROOT / "services/programmes/model/enrolling/texts.json").read_text())
    of_json = {"not-an-object", "unknown-field", "wrong-type"}  # the pages send spreadsheets
    assert {name.partition("/")[0] for name in texts} - of_json == ROWS.keys()


def test_sentences_show_only_what_the_error_carries() -> None:
    shown = {code: set(re.findall(r"%\((\w+)\)s", sentence)) for code, sentence in CODES.items()}
    assert {code: names - codes()[code] for code, names in shown.items() if names - codes()[code]} == {}


def test_sentences_end_as_sentences() -> None:
    sentences = [*REFUSALS.values(), *CODES.values(), *ROWS.values()]
    assert [text for text in sentences if not text.endswith((".", "…"))] == []


@pytest.mark.parametrize(("locale", "day"), [("fr", "2 décembre 2026"), ("en", "2 December 2026")])
def test_day_in_a_message_is_written_as_people_write_it(locale: str, day: str) -> None:
    said = field_message({"code": "window-outlasts", "params": {"until": "2026-12-02"}}, Words(locale, "Europe/Paris"))
    assert day in said.replace("\u00a0", " ").replace("\u202f", " ")
    assert "2026-12-02" not in said
