"""Checks of participants: each cell alone, and people against each other and against those who are enrolled."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contracts.vocabulary import SKILLS
from services.programmes.model.enrolling.availability import half_days
from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.checking import Checked, check, read_fields
from services.programmes.model.enrolling.emails import domain_of, email_digest, email_of
from services.programmes.model.enrolling.fields import Expected
from services.programmes.model.enrolling.languages import language_of
from services.programmes.model.enrolling.listed import read_list
from services.programmes.model.enrolling.objections import shown_reasons
from services.programmes.model.enrolling.problems import Problem
from services.programmes.model.enrolling.relations import Enrolled
from services.programmes.model.enrolling.spreadsheet import read_spreadsheet
from services.programmes.model.enrolling.words import side_of, skill_of, split

ZOE = {"ref": "z", "name": "Zoé Lefèvre", "email": "zoe@example.com", "side": "mentor", "languages": "français"}
LUC = {"ref": "l", "name": "Luc Petit", "email": "luc@example.com", "side": "mentee"}


def checked(
    *people: dict[str, Any],
    enrolled: tuple[Enrolled, ...] = (),
    objected: str = "",
    partial: bool = False,
    **expected: Any,
) -> Checked:
    read = read_fields(read_list(people), Expected(**expected))
    return check(read, enrolled, lambda email: "objected" if email == objected else "", partial=partial)


def wrong(*people: dict[str, Any], **more: Any) -> list[tuple[int, str, str]]:
    found = checked(*people, **more)
    assert found.accepted == () or not found.rejected or more.get("partial")
    return [(one.line, one.field, one.code) for one in found.rejected]


def accepted(person: dict[str, Any], **more: Any) -> Candidate:
    found = checked(person, **more)
    assert found.rejected == ()
    (one,) = found.accepted
    return one


# Cells.


def test_row_becomes_a_candidate_in_normal_form() -> None:
    person = ZOE | {
        "email": "Zoé Lefèvre <Zoe@EXAMPLE.com>",
        "side": "Mentor(e)",
        "languages": "français (natif) et anglais C1",
        "offers": "Réseaux sociaux ; chatgpt\n- Parler en public",
        "availability": "lundi matin, jeudi",
        "timezone": "Europe/Paris",
        "capacity": "2,0",
        "locale": "Anglais",
        "organisation": "engie",
    }
    assert accepted(person, organisations=("AXA", "Engie")) == Candidate(
        line=1,
        ref="z",
        name="Zoé Lefèvre",
        email="Zoe@example.com",
        side="mentor",
        organisation="Engie",
        offers=("social-networks", "chatgpt", "Parler en public"),
        languages=("fr", "en"),
        timezone="Europe/Paris",
        availability=("mon-am", "thu-am", "thu-pm"),
        capacity=2,
        locale="en",
    )


def test_omitted_cells_have_defaults() -> None:
    one = accepted({"name": "A", "email": "a@example.com", "side": "mentee"}, organisations=("PWN",), language="en")
    assert (one.ref, one.languages, one.organisation, one.locale, one.capacity) == ("p1", ("en",), "PWN", "en", None)


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"name": ""}, "name", "missing"),
        ({"name": "\u3164"}, "name", "missing"),
        ({"name": "x" * 101}, "name", "too-long"),
        ({"name": "Gagnez sur www.example.org"}, "name", "not-a-name"),
        ({"name": "zoe@example.com"}, "name", "not-a-name"),
        ({"email": ""}, "email", "missing"),
        ({"email": "zoe@"}, "email", "bad-email"),
        ({"email": "zoe@example.com, luc@example.com"}, "email", "bad-email"),
        ({"side": ""}, "side", "missing"),
        ({"side": "les deux"}, "side", "unknown-side"),
        ({"side": "MENTORE"}, "side", "unknown-side"),
        ({"ref": "RH/12"}, "ref", "bad-ref"),
        ({"ref": "é"}, "ref", "bad-ref"),
        ({"languages": "français, klingonien"}, "languages", "unknown-language"),
        ({"languages": "fr,en,de,es,it,pt,nl,pl,ro,ar,zh"}, "languages", "too-many-items"),
        ({"locale": "allemand"}, "locale", "unknown-locale"),
        ({"timezone": "Paris"}, "timezone", "unknown-timezone"),
        ({"capacity": "0"}, "capacity", "bad-number"),
        ({"capacity": "21"}, "capacity", "bad-number"),
        ({"capacity": "deux"}, "capacity", "bad-number"),
        ({"capacity": "²"}, "capacity", "bad-number"),
        ({"offers": [str(number) for number in range(21)]}, "offers", "too-many-items"),
        ({"wants": "x" * 101}, "wants", "too-long"),
        ({"about": "x" * 2001}, "about", "too-long"),
        ({"organisation": ""}, "organisation", "missing"),
        ({"organisation": "Colas"}, "organisation", "unknown-organisation"),
    ],
)
def test_wrong_cell_is_reported_by_line_and_field(cells: dict[str, Any], field: str, code: str) -> None:
    orgs = ("AXA", "Engie")
    luc = LUC | {"organisation": "AXA"}
    assert wrong(luc, ZOE | {"organisation": "AXA"} | cells, organisations=orgs) == [(2, field, code)]


def test_organisations_of_any_script_are_told_apart() -> None:
    orgs = ("株式会社", "有限会社")
    assert accepted(ZOE | {"organisation": "有限 会社"}, organisations=orgs).organisation == "有限会社"
    assert wrong(ZOE | {"organisation": "会社"}, organisations=orgs) == [(1, "organisation", "unknown-organisation")]


def test_every_problem_of_a_row_is_reported_at_once() -> None:
    assert wrong({"name": "", "email": "x", "side": "?"}) == [
        (1, "name", "missing"),
        (1, "email", "bad-email"),
        (1, "side", "unknown-side"),
    ]


def test_every_problem_has_a_message_without_the_cell() -> None:
    for language in ("fr", "en"):
        (one,) = checked(ZOE | {"capacity": "secret"}).rejected
        assert one.shown(language).keys() == {"line", "field", "code", "message"}
        assert "secret" not in one.message(language)


def test_email_in_place_of_a_reference_is_no_reference() -> None:
    assert accepted(ZOE | {"ref": "zoe@example.com"}).ref == "p1"


def test_mails_are_in_a_language_that_the_person_speaks() -> None:
    assert accepted(ZOE | {"languages": "anglais, allemand"}).locale == "en"
    assert accepted(ZOE | {"languages": "allemand"}).locale == "fr"


def test_organiser_enrols_only_the_own_organisation() -> None:
    orgs: dict[str, Any] = {"organisations": ("AXA", "Engie"), "organisation": "AXA"}
    assert accepted(ZOE, **orgs).organisation == "AXA"
    assert wrong(ZOE | {"organisation": "Engie"}, **orgs) == [(1, "organisation", "not-yours")]


def test_availability_that_is_not_understood_is_only_a_warning() -> None:
    found = checked(ZOE | {"availability": "mardi, quand je peux"})
    assert found.accepted[0].availability == ("tue-am", "tue-pm")
    assert [(one.line, one.field, one.code) for one in found.warnings] == [(1, "availability", "availability-ignored")]


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Mentor", "mentor"),
        ("mentor·e", "mentor"),
        ("Accompagnateur", "mentor"),
        ("Mentee", "mentee"),
        ("mentoré", "mentee"),
        ("MENTORÉE", "mentee"),
        ("Mentoré(e)", "mentee"),
        ("mentoré.e", "mentee"),
        ("accompagnée", "mentee"),
        ("accompagne", None),
        ("mentore", None),
        ("dirigeant", None),
    ],
)
def test_side_is_named_in_french_or_english(text: str, side: str | None) -> None:
    assert side_of(text) == side


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Français", "fr"),
        ("FRANCAIS", "fr"),
        ("French", "fr"),
        ("fr-FR", "fr"),
        ("anglais courant", "en"),
        ("Deutsch", "de"),
        ("espagnol : B2", "es"),
        ("mandarin", "zh"),
        ("xx", None),
        ("", None),
    ],
)
def test_language_is_named_in_french_english_or_by_code(text: str, code: str | None) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("lundi matin", ["mon-am"]),
        ("Mon am", ["mon-am"]),
        ("mon-am", ["mon-am"]),
        ("le mardi après-midi", ["tue-pm"]),
        ("Friday", ["fri-am", "fri-pm"]),
        ("tous les matins", ["mon-am", "tue-am", "wed-am", "thu-am", "fri-am"]),
        ("samedi soir", ["sat-eve"]),
        ("quand je peux", None),
        ("le", None),
    ],
)
def test_availability_is_read_as_half_days(text: str, halves: list[str] | None) -> None:
    assert half_days(text) == halves


def test_lists_are_split_where_people_separate_them() -> None:
    assert split("CRM, IA ; SEO | CRM\n- web\n• data / BI") == ["CRM", "IA", "SEO", "web", "data", "BI"]
    assert split("recherche et développement, TCP/IP") == ["recherche et développement", "TCP/IP"]
    assert split("fr et en/de", closely=True) == ["fr", "en", "de"]
    assert split(("a, b", "c")) == ["a, b", "c"]


def test_skills_of_the_vocabulary_become_ids() -> None:
    words = ("Intelligence artificielle", "CRM", "réseaux   SOCIAUX", "social-networks", "Macramé")
    assert [skill_of(word) for word in words] == [
        "artificial-intelligence",
        "crm",
        "social-networks",
        "social-networks",
        "Macramé",
    ]


def test_email_is_compared_without_case_and_per_programme() -> None:
    assert email_of(" mailto:A@Example.COM") == "A@example.com"
    assert domain_of("a@Exämple.com") == "xn--exmple-cua.com"
    digest = email_digest(b"s", "p", "A@example.com")
    assert digest == email_digest(b"s", "p", "a@example.com")
    assert digest not in (email_digest(b"s", "q", "a@example.com"), email_digest(b"t", "p", "a@example.com"))


# People.

ENROLLED = Enrolled("e", "Ève Roy", "Eve@example.com", "mentor")


@pytest.mark.parametrize(
    ("second", "field", "code"),
    [
        (ZOE | {"ref": "z2"}, "email", "email-twice"),
        (ZOE | {"ref": "z2", "email": "ZOE@example.com"}, "email", "email-twice"),
        (ZOE | {"ref": "z2", "side": "mentee"}, "email", "both-sides-in-file"),
        (LUC | {"ref": "z"}, "ref", "ref-twice"),
        (LUC | {"ref": "e"}, "ref", "ref-taken"),
        (LUC | {"email": "eve@example.com"}, "email", "both-sides"),
        (LUC | {"email": "EVE@example.com", "side": "mentor"}, "email", "already-enrolled"),
        (LUC | {"email": "no@example.com"}, "email", "objected"),
        (LUC | {"manager_ref": "l"}, "manager_ref", "own-manager"),
        (LUC | {"manager_ref": "Luc Petit"}, "manager_ref", "own-manager"),
    ],
)
def test_person_who_does_not_fit_the_others_is_rejected(second: dict[str, Any], field: str, code: str) -> None:
    assert wrong(ZOE, second, enrolled=(ENROLLED,), objected="no@example.com") == [(2, field, code)]


def test_double_names_the_earlier_row() -> None:
    (one,) = checked(ZOE, LUC, ZOE | {"ref": "z2"}).rejected
    assert one.message("en") == "Row 1 has the same e-mail address."


def test_file_sent_again_is_reported_row_by_row() -> None:
    again = (Enrolled("z", "Zoé", "zoe@example.com", "mentor"), Enrolled("l", "Luc", "luc@example.com", "mentee"))
    assert wrong(ZOE, LUC, enrolled=again) == [(1, "email", "already-enrolled"), (2, "email", "already-enrolled")]


def test_one_wrong_row_keeps_all_out_unless_partial() -> None:
    bad = LUC | {"email": "x"}
    assert checked(ZOE, bad).accepted == ()
    assert [one.ref for one in checked(ZOE, bad, partial=True).accepted] == ["z"]


def test_missing_references_are_numbered_around_those_in_use() -> None:
    people = [{"name": name, "email": f"{name}@example.com", "side": "mentor"} for name in "abc"]
    people[1]["ref"] = "p2"
    found = checked(*people, enrolled=(Enrolled("p1", "X", "x@example.com", "mentor"),))
    assert [one.ref for one in found.accepted] == ["p3", "p2", "p4"]


@pytest.mark.parametrize("manager", ["e", "EVE@example.com", "Ève Roy", "ROY Eve"])
def test_manager_is_found_by_reference_email_or_name(manager: str) -> None:
    assert checked(ZOE | {"manager_ref": manager}, enrolled=(ENROLLED,)).accepted[0].manager == "e"


def test_manager_who_does_not_take_part_stays_as_written() -> None:
    assert accepted(ZOE | {"manager_ref": "M. Dupont"}).manager == "M. Dupont"
    twins = tuple(Enrolled(ref, "Ève Roy", f"{ref}@example.com", "mentor") for ref in "ab")
    assert checked(ZOE | {"manager_ref": "Ève Roy"}, enrolled=twins).accepted[0].manager == "Ève Roy"


def test_manager_enrolled_later_is_recognised() -> None:
    waiting = Enrolled("w", "W", "w@example.com", "mentee", manager_ref="zoe@example.com")
    assert checked(ZOE, enrolled=(waiting,)).managers == (("w", "z"),)


def test_loop_of_managers_is_rejected_for_everybody_in_it() -> None:
    people = [
        {"ref": ref, "name": ref, "email": f"{ref}@example.com", "side": "mentor", "manager_ref": above}
        for ref, above in ("ab", "bc", "ca", "da")
    ]
    assert wrong(*people, partial=True) == [(line, "manager_ref", "manager-loop") for line in (1, 2, 3)]


def test_loop_through_an_enrolled_person_is_rejected() -> None:
    enrolled = (Enrolled("e", "E", "e@example.com", "mentor", manager_ref="z"),)
    assert wrong(ZOE | {"manager_ref": "e"}, enrolled=enrolled) == [(1, "manager_ref", "manager-loop")]


def test_five_thousand_people_are_checked_within_seconds() -> None:
    people = [
        ZOE | {"ref": f"r{n}", "email": f"a{n}@example.com", "manager_ref": f"r{n - 1}", "offers": "CRM, IA, data"}
        for n in range(5_000)
    ]
    began = time.process_time()
    assert len(checked(*people).accepted) == 5_000
    assert time.process_time() - began < 10


def test_problems_are_equal_by_what_they_say() -> None:
    assert Problem(1, "email", "missing") == checked(ZOE | {"email": ""}).rejected[0]


# Objections.


@pytest.mark.parametrize(
    ("counts", "closed", "shown"),
    [
        ({"privacy": 5, "no-time": 7}, True, {"privacy": 5, "no-time": 7}),
        ({"privacy": 5, "no-time": 7}, False, {}),
        ({"privacy": 5, "no-time": 4}, True, {}),
        ({"privacy": 5, "unsaid": 1}, True, {}),
        ({}, True, {}),
    ],
)
def test_reasons_are_shown_only_if_none_follows_from_others(
    counts: dict[str, int], closed: bool, shown: dict[str, int]
) -> None:
    assert shown_reasons(counts, closed=closed) == shown


# The example of the documentation.


def test_example_spreadsheet_enrols_ten_people_without_remark(root: Path) -> None:
    file = read_spreadsheet((root / "docs/examples/participants.csv").read_bytes())
    found = check(read_fields(file, Expected(organisations=("Entreprise",))), [], lambda _: "")
    assert (found.rejected, found.warnings) == ((), ())
    assert Counter(one.side for one in found.accepted) == {"mentor": 5, "mentee": 5}
    refs = {one.ref for one in found.accepted}
    for one in found.accepted:
        assert one.manager in refs | {""}
        assert set(one.offers) | set(one.wants) <= SKILLS.keys(), "each topic is one that the vocabulary knows"
