"""Quotas of organisations and a verified e-mail, exact under concurrency, on a real MongoDB."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.mongo import connect
from tests.kit.answers import body, problem
from tests.kit.examples import ORGANISATION, PROJECT
from tests.kit.racing import together
from tests.kit.services import Running

HOME = "/api/organisations/me"
QUOTAS = {"RELEVE_OPEN_PROJECTS": "4", "RELEVE_POSTINGS_A_DAY": "5", "RELEVE_VERIFY_EMAIL": "true"}


@pytest.fixture(scope="module")
def projects(mongo_uri: str) -> Iterator[Running]:
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    running = Running("projects", database, **QUOTAS)  # type: ignore[arg-type]
    yield running
    running.drop()


@pytest.fixture
def client(projects: Running) -> str:
    """A client with an organisation of its own."""
    name = f"client-{new_id()}"
    assert projects.call(name, "PUT", HOME, ORGANISATION).status_code == 200
    return name


def post(projects: Running, who: str) -> Any:
    return projects.call(who, "POST", "/api/projects", PROJECT)


def cancel(projects: Running, who: str, project: str) -> None:
    answer = projects.call(who, "POST", f"/api/projects/{project}/cancellation", {"reason": "Un doublon."})
    assert answer.status_code == 200, answer.text


def age(projects: Running, project: str, by: timedelta) -> None:
    """Moves a project into the past."""
    known = projects.database.projects.find_one({"_id": project}) or {}
    moved = {name: known[name] - by for name in ("created_at", "closes_at")}
    projects.database.projects.update_one({"_id": project}, {"$set": moved})


def test_twenty_concurrent_postings_stop_exactly_at_the_quota(projects: Running, client: str) -> None:
    for quota, expected in (("open", 4), ("day", 1)):
        answers = together(*(partial(post, projects, client) for _ in range(20)))
        outcomes = Counter(answer.status_code for answer in answers)
        assert outcomes[201] == expected, (quota, outcomes)
        if quota == "open":
            assert outcomes[409] == 16
            [first, *_] = [body(answer)["id"] for answer in answers if answer.status_code == 201]
            projects.hear("window.closed", first, 9, reason="deadline", closed_at=projects.now, quotes=[], digests=[])
    late = post(projects, client)
    assert problem(late) == (429, "too-many-postings")
    assert 86_000 < int(late.headers["Retry-After"]) <= 86_400
    assert projects.database.projects.count_documents({"client": client}) == 5


def test_cancelling_and_posting_again_frees_no_place(projects: Running, client: str) -> None:
    made = [body(post(projects, client))["id"] for _ in range(4)]
    for project in made:
        cancel(projects, client, project)
    assert problem(post(projects, client)) == (409, "too-many-open-projects")
    age(projects, made[0], timedelta(days=3))  # its window would have ended
    assert post(projects, client).status_code == 201
    assert problem(post(projects, client)) == (409, "too-many-open-projects")
    for project in made[1:]:
        age(projects, project, timedelta(days=1))
    assert problem(post(projects, client)) == (409, "too-many-open-projects"), "a day old, and their windows run"


def test_relaunch_counts_as_a_posting(projects: Running, client: str) -> None:
    first = body(post(projects, client))["id"]
    projects.hear("window.closed", first, 9, reason="deadline", closed_at=projects.now, quotes=[], digests=[])
    for _ in range(4):
        post(projects, client)
    again = projects.call(client, "POST", f"/api/projects/{first}/relaunch")
    assert problem(again) == (429, "too-many-postings")
    age(projects, first, timedelta(days=1))
    assert problem(projects.call(client, "POST", f"/api/projects/{first}/relaunch")) == (409, "too-many-open-projects")
    assert (projects.database.projects.find_one({"_id": first}) or {})["relaunched_as"] is None


def test_another_organisation_brings_no_new_quota(projects: Running, client: str) -> None:
    colleague = f"client-{new_id()}"
    token = body(projects.call(client, "POST", f"{HOME}/invitations", {"role": "owner"}))["token"]
    assert projects.call(colleague, "POST", f"/api/organisations/invitations/{token}").status_code == 200
    for who in (client, colleague, client, client):
        assert post(projects, who).status_code == 201
    assert problem(post(projects, colleague)) == (409, "too-many-open-projects"), "the organisation's quota"
    assert projects.call(client, "DELETE", f"{HOME}/members/{client}").status_code == 204
    assert projects.call(client, "PUT", HOME, ORGANISATION).status_code == 200
    assert post(projects, client).status_code == 201
    assert problem(post(projects, client)) == (409, "too-many-open-projects"), "the account's own four"


def test_unverified_account_posts_nothing(projects: Running, client: str) -> None:
    headers = projects.signer.header(client, verified=False)
    answer = projects.app.test_client().post("/api/projects", json=PROJECT, headers=headers)
    assert problem(answer) == (403, "unverified")
    assert projects.database.projects.count_documents({"client": client}) == 0
    assert post(projects, client).status_code == 201
