"""The mails of programmes: words for every kind in both languages, when they are sent, and how they look."""

import re
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from contracts.messages import COMMON, COUNTS, MESSAGES
from services.notify.model.audience import Notice
from services.notify.model.mailing import STALE_AFTER
from services.notify.model.mails import Address, Letterhead
from services.notify.model.people import QuietHours
from services.notify.model.programme_mails import (
    ASKED_FOR,
    LAST,
    OWED,
    ProgrammeMail,
    compose_programme_mail,
    notices_of,
    plan,
)
from services.notify.model.programme_texts import SWITCHES, placeholders, words_of
from services.notify.model.texts import LANGUAGES, catalogue
from tests.kit.letters import bodies_of

AT = datetime(2026, 11, 25, 9, 42, tzinfo=UTC)
PARIS = "Europe/Paris"
VALUES: dict[str, Any] = {
    "programme": "Horizons", "host": "PWN Paris", "contact_name": "Claire Petit", "contact_email": "claire@pwn.example",
    "until": AT, "purpose": "Vous dirigez une équipe.", "side": "mentee", "format": "pairing", "organisation": "AXA",
    "partner": "Inès Roy",
    "partner_email": "ines@pwn.example", "answer_by": AT, "starts_at": AT, "team": "Les Ponts", "challenge": "Oser",
    "moment": "start", "pairs": 3, "unpaired": 2, "count": 4,
}  # fmt: skip
BLAME = re.compile(
    r"\b(faute|retard|manqué|oublié|toujours pas|n.avez pas|échec|abandon\w*|refus\w*|"
    r"fault|late|missed|forgot\w*|fail\w*|you did not|you have not|refus\w*|reject\w*)\b", re.IGNORECASE,
)  # fmt: skip
ALL = [(kind, language) for kind in MESSAGES for language in LANGUAGES]


def given(kind: str) -> dict[str, Any]:
    return {name: VALUES[name] for name in (*COMMON, *MESSAGES[kind])}


def forms(part: Any) -> list[str]:
    return list(part.values()) if isinstance(part, dict) else [part]


def parts_of(kind: str, language: str) -> list[Any]:
    text = catalogue()["programmes"][language][kind]
    assert text.keys() == {"title", "body", "open"}
    return [text["title"], *text["body"], text["open"]]


def test_every_message_of_the_contract_has_words() -> None:
    for language in LANGUAGES:
        assert catalogue()["programmes"][language].keys() == MESSAGES.keys()
    assert MESSAGES.keys() >= OWED | LAST


@pytest.mark.parametrize("kind", MESSAGES)
def test_both_languages_say_the_same_with_the_same_values(kind: str) -> None:
    french, english = ([forms(part) for part in parts_of(kind, language)] for language in LANGUAGES)
    shapes = [[[placeholders(form) for form in part] for part in text] for text in (french, english)]
    assert shapes[0] == shapes[1]
    used = {name for part in shapes[0] for form in part for name in form}
    switches = {name for name in SWITCHES if any(VALUES[name] in part for part in parts_of(kind, "fr"))}
    assert used <= {*COMMON, *MESSAGES[kind]}, "programmes gives no other value"
    assert {*MESSAGES[kind]} <= used | switches, "a value is given that no text shows"


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_mail_with_every_value_has_every_paragraph(kind: str, language: str) -> None:
    words = words_of(kind, given(kind), language, PARIS)
    assert words["body"].count("\n\n") == len(catalogue()["programmes"][language][kind]["body"]) - 1
    assert "Horizons" in words["title"] + words["body"]
    assert not re.search(r"[{}]|None|\s\s\S", words["title"] + words["body"].replace("\n\n", "\n") + words["footer"])
    assert bool(words["open"]) == (kind != "objected")


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_unknown_values_leave_no_gap(kind: str, language: str) -> None:
    needed = {name: VALUES[name] for name in ("programme", "host", *MESSAGES[kind])}
    hidden: dict[str, Any] = {"partner": "", "partner_email": "", "purpose": "", "contact_name": ""}
    hidden |= {"until": None, "unpaired": 0}
    words = words_of(kind, needed | hidden, language, PARIS)
    assert words["body"]
    for text in words.values():
        assert not re.search(r"[{}]|None|\(\)|“”|« »|: \.|  ", text), text


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_no_mail_blames_anybody(kind: str, language: str) -> None:
    for part in parts_of(kind, language):
        for form in forms(part):
            assert not BLAME.search(form), form


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["enrolled", "joined", "organiser-invited"])
def test_first_mail_says_who_why_until_when_and_whom_to_ask(kind: str, language: str) -> None:
    body = words_of(kind, given(kind), language, PARIS)["body"]
    for text in ("PWN Paris", VALUES["purpose"], "25 nov", "claire@pwn.example"):
        assert text.lower() in body.lower(), text


