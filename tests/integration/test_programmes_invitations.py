"""An address gets a few invitations to programmes a day, whoever sends them; on a real MongoDB."""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.mongo import Documents
from tests.kit.answers import body, problem
from tests.kit.cohorts import Cohort
from tests.kit.programmes import OWNER, STRANGER, Programmes
from tests.kit.racing import together

MOST = 3
ZOE = {"ref": "z", "name": "Zoé Lefèvre", "email": "zoe@people.example", "side": "mentor", "offers": ["crm"]}
LUC = {"ref": "l", "name": "Luc Petit", "email": "luc@people.example", "side": "mentee"}


@pytest.fixture
def programmes(database: Documents) -> Programmes:
    return Programmes(database, RELEVE_LIMIT_INVITATIONS=str(MOST))


@pytest.fixture
def invited(programmes: Programmes) -> Programmes:
    """Zoé has been enrolled as often as one may be within a day."""
    for _ in range(MOST):
        assert body(Cohort(programmes).enrol(ZOE))["accepted"] == 1
    return programmes


def codes(answer: TestResponse) -> list[tuple[int, str]]:
    return [(one["line"], one["code"]) for one in body(answer)["rejected"]]


def pass_a_day(programmes: Programmes) -> None:
    """As if the counted mails had been sent a day earlier."""
    for row in programmes.database.mailed.find():
        times = [at - timedelta(days=1) for at in row["times"]]
        programmes.database.mailed.update_one({"_id": row["_id"]}, {"$set": {"times": times}})


def mails_to_zoe(programmes: Programmes) -> int:
    people = programmes.database.participants.find({"email": ZOE["email"]})
    return sum(len(programmes.messages(participant=one["_id"])) for one in people)


def test_address_is_enrolled_a_few_times_a_day_over_all_programmes(invited: Programmes) -> None:
    cohort = Cohort(invited)
    for written in (ZOE, ZOE | {"email": "ZOE@People.example"}):
        for query in ("", "?check=true"):
            assert codes(cohort.enrol(written, LUC, query=query)) == [(1, "told-often")]
    assert (cohort.refs(), mails_to_zoe(invited)) == ([], MOST)
    answer = cohort.enrol(ZOE, LUC, query="?partial=true")
    assert (body(answer)["accepted"], cohort.refs()) == (1, ["l"])
    pass_a_day(invited)
    assert body(cohort.enrol(ZOE))["accepted"] == 1


def test_another_owner_meets_the_same_limit(invited: Programmes) -> None:
    cohort = Cohort(invited)
    answer = invited.call(STRANGER, "POST", f"/api/programmes/{invited.create(STRANGER)}/participants", [ZOE])
    assert codes(answer) == codes(cohort.enrol(ZOE)) == [(1, "told-often")]


def test_correction_to_a_spared_address_is_refused_and_others_pass(invited: Programmes) -> None:
    cohort = Cohort(invited)
    cohort.enrol(LUC)
    path = f"{cohort.path}/participants/l"
    refused = invited.call(OWNER, "PATCH", path, {"email": ZOE["email"]})
    assert (problem(refused), body(refused)["errors"][0]["code"]) == ((422, "invalid"), "told-often")
    for number in range(MOST + 1):
        moved = invited.call(OWNER, "PATCH", path, {"email": f"luc{number}@people.example"})
        assert moved.status_code == 200, moved.text
    assert invited.call(OWNER, "PATCH", path, {"about": "Ici"}).status_code == 200


def test_organiser_is_invited_a_few_times_a_day(invited: Programmes) -> None:
    def invite(**changes: Any) -> TestResponse:
        programme = invited.create(kind="challenge", organisations=["A", "B", "C"])
        organiser = {"organisation": "A", "email": ZOE["email"]} | changes
        return invited.call(OWNER, "POST", f"/api/programmes/{programme}/organisers", organiser)

    refused = invite()
    assert problem(refused) == (429, "rate-limited")
    assert int(refused.headers["Retry-After"]) == 86_400
    assert invite(email="other@people.example").status_code == 201
    pass_a_day(invited)
    assert invite().status_code == 201


def test_joining_by_a_link_mails_a_few_times_a_day_and_tells_nobody(invited: Programmes) -> None:
    def join() -> TestResponse:
        programme = invited.create()
        link = body(invited.call(OWNER, "POST", f"/api/programmes/{programme}/links", {"side": "mentor"}))
        given = {"token": link["url"].partition("#")[2], "name": "Zoé", "email": ZOE["email"], "offers": ["crm"]}
        return invited.app.test_client().post("/api/programmes/joins", json=given)

    first = join()
    assert (first.status_code, mails_to_zoe(invited)) == (202, MOST)
    pass_a_day(invited)
    again = join()
    assert (again.status_code, body(again), mails_to_zoe(invited)) == (202, body(first), MOST + 1)


def test_link_is_renewed_a_few_times_a_day_over_all_programmes(programmes: Programmes) -> None:
    tokens = []
    for _ in range(MOST):
        cohort = Cohort(programmes)
        cohort.enrol(ZOE)
        tokens.append(cohort.token_of("z"))
    for token in tokens * 2:
        answer = programmes.app.test_client().post("/api/programmes/passes/renewal", json={"token": token})
        assert answer.status_code == 202
    assert len(programmes.messages("link-renewed")) == MOST


def test_concurrent_enrolments_stay_within_the_limit(programmes: Programmes) -> None:
    cohorts = [Cohort(programmes) for _ in range(2 * MOST)]
    answers = together(*[lambda cohort=cohort: cohort.enrol(ZOE) for cohort in cohorts])
    assert sum(body(answer)["accepted"] for answer in answers) == mails_to_zoe(programmes) == MOST


def test_count_of_an_address_is_a_digest_that_ends_after_a_day(invited: Programmes) -> None:
    (row,) = invited.database.mailed.find()
    assert "zoe" not in str(row).lower()
    assert row["gone_at"] - max(row["times"]) == timedelta(days=1)
    indexes = invited.database.mailed.index_information().values()
    assert [one["expireAfterSeconds"] for one in indexes if "expireAfterSeconds" in one] == [0]
