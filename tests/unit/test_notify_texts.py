"""The texts: both languages, the same placeholders, correct plurals, the recipient's time zone."""

from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest

from contracts.events import EVENTS
from services.notify.model.audience import KINDS
from services.notify.model.mails import PAGES
from services.notify.model.texts import LANGUAGES, catalogue, moment, render

CLOSES = datetime(2026, 11, 25, 9, 42, tzinfo=UTC)
DATA: dict[str, Any] = {"title": "CRM", "closes_at": CLOSES, "received": 2, "quotes": 3, "reason": "Coupe budgétaire"}
DATA |= {"pairs": 20, "unpaired": 1}
NAMES = [kind for kind in KINDS if kind not in ("window-ended", "programme")]
NAMES += ["window-ended/full", "window-ended/deadline", "programme/message", "programme/proposal"]


def forms(part: Any) -> list[str]:
    return list(part.values()) if isinstance(part, dict) else [part]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_kinds_and_texts_match() -> None:
    assert set(catalogue()) == {*NAMES, "mail", "account", "programmes"}
    sent = EVENTS["mail.requested", 1].schema().fields["kind"].validate.choices  # type: ignore[union-attr]
    assert all(catalogue()["account"][language].keys() == set(sent) for language in LANGUAGES)


@pytest.mark.parametrize("name", [*NAMES, "mail"])
def test_both_languages_have_the_same_parts_and_placeholders(name: str) -> None:
    text = catalogue()[name]
    assert set(text) == set(LANGUAGES)
    assert text["fr"].keys() == text["en"].keys()
    for part in text["fr"]:
        found = [placeholders(form) for language in LANGUAGES for form in forms(text[language][part])]
        assert all(names == found[0] for names in found), (name, part)
        assert all(form.strip() for language in LANGUAGES for form in forms(text[language][part]))


def test_account_mail_explains_itself_and_its_link_in_both_languages() -> None:
    for language in LANGUAGES:
        for kind, parts in catalogue()["account"][language].items():
            assert parts.keys() == {"title", "body", "open"}
            assert [part for part, text in parts.items() if not text] == ([] if kind in PAGES else ["open"])
            assert not any(placeholders(text) for text in parts.values())


@pytest.mark.parametrize("name", NAMES)
def test_counting_text_has_singular_and_plural(name: str) -> None:
    for language in LANGUAGES:
        for part in catalogue()[name][language].values():
            counts = any(placeholders(form) & {"received", "quotes", "pairs"} for form in forms(part))
            assert isinstance(part, dict) is counts
            assert not isinstance(part, dict) or set(part) == {"one", "other"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_can_be_rendered(name: str, language: str) -> None:
    kind, _, variant = name.partition("/")
    data = DATA | {"window-ended": {"reason": variant}, "programme": {"about": variant}}.get(kind, {})
    title, body = render(kind, data, language, "Europe/Paris")
    assert ("CRM" in title + body) == (kind != "programme")
    assert "{" not in title + body


@pytest.mark.parametrize(
    ("language", "count", "title"),
    [
        ("fr", 1, "1 devis reçu pour « CRM »"),
        ("fr", 5, "5 devis reçus pour « CRM »"),
        ("en", 1, "1 quote received for “CRM”"),
        ("en", 5, "5 quotes received for “CRM”"),
    ],
)
def test_number_of_quotes_has_the_right_plural(language: str, count: int, title: str) -> None:
    assert render("quote-received", {"title": "CRM", "received": count}, language, "Europe/Paris")[0] == title


@pytest.mark.parametrize(
    ("language", "zone", "shown"),
    [
        ("fr", "Europe/Paris", "mercredi 25 novembre 2026 à 10:42 (Europe/Paris)"),
        ("en", "Europe/Paris", "Wednesday 25 November 2026 at 10:42 (Europe/Paris)"),
        ("fr", "Indian/Reunion", "mercredi 25 novembre 2026 à 13:42 (Indian/Reunion)"),
    ],
)
def test_times_are_shown_in_the_recipients_time_zone(language: str, zone: str, shown: str) -> None:
    assert moment(CLOSES, language, zone) == shown
    assert shown in render("invited", DATA, language, zone)[1]


def test_title_with_braces_and_line_breaks_is_plain_text() -> None:
    title, body = render("invited", DATA | {"title": "{x}\r\nBcc: {0}"}, "en", "Europe/Paris")
    assert title == "A project is waiting for you: “{x} Bcc: {0}”"
    assert "{0}" in body