@pytest.mark.parametrize(("language", "objection"), [("fr", "ne pas participer"), ("en", "rather not take part")])
def test_enrolled_person_learns_how_to_object(language: str, objection: str) -> None:
    assert objection in words_of("enrolled", given("enrolled"), language, PARIS)["body"]


@pytest.mark.parametrize("side", ["mentor", "mentee"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_side_reads_its_own_part(language: str, side: str) -> None:
    other = {"mentor": "mentee", "mentee": "mentor"}[side]
    given_to = {one: given("enrolled") | {"side": one} for one in (side, other)}
    bodies = {one: words_of("enrolled", values, language, PARIS)["body"] for one, values in given_to.items()}
    assert bodies[side] != bodies[other]
    assert bodies[side].count("\n\n") == bodies[other].count("\n\n")


@pytest.mark.parametrize(("language", "words"), [("fr", ("binômes", "équipes")), ("en", ("pairs", "teams"))])
@pytest.mark.parametrize("kind", ["enrolled", "joined"])
def test_challenge_speaks_of_teams_and_a_pairing_of_pairs(kind: str, language: str, words: tuple[str, str]) -> None:
    for format, word, other in (("pairing", *words), ("challenge", *reversed(words))):
        body = words_of(kind, given(kind) | {"format": format}, language, PARIS)["body"]
        assert word in body
        assert other not in body


@pytest.mark.parametrize("kind", ["session-planned", "session-moved", "session-cancelled"])
@pytest.mark.parametrize(
    ("language", "zone", "shown"),
    [
        ("fr", PARIS, "mercredi 25 novembre 2026 à 10 h 42 (heure de Paris)"),
        ("en", "America/Montreal", "Wednesday 25 November 2026 at 04:42 (Montreal time)"),
    ],
)
def test_meeting_is_dated_in_words_and_in_the_recipients_zone(kind: str, language: str, zone: str, shown: str) -> None:
    words = words_of(kind, given(kind), language, zone)
    assert shown in words["title"]
    assert shown in words["body"]


@pytest.mark.parametrize(
    ("language", "pairs", "unpaired", "title", "rest"),
    [
        ("fr", 1, 1, "une proposition de 1 binôme à", "1 personne."),
        ("fr", 20, 2, "une proposition de 20 binômes à", "2 personnes."),
        ("en", 1, 2, "a proposal of 1 pair to", "2 people."),
        ("en", 20, 1, "a proposal of 20 pairs to", "1 person."),
    ],
)
def test_counts_have_the_right_plural(language: str, pairs: int, unpaired: int, title: str, rest: str) -> None:
    values = given("proposal-ready") | {"pairs": pairs, "unpaired": unpaired}
    words = words_of("proposal-ready", values, language, PARIS)
    assert title in words["title"]
    assert rest in words["body"]
    assert {name for kind in MESSAGES for name in MESSAGES[kind]} >= set(COUNTS)


def test_names_with_braces_and_line_breaks_stay_plain_text() -> None:
    words = words_of("link-renewed", given("link-renewed") | {"programme": "{x}\r\nBcc: {0}"}, "en", PARIS)
    assert words["title"] == "Your new link for “{x} Bcc: {0}”"


def mail(kind: str, **changes: Any) -> ProgrammeMail:
    usual: dict[str, Any] = {"account": None, "to": Address("a@example.org", "Anne", "fr"), "page": "pair"}
    usual |= {"token": "t0k3n", "timezone": "", "values": given(kind)}
    return ProgrammeMail(kind, **(usual | changes))


NIGHT = QuietHours(on=True, start=time(20), end=time(8))
EVENING = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", MESSAGES)
def test_quiet_hours_delay_all_but_what_the_person_asked_for(kind: str) -> None:
    decided = plan(mail(kind), EVENING, True, NIGHT, PARIS, EVENING)
    assert (decided.action, decided.until) == (("send", None) if kind in ASKED_FOR else ("wait", MORNING))
    assert plan(mail(kind), EVENING, True, NIGHT, "America/Montreal", EVENING).action == "send"


@pytest.mark.parametrize("kind", ["session-moved", "answer-reminder"])
def test_mail_that_would_come_too_late_is_sent_at_night(kind: str) -> None:
    values = given(kind) | {"starts_at": MORNING, "answer_by": MORNING}
    assert plan(mail(kind, values=values), EVENING, True, NIGHT, PARIS, EVENING).action == "send"


@pytest.mark.parametrize("kind", MESSAGES)
def test_opting_out_stops_all_but_what_people_must_learn(kind: str) -> None:
    decided = plan(mail(kind), EVENING, False, QuietHours(on=False), PARIS, EVENING)
    assert (decided.action, decided.reason) == (("send", "") if kind in OWED else ("drop", "unwanted"))


def test_mail_redelivered_after_days_is_stale() -> None:
    late = EVENING + STALE_AFTER + timedelta(seconds=1)
    decided = plan(mail("enrolled"), EVENING, True, QuietHours(on=False), PARIS, late)
    assert (decided.action, decided.reason) == ("drop", "stale")


def test_accounts_are_notified_with_the_programme_id_only() -> None:
    rows: list[dict[str, Any]] = [{"message_id": kind, "kind": kind, "account": "a"} for kind in MESSAGES]
    rows.append({"message_id": "x", "kind": "nudge", "account": None})
    notices = notices_of("p", rows)
    assert {notice.step for notice in notices} == MESSAGES.keys() - ASKED_FOR - {"proposal-ready"}
    assert notices[0] == Notice("programme", None, "a", {"about": "message"}, "enrolled", programme_id="p")
    assert not any(notice.mailed for notice in notices), "programmes requests the mails"
    assert len({notice.id for notice in notices}) == len(notices)


def composed(one: ProgrammeMail, language: str = "fr") -> EmailMessage:
    to = Address("a@example.org", "Anne <b>", language)
    letterhead = Letterhead("Relève <no-reply@releve.example>", "https://r.example")
    return compose_programme_mail("m.email", one, to, PARIS, letterhead, AT)


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_mail_has_text_and_html_with_the_same_link(kind: str, language: str) -> None:
    message = composed(mail(kind), language)
    assert message["Content-Language"] == language
    for text in bodies_of(message):
        links = set(re.findall(r"https?://[^\s\"<]*", text))
        assert links == (set() if kind == "objected" else {"https://r.example/pair#t0k3n"})
    assert "Anne &lt;b&gt;" in bodies_of(message)[1]


@pytest.mark.parametrize("kind", MESSAGES)
def test_list_unsubscribe_leads_to_where_the_mails_can_be_stopped(kind: str) -> None:
    own_page = composed(mail(kind))
    signed_in = composed(mail(kind, token=None, account="a", page="programmes/p"))
    assert own_page["List-Unsubscribe"] == (None if kind in LAST else "<https://r.example/pair#t0k3n>")
    preferences = "<https://r.example/notifications/preferences>"
    assert signed_in["List-Unsubscribe"] == (None if kind in OWED else preferences)
    assert own_page["List-Unsubscribe-Post"] is None, "one click must not end somebody's part in a programme"


def test_values_are_escaped_in_html() -> None:
    _, html = bodies_of(composed(mail("enrolled", values=given("enrolled") | {"purpose": "<img src=x>\n\nEt <b>"})))
    assert re.search("&lt;img src=x&gt;</p>\n<p [^>]*>Et &lt;b&gt;", html)
    assert "<img" not in html


def test_representation_of_a_mail_hides_the_person() -> None:
    shown = repr(mail("enrolled"))
    assert not re.search("example|Anne|t0k3n|Horizons", shown)
