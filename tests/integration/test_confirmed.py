"""A common word that is also the client's name is asked about once and accepted when confirmed, in every text."""

from collections.abc import Sequence
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.mongo import Documents, database_now
from tests.kit.answers import body, problem
from tests.kit.examples import ORGANISATION, PROJECT
from tests.kit.projects import Projects

ORANGE = ORGANISATION | {"aliases": ["Orange"]}
ASKING = PROJECT | {"brief": "Que de jeunes mentors nous apprennent à passer à l'orange, en ligne."}
AT = ASKING["brief"].index("orange")
PLACE = {"field": "brief", "start": AT, "end": AT + 6}
REASON = "Le feu est passé à l'orange."
IN_REASON = {"field": "reason", "start": REASON.index("orange"), "end": REASON.index("orange") + 6}


@pytest.fixture
def projects(database: Documents) -> Projects:
    made = Projects(database)
    made.call("client", "PUT", "/api/organisations/me", ORANGE)
    return made


def leaks(answer: TestResponse) -> list[dict[str, Any]]:
    assert problem(answer) == (422, "identity-leak"), answer.text
    found: list[dict[str, Any]] = body(answer)["leaks"]
    return found


def post(projects: Projects, **more: Any) -> TestResponse:
    return projects.call("client", "POST", "/api/projects", ASKING | more)


def close(projects: Projects, project_id: str, quotes: Sequence[dict[str, str]] = ()) -> None:
    now = database_now(projects.database)
    closing = {"reason": "deadline", "closed_at": now, "quotes": list(quotes), "digests": []}
    projects.hear("window.closed", project_id, 9, **closing)


def stored(projects: Projects, project_id: str) -> Any:
    return projects.database.projects.find_one({"_id": project_id})["confirmed"]  # type: ignore[index]


def test_doubtful_brief_is_asked_about_and_posted_when_confirmed(projects: Projects) -> None:
    before = projects.database.projects.count_documents({})
    refused = post(projects)
    assert leaks(refused) == [{**PLACE, "kind": "name", "text": "orange", "certain": False}]
    assert "parlent-ils de vous ?" in body(refused)["detail"]
    assert "do they mean you?" in body(refused)["detail"]
    assert projects.database.projects.count_documents({}) == before
    posted = post(projects, confirmed=[PLACE])
    assert posted.status_code == 201
    assert body(posted)["brief"] == ASKING["brief"]
    assert stored(projects, body(posted)["id"]) == [PLACE]


def test_confirming_a_certain_place_changes_nothing(projects: Projects) -> None:
    brief = ASKING["brief"] + " Chez Nestlé Waters."
    start = brief.index("Nestlé")
    certain = {"field": "brief", "start": start, "end": start + 13}
    assert [leak["certain"] for leak in leaks(post(projects, brief=brief, confirmed=[PLACE, certain]))] == [True]


def test_redaction_alone_does_not_accept_a_doubtful_place(projects: Projects) -> None:
    brief = "Chez Nestlé Waters : " + ASKING["brief"]
    place = {"field": "brief", "start": brief.index("orange"), "end": brief.index("orange") + 6}
    assert leaks(post(projects, brief=brief, redact=True)) == [
        {**place, "kind": "name", "text": "orange", "certain": False}
    ]
    posted = body(post(projects, brief=brief, redact=True, confirmed=[place]))
    assert posted["brief"] == "Chez […] : " + ASKING["brief"]
    [kept] = stored(projects, posted["id"])
    assert posted["brief"][kept["start"] : kept["end"]] == "orange"


@pytest.mark.parametrize("wrong", [{"field": "reason"}, {"end": 0}, {"start": -1}, {"start": "8"}, {"also": 1}])
def test_malformed_place_is_invalid(projects: Projects, wrong: dict[str, Any]) -> None:
    if wrong == {"field": "reason"}:
        assert leaks(post(projects, confirmed=[PLACE | wrong]))
    else:
        assert problem(post(projects, confirmed=[PLACE | wrong])) == (422, "invalid")


def test_relaunch_keeps_what_was_confirmed_and_asks_about_new_names(projects: Projects) -> None:
    posted = body(post(projects, confirmed=[PLACE]))["id"]
    close(projects, posted)
    again = projects.call("client", "POST", f"/api/projects/{posted}/relaunch")
    assert again.status_code == 201, again.text
    assert stored(projects, body(again)["id"]) == [PLACE]
    close(projects, body(again)["id"])
    projects.call("client", "PUT", "/api/organisations/me", ORANGE | {"aliases": ["Orange", "Ligne"]})
    path = f"/api/projects/{body(again)['id']}/relaunch"
    [leak] = leaks(projects.call("client", "POST", path))
    assert (leak["text"], leak["certain"]) == ("ligne", False)
    place = {name: leak[name] for name in ("field", "start", "end")}
    third = projects.call("client", "POST", path, {"confirmed": [place]})
    assert third.status_code == 201, third.text
    assert stored(projects, body(third)["id"]) == [PLACE, place]


def test_reason_for_cancelling_is_asked_about_and_accepted(projects: Projects) -> None:
    path = f"/api/projects/{projects.id}/cancellation"
    [leak] = leaks(projects.call("client", "POST", path, {"reason": REASON}))
    assert leak["certain"] is False
    cancelled = projects.call("client", "POST", path, {"reason": REASON, "confirmed": [IN_REASON]})
    assert body(cancelled)["state"] == "cancelled"
    assert stored(projects, projects.id) == [IN_REASON]


def test_reason_for_refusing_is_asked_about_and_accepted(projects: Projects) -> None:
    quote = {"quote_id": "q", "account": "thomas", "digest": "d" * 64}
    close(projects, projects.id, [quote])
    path = f"/api/projects/{projects.id}/refusal"
    assert [leak["text"] for leak in leaks(projects.call("client", "POST", path, {"reason": REASON}))] == ["orange"]
    refused = projects.call("client", "POST", path, {"reason": REASON, "confirmed": [IN_REASON]})
    assert body(refused)["state"] == "refused"


def test_answer_and_question_are_asked_about_and_accepted(projects: Projects) -> None:
    projects.invite("thomas")
    question = projects.asked("thomas", "Un logo orange ?")
    path = f"/api/projects/{projects.id}/questions/{question['id']}/answer"
    found = leaks(projects.call("client", "POST", path, {"text": "Oui, orange."}))
    assert [(leak["field"], leak["certain"]) for leak in found] == [("text", False), ("question", False)]
    places = [{name: leak[name] for name in ("field", "start", "end")} for leak in found]
    assert leaks(projects.call("client", "POST", path, {"text": "Oui, orange.", "confirmed": places[:1]}))
    answered = projects.call("client", "POST", path, {"text": "Oui, orange.", "confirmed": places})
    assert body(answered)["answer"] == "Oui, orange."
    row = projects.database.questions.find_one({"_id": question["id"]}) or {}
    assert row["confirmed"] == places


def test_erased_client_leaves_no_confirmed_places(projects: Projects) -> None:
    posted = body(post(projects, confirmed=[PLACE]))["id"]
    projects.hear("account.erased", "client")
    assert stored(projects, posted) == []


def test_sector_with_a_doubtful_word_is_accepted(projects: Projects) -> None:
    words = {"sector": "Les fruits, dont l'orange"}
    described = projects.call("client", "PUT", "/api/organisations/me", ORANGE | words)
    assert described.status_code == 200, described.text
