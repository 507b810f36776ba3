"""Events as operators watch them: envelopes of one service, newest first, by type and project, never a payload."""

import json
from typing import Any

import pytest

from chassis.http import flow
from chassis.mongo import Documents
from tests.kit.answers import body, problem
from tests.kit.examples import ORGANISATION, PROJECT, card
from tests.kit.services import Running

PATH = "/api/operations/projects/events"


@pytest.fixture
def projects(database: Documents) -> Running:
    running = Running("projects", database)
    running.call("client-c", "PUT", "/api/organisations/me", ORGANISATION)
    return running


def post(projects: Running, who: str = "client-c") -> str:
    return str(body(projects.call(who, "POST", "/api/projects", PROJECT))["id"])


def names(found: list[dict[str, str]]) -> list[str]:
    return [one["type"].removeprefix("releve.").removesuffix(".v1") for one in found]


def test_events_are_envelopes_newest_first_by_type_and_project(projects: Running) -> None:
    first, second = post(projects), post(projects)
    projects.hear("mentors.invited", first, wave=1, mentors=[card("mentor-a")])
    question = {"text": "Quels outils ?"}
    projects.call("mentor-a", "POST", f"/api/projects/{first}/questions", question)
    every = projects.get("operator", PATH)["items"]
    assert [one["time"] for one in every] == sorted((one["time"] for one in every), reverse=True)
    assert {one["service"] for one in every} == {"projects"}
    assert {one["published"] for one in every} == {False}, "no relay runs here"
    posted = projects.get("operator", f"{PATH}?type=project.posted")["items"]
    assert [one["subject"] for one in posted] == [second, first]
    of_first = projects.get("operator", f"{PATH}?project={first}")["items"]
    assert set(names(of_first)) >= {"project.posted", "question.asked"}
    assert second not in str(of_first)
    assert projects.get("operator", f"{PATH}?type=quote")["items"] == []
    text = json.dumps(every)
    for secret in (PROJECT["title"], PROJECT["brief"], ORGANISATION["name"], "Quels outils", "payload"):
        assert str(secret) not in text, f"an envelope holds {secret}"


def test_watching_asks_for_what_came_after_and_pages_go_back(projects: Running) -> None:
    first = post(projects)
    seen = projects.get("operator", PATH)["items"]
    assert projects.get("operator", f"{PATH}?after={seen[0]['id']}")["items"] == []
    second = post(projects)
    new = projects.get("operator", f"{PATH}?after={seen[0]['id']}")["items"]
    assert {one["subject"] for one in new if one["type"].startswith("releve.project")} == {second}
    every: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = projects.get("operator", f"{PATH}?limit=1&cursor={cursor}" if cursor else f"{PATH}?limit=1")
        every, cursor = [*every, *page["items"]], page["next_cursor"]
    assert [one["id"] for one in every] == [one["id"] for one in [*new, *seen]]
    assert first in {one["subject"] for one in every}
    for wrong in ("type=A%24", "cursor=x"):
        assert problem(projects.call("operator", "GET", f"{PATH}?{wrong}")) == (422, "invalid")
    assert problem(projects.call("client-c", "GET", PATH)) == (403, "forbidden")


def test_rare_type_costs_a_bounded_search(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    post(projects)
    monkeypatch.setattr(flow, "SEARCHED", 1)
    newest = projects.get("operator", PATH)["items"]
    assert len(newest) == 1
    other = "organisation" if newest[0]["type"].startswith("releve.project") else "project"
    assert projects.get("operator", f"{PATH}?type={other}")["items"] == []
    wanted = {"find": "outbox", "sort": {"time": -1, "_id": -1}, "limit": 5}
    plan = str(projects.database.command("explain", wanted))
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
