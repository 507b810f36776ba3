"""The texts: both languages, the same placeholders, correct plurals, the recipient's time zone."""

import json
from datetime import UTC, datetime
from string import Formatter
from typing import Any
from zoneinfo import available_timezones

import pytest

from contracts.events import EVENTS
from contracts.parts import DATABASES
from services.accounts.model import (
    ADDRESS_CHANGED,
    ADDRESS_IN_USE,
    CONFIRM_ADDRESS,
    ERASURE_ASKED,
    ERASURE_INCOMPLETE,
    ERASURE_REFUSED,
    ERASURE_STOPPED,
    PASSWORD_CHANGED,
)
from services.notify.model.audience import KINDS
from services.notify.model.mails import PAGES, AccountMail, Address, Letterhead, compose_account_mail
from services.notify.model.moments import clock_of, moment
from services.notify.model.texts import LANGUAGES, VARIANTS, catalogue, render

CLOSES = datetime(2026, 11, 25, 9, 42, tzinfo=UTC)
DATA: dict[str, Any] = {"title": "CRM", "closes_at": CLOSES, "received": 2, "quotes": 3, "reason": "Coupe budgétaire"}
DATA |= {"pairs": 20, "unpaired": 1, "until": CLOSES}
NAMES = [kind for kind in KINDS if kind not in VARIANTS]
NAMES += ["window-ended/full", "window-ended/deadline", "programme/message", "programme/proposal"]
NAMES += ["choice-reopened/some", "choice-reopened/none", "project-completed/client", "project-completed/mentor"]
NAMES += ["review-shown/1", "review-shown/2", "project-expired", "project-expired/client"]
IN_ACCOUNT_MAILS = {"erasure-asked": {"at"}, "address-changed": {"at"}, "erasure-incomplete": {"confirmed", "missing"}}


def forms(part: Any) -> list[str]:
    return list(part.values()) if isinstance(part, dict) else [part]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_kinds_and_texts_match() -> None:
    assert set(catalogue()) == {*NAMES, "mail", "account", "services", "programmes"}
    sent = EVENTS["mail.requested", 1].schema().fields["kind"].validate.choices  # type: ignore[union-attr]
    sent = {*sent, ERASURE_ASKED, ERASURE_STOPPED, ERASURE_REFUSED, ERASURE_INCOMPLETE}
    sent |= {CONFIRM_ADDRESS, ADDRESS_IN_USE, ADDRESS_CHANGED, PASSWORD_CHANGED}
    assert all(catalogue()["account"][language].keys() == sent for language in LANGUAGES)
    assert all(catalogue()["services"][language].keys() == set(DATABASES) for language in LANGUAGES)


@pytest.mark.parametrize("name", [*NAMES, "mail"])
def test_both_languages_have_the_same_parts_and_placeholders(name: str) -> None:
    text = catalogue()[name]
    assert set(text) == set(LANGUAGES)
    assert text["fr"].keys() == text["en"].keys()
    for part in text["fr"]:
        found = [placeholders(form) for language in LANGUAGES for form in forms(text[language][part])]
        assert all(names == found[0] for names in found), (name, part)
        assert all(form.strip() for language in LANGUAGES for form in forms(text[language][part]))


@pytest.mark.parametrize("name", NAMES)
def test_link_of_a_mailed_kind_says_where_it_leads(name: str) -> None:
    for language in LANGUAGES:
        mailed = not name.startswith("programme/")  # programmes requests its mails, which have words of their own
        assert ("open" in catalogue()[name][language]) is mailed


def test_account_mail_explains_itself_and_its_link_in_both_languages() -> None:
    for language in LANGUAGES:
        for kind, parts in catalogue()["account"][language].items():
            assert parts.keys() == {"title", "body", "open"}
            assert [part for part, text in parts.items() if not text] == ([] if kind in PAGES else ["open"])
            assert set().union(*map(placeholders, parts.values())) == IN_ACCOUNT_MAILS.get(kind, set())


