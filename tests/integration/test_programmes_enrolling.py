"""Participants from files: enrolling, reading, correcting and removing them, on a real MongoDB."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError
from werkzeug.test import TestResponse

from chassis.ids import new_id
from chassis.mongo import connect
from tests.kit.answers import body, problem
from tests.kit.cohorts import Cohort
from tests.kit.programmes import COLLEAGUE, OWNER, STRANGER, Programmes
from tests.kit.racing import together

ZOE = {"ref": "z", "name": "Zoé Lefèvre", "email": "zoe@people.example", "side": "mentor", "offers": ["crm"]}
LUC = {"ref": "l", "name": "Luc Petit", "email": "luc@people.example", "side": "mentee", "manager_ref": "z"}
EXCEL = (
    "Réf;Prénom;Nom;Courriel;Rôle;Responsable;Apporte\r\n"
    "z;Zoé;Lefèvre;zoe@people.example;Mentor;;Réseaux sociaux, CRM\r\n"
    ";;;;;;\r\n"
    ";Luc;Petit;luc@people.example;Mentoré;Zoé Lefèvre;\r\n"
).encode("cp1252")


@pytest.fixture(scope="module")
def programmes(mongo_uri: str) -> Iterator[Programmes]:
    """One database for the module: each test has a programme of its own."""
    programmes = Programmes(connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test"))
    yield programmes
    programmes.drop()


@pytest.fixture
def cohort(programmes: Programmes) -> Cohort:
    return Cohort(programmes)


def codes(answer: TestResponse) -> list[tuple[int, str, str]]:
    assert answer.status_code == 200, answer.text
    return [(one["line"], one["field"], one["code"]) for one in body(answer)["rejected"]]


# Files.


def test_spreadsheet_enrols_its_people_and_tells_each(cohort: Cohort) -> None:
    answer = cohort.upload(EXCEL)
    assert body(answer) == {"accepted": 2, "checked": False, "rejected": [], "warnings": [], "left_off": 0}
    assert cohort.refs() == cohort.told() == ["p1", "z"]
    luc = cohort.programmes.get(OWNER, f"{cohort.path}/participants/p1")
    assert (luc["name"], luc["side"], luc["manager_ref"], luc["state"]) == ("Luc Petit", "mentee", "z", "enrolled")
    assert cohort.programmes.get(OWNER, f"{cohort.path}/participants/z")["offers"] == ["social-networks", "crm"]
    assert cohort.state() == "enrolling"
    counts = cohort.programmes.get(OWNER, f"{cohort.path}/participants")["counts"]
    assert counts == {"mentors": 1, "mentees": 1, "waiting": 2, "agreed": 0, "objected": 0, "reasons": {}}


def test_no_name_or_address_leaves_with_an_event(cohort: Cohort) -> None:
    cohort.upload(EXCEL)
    rows = cohort.programmes.outbox(cohort.id)
    (requested,) = [row["payload"]["messages"] for row in rows if row["name"] == "messages.requested"]
    assert [one["kind"] for one in requested] == ["enrolled", "enrolled"]
    assert not any(word in str(rows) for word in ("Zoé", "Lefèvre", "people.example", "'z'"))


def test_one_wrong_row_stores_nobody_unless_partial(cohort: Cohort) -> None:
    wrong = EXCEL.replace(b"luc@people", b"luc people")
    answer = cohort.upload(wrong)
    assert codes(answer) == [(4, "email", "bad-email")]
    assert body(answer)["rejected"][0]["message"] == "Ce n’est pas une adresse e-mail."
    assert (body(answer)["accepted"], cohort.refs(), cohort.state()) == (0, [], "draft")
    assert body(cohort.upload(wrong, "?partial=true"))["accepted"] == 1
    assert cohort.refs() == ["z"]


def test_check_stores_nothing_and_reports_what_would_be(cohort: Cohort) -> None:
    answer = cohort.upload(EXCEL, "?check=true")
    assert (body(answer)["accepted"], body(answer)["checked"]) == (2, True)
    assert (cohort.refs(), cohort.told(), cohort.state()) == ([], [], "draft")


def test_check_alone_answers_the_rows_as_they_were_read(cohort: Cohort) -> None:
    raw = "Prénom;Nom;E-mail;Rôle\n\nZoé;Martin;zoe;Mentor\n".encode("cp1252")
    answer = body(cohort.upload(raw, "?check=true"))
    assert [(one["line"], one["field"]) for one in answer["rejected"]] == [(3, "email")]
    assert answer["rows"] == [{"line": 3, "cells": {"name": "Zoé Martin", "email": "zoe", "side": "Mentor"}}]
    assert "rows" not in body(cohort.upload(raw))


def test_file_sent_again_changes_nothing(cohort: Cohort) -> None:
    cohort.upload(EXCEL)
    again = cohort.upload(EXCEL)
    assert codes(again) == [(2, "email", "already-enrolled"), (4, "email", "already-enrolled")]
    assert len(cohort.told()) == 2


def test_json_list_is_reported_by_item(cohort: Cohort) -> None:
    assert codes(cohort.enrol(ZOE, LUC | {"side": "boss"})) == [(2, "side", "unknown-side")]
    assert body(cohort.enrol(ZOE, LUC))["accepted"] == 2


def test_repeated_request_with_one_key_enrols_once(cohort: Cohort) -> None:
    first = cohort.enrol(ZOE, Idempotency_Key="k")
    assert body(cohort.enrol(ZOE, Idempotency_Key="k")) == body(first)
    assert problem(cohort.enrol(LUC, Idempotency_Key="k")) == (422, "idempotency-mismatch")
    headers = cohort.programmes.signer.header(OWNER) | {"Content-Type": "text/csv", "Idempotency-Key": "csv"}
    answers = [
        cohort.programmes.app.test_client().post(f"{cohort.path}/participants?check=true", data=EXCEL, headers=headers)
        for _ in range(2)
    ]
    assert body(answers[0]) == body(answers[1])


@pytest.mark.parametrize(
    ("raw", "content_type", "expected"),
    [
        (b"PK\x03\x04", "text/csv", (422, "invalid")),
        (b"a;b\n1;2\n", "application/vnd.ms-excel", (422, "invalid")),
        (EXCEL, "application/octet-stream", (415, "not-json")),
        (b'{"people": []}', "application/json", (422, "invalid")),
        (b"[]", "application/json", (400, "malformed")),
        (b"7", "application/json", (400, "malformed")),
        (b'[{"name": NaN}]', "application/json", (400, "malformed")),
        (b'[{"name": "A", "name": "B"}]', "application/json", (400, "malformed")),
        (b"", "application/json", (400, "malformed")),
        (b"x" * (1024 * 1024 + 1), "text/csv", (413, "too-large")),
    ],
)
def test_unusable_file_is_refused(cohort: Cohort, raw: bytes, content_type: str, expected: tuple[int, str]) -> None:
    assert problem(cohort.upload(raw, content_type=content_type)) == expected


def test_workbook_is_refused_in_the_programmes_language(programmes: Programmes) -> None:
    for language, word in (("fr", "classeur"), ("en", "workbook")):
        answer = Cohort(programmes, language=language).upload(b"PK\x03\x04")
        assert word in body(answer)["errors"][0]["message"]


def test_person_may_be_mentor_here_and_mentee_there(programmes: Programmes) -> None:
    here, there = Cohort(programmes), Cohort(programmes)
    assert body(here.enrol(ZOE))["accepted"] == 1
    assert body(there.enrol(ZOE | {"side": "mentee"}))["accepted"] == 1
    assert codes(here.enrol(ZOE | {"side": "mentee", "ref": "z2"})) == [(1, "email", "both-sides")]


def test_two_uploads_at_once_enrol_nobody_twice(cohort: Cohort) -> None:
    people = [
        {"name": f"N {n}", "email": f"n{n}@people.example", "side": "mentor" if n % 2 else "mentee"} for n in range(40)
    ]
    answers = together(*[lambda: cohort.enrol(*people)] * 4)
    assert sorted(body(answer)["accepted"] for answer in answers) == [0, 0, 0, 40]
    assert len(cohort.refs()) == len(set(cohort.refs())) == 40
    assert len(cohort.told()) == 40


def test_database_holds_an_address_once_per_programme(cohort: Cohort) -> None:
    cohort.enrol(ZOE)
    row = cohort.programmes.database.participants.find_one({"programme": cohort.id})
    assert row
    with pytest.raises(DuplicateKeyError):
        cohort.programmes.database.participants.insert_one({**row, "_id": new_id(), "ref": "other"})


def test_programme_holds_a_limited_number_of_people(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.programmes.model.enrolling.people.MOST_PEOPLE", 2)
    assert body(cohort.enrol(ZOE))["accepted"] == 1
    more = {"name": "N", "email": "n@people.example", "side": "mentor"}
    assert problem(cohort.enrol(LUC, more)) == (409, "too-many-participants")
    assert body(cohort.enrol(LUC))["accepted"] == 1


def test_large_file_is_enrolled_within_the_time_of_a_request(cohort: Cohort) -> None:
    lines = (f"r{n};N {n};n{n}@people.example;{'mentor' if n % 2 else 'mentee'}" for n in range(4_000))
    answer = cohort.upload("\n".join(["ref;nom;mail;rôle", *lines]).encode())
    assert body(answer)["accepted"] == 4_000
    requested = [row["payload"]["messages"] for row in cohort.programmes.outbox(cohort.id)]
    assert sorted(map(len, requested)) == [200] * 20
    cohort.programmes.database.participants.delete_many({"programme": cohort.id})


# Who sees and changes whom.


def test_only_those_who_run_or_organise_it_enrol(cohort: Cohort) -> None:
    for who in (STRANGER, "thomas"):
        assert problem(cohort.enrol(ZOE, who=who)) == (404, "not-found")
    cohort.enrol(ZOE)
    person = cohort.programmes.database.participants.find_one({"programme": cohort.id})
    assert person
    cohort.programmes.share(f"org-{cohort.id}", OWNER, COLLEAGUE)
    assert body(cohort.enrol(LUC, who=COLLEAGUE))["accepted"] == 1


def test_organiser_sees_and_enrols_the_own_organisation_only(programmes: Programmes) -> None:
    cohort = Cohort(programmes, organisations=["AXA", "Engie"])
    cohort.organiser("client-axa", "AXA")
    cohort.enrol(ZOE | {"organisation": "Engie"}, LUC | {"organisation": "axa"})
    assert cohort.refs("client-axa") == ["l"]
    assert problem(programmes.call("client-axa", "GET", f"{cohort.path}/participants/z")) == (404, "not-found")
    assert problem(programmes.call("client-axa", "DELETE", f"{cohort.path}/participants/z")) == (404, "not-found")
    assert codes(cohort.enrol(ZOE | {"organisation": "Engie"}, who="client-axa")) == [(1, "organisation", "not-yours")]
    own = {"name": "N", "email": "n@people.example", "side": "mentor"}
    assert body(cohort.enrol(own, who="client-axa"))["accepted"] == 1
    counts = programmes.get("client-axa", f"{cohort.path}/participants")["counts"]
    assert (counts["mentors"], counts["mentees"], counts["objected"]) == (1, 1, None)


def test_participant_reads_only_themselves(cohort: Cohort) -> None:
    cohort.enrol(ZOE, LUC)
    token = cohort.programmes.open(cohort.token_of("z"))
    key = str(body(token)["access_token"])
    listed = body(cohort.programmes.by_pass(key, "GET", f"{cohort.path}/participants"))
    assert ([one["ref"] for one in listed["items"]], listed["counts"]) == (["z"], None)
    assert cohort.programmes.by_pass(key, "GET", f"{cohort.path}/participants/z").status_code == 200
    assert problem(cohort.programmes.by_pass(key, "GET", f"{cohort.path}/participants/l")) == (404, "not-found")
    answer = cohort.programmes.by_pass(key, "PATCH", f"{cohort.path}/participants/z", {"name": "X"})
    assert problem(answer) == (404, "not-found")
    assert problem(cohort.programmes.by_pass(key, "POST", f"{cohort.path}/participants", [LUC])) == (404, "not-found")


def test_list_is_paged_and_filtered(cohort: Cohort) -> None:
    cohort.enrol(ZOE, LUC)
    path = f"{cohort.path}/participants"
    first = cohort.programmes.get(OWNER, f"{path}?limit=1")
    second = cohort.programmes.get(OWNER, f"{path}?limit=1&cursor={first['next_cursor']}")
    assert {page["items"][0]["ref"] for page in (first, second)} == {"z", "l"}
    assert second["next_cursor"] is None
    assert [one["ref"] for one in cohort.programmes.get(OWNER, f"{path}?side=mentee")["items"]] == ["l"]
    assert cohort.programmes.get(OWNER, f"{path}?state=agreed")["items"] == []


# Corrections and removals.


def test_correction_needs_the_current_version(cohort: Cohort) -> None:
    cohort.enrol(ZOE)
    path = f"{cohort.path}/participants/z"
    tag = cohort.programmes.call(OWNER, "GET", path).headers["ETag"]
    changed = cohort.programmes.call(OWNER, "PATCH", path, {"team": "DSI", "capacity": 3}, If_Match=tag)
    assert (body(changed)["team"], body(changed)["capacity"], body(changed)["offers"]) == ("DSI", 3, ["crm"])
    assert cohort.programmes.call(OWNER, "GET", path).headers["ETag"] == changed.headers["ETag"] != tag
    late = cohort.programmes.call(OWNER, "PATCH", path, {"team": "RH"}, If_Match=tag)
    assert problem(late) == (412, "stale")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "luc@people.example"}, "email"),
        ({"email": "nothing"}, "email"),
        ({"manager_ref": "z"}, "manager_ref"),
        ({"manager_ref": "l"}, "manager_ref"),
        ({"availability": [7]}, "availability.0"),
        ({"ref": "z2"}, "ref"),
    ],
)
def test_wrong_correction_is_refused_by_field(cohort: Cohort, change: dict[str, Any], field: str) -> None:
    cohort.enrol(ZOE, LUC)
    answer = cohort.programmes.call(OWNER, "PATCH", f"{cohort.path}/participants/z", change)
    assert (problem(answer), body(answer)["errors"][0]["field"]) == ((422, "invalid"), field)


def test_correction_makes_a_proposal_outdated_only_if_it_matters(cohort: Cohort) -> None:
    cohort.enrol(ZOE, LUC)
    path = f"{cohort.path}/participants/z"
    changes = {"name": ("Zoé L.", "proposed"), "wants": (["seo"], "enrolling"), "about": ("Ski.", "enrolling")}
    for change, state in (({name: value}, state) for name, (value, state) in changes.items()):
        cohort.set_state("proposed")
        assert cohort.programmes.call(OWNER, "PATCH", path, change).status_code == 200
        assert cohort.state() == state
    cohort.set_state("published")
    assert problem(cohort.programmes.call(OWNER, "PATCH", path, {"name": "Z"})) == (409, "wrong-state")
    assert problem(cohort.enrol(ZOE | {"ref": "z3", "email": "z3@people.example"})) == (409, "wrong-state")
    cohort.set_state("closed")
    assert problem(cohort.programmes.call(OWNER, "DELETE", path)) == (409, "wrong-state")


def test_new_address_is_told_and_old_links_stop_working(cohort: Cohort) -> None:
    cohort.enrol(ZOE)
    old = cohort.token_of("z")
    path = f"{cohort.path}/participants/z"
    cohort.programmes.database.participants.update_one(
        {"programme": cohort.id}, {"$set": {"state": "agreed", "account": "thomas"}}
    )
    changed = cohort.programmes.call(OWNER, "PATCH", path, {"email": "zoe.l@people.example"})
    assert body(changed)["state"] == "enrolled"
    assert problem(cohort.programmes.open(old)) == (404, "not-found")
    (message,) = cohort.programmes.messages("enrolled", programme=cohort.id)
    assert body(cohort.programmes.read(message["_id"]))["email"] == "zoe.l@people.example"
    assert problem(cohort.programmes.call("thomas", "GET", cohort.path)) == (404, "not-found")
    assert body(cohort.enrol(ZOE | {"ref": "z2"}))["accepted"] == 1, "the old address is free"


def test_removed_person_leaves_nothing(cohort: Cohort) -> None:
    cohort.enrol(ZOE, LUC)
    token = cohort.token_of("z")
    cohort.set_state("proposed")
    assert cohort.programmes.call(OWNER, "DELETE", f"{cohort.path}/participants/z", If_Match='"9"').status_code == 412
    assert cohort.programmes.call(OWNER, "DELETE", f"{cohort.path}/participants/z").status_code == 204
    assert (cohort.refs(), cohort.state()) == (["l"], "enrolling")
    assert problem(cohort.programmes.open(token)) == (404, "not-found")
    assert cohort.programmes.call(OWNER, "DELETE", f"{cohort.path}/participants/l").status_code == 204
    assert cohort.state() == "draft"
    assert cohort.programmes.messages(programme=cohort.id) == []


def test_manager_enrolled_later_is_recognised(cohort: Cohort) -> None:
    cohort.enrol(LUC | {"manager_ref": "zoe@people.example"})
    cohort.enrol(ZOE)
    assert cohort.programmes.get(OWNER, f"{cohort.path}/participants/l")["manager_ref"] == "z"