def test_incomplete_receipt_names_what_is_erased_and_what_is_not() -> None:
    mail = AccountMail("erasure-incomplete", Address("a@example.org", "", "en"), None, None, ["accounts"], ["projects"])
    letterhead = Letterhead("Relève <no-reply@releve.example>", "https://releve.example")
    message = compose_account_mail("d", mail, "Europe/Paris", letterhead, CLOSES)
    text = " ".join(str(message.get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]
    assert "Erased: – your account" in text
    assert "Not confirmed yet: – your organisation" in text
    assert "https://releve.example/legal" in text, "nobody answers where the mail comes from"


def test_mail_about_a_departure_says_when_and_how_to_stay() -> None:
    to = Address("a@example.org", "Thomas", "fr")
    letterhead = Letterhead("Relève <no-reply@releve.example>", "https://releve.example")
    mail = AccountMail("erasure-asked", to, "t0k3n", CLOSES)
    message = compose_account_mail("d", mail, "Europe/Paris", letterhead, CLOSES)
    text = " ".join(str(message.get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]
    assert "mercredi 25 novembre 2026 à 10 h 42" in text
    assert "https://releve.example/stay#t0k3n" in text


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
    data = DATA | ({VARIANTS[kind]: variant} if variant else {})
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
        ("fr", "Europe/Paris", "mercredi 25 novembre 2026 à 10 h 42 (heure de Paris)"),
        ("en", "Europe/Paris", "Wednesday 25 November 2026 at 10:42 (Paris time)"),
        ("fr", "Indian/Reunion", "mercredi 25 novembre 2026 à 13 h 42 (heure de La Réunion)"),
    ],
)
def test_times_are_shown_in_the_recipients_time_zone(language: str, zone: str, shown: str) -> None:
    assert moment(CLOSES, language, zone) == shown
    assert shown in render("invited", DATA, language, zone)[1]


@pytest.mark.parametrize(
    ("zone", "fr", "en"),
    [
        ("America/Montreal", "heure de Montreal", "Montreal time"),
        ("Europe/Amsterdam", "heure d'Amsterdam", "Amsterdam time"),
        ("America/Argentina/Buenos_Aires", "heure de Buenos Aires", "Buenos Aires time"),
        ("Europe/London", "heure de Londres", "London time"),
        ("UTC", "UTC", "UTC"),
        ("Etc/GMT+3", "Etc/GMT+3", "Etc/GMT+3"),
    ],
)
def test_clock_is_named_after_its_place(zone: str, fr: str, en: str) -> None:
    assert (clock_of(zone, "fr"), clock_of(zone, "en")) == (fr, en)


def test_every_zone_has_a_name() -> None:
    for zone in available_timezones():
        for language in LANGUAGES:
            assert clock_of(zone, language)


def test_first_of_a_month_is_said_in_french() -> None:
    assert moment(CLOSES.replace(day=1), "fr", "Europe/Paris").startswith("dimanche 1er novembre 2026 à 10 h 42")
    assert moment(CLOSES.replace(day=1), "en", "Europe/Paris").startswith("Sunday 1 November 2026 at 10:42")


def test_no_text_shouts() -> None:
    assert "!" not in json.dumps(catalogue())


def test_title_with_braces_and_line_breaks_is_plain_text() -> None:
    title, body = render("invited", DATA | {"title": "{x}\r\nBcc: {0}"}, "en", "Europe/Paris")
    assert title == "A project is waiting for you: “{x} Bcc: {0}”"
    assert "{0}" in body


def test_client_of_an_expired_project_is_addressed_and_mentors_read_of_the_client() -> None:
    to_client = render("project-expired", {"title": "CRM", "side": "client"}, "fr", "Europe/Paris")[1]
    assert "Vous pouvez le publier de nouveau" in to_client
    assert "le client" not in to_client
    assert "le client peut" in render("project-expired", {"title": "CRM"}, "fr", "Europe/Paris")[1]
