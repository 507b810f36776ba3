"""Colleagues may change while a project is posted: it belongs to those who act for the client after both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.ids import new_id
from services.projects.handlers.organisations import share_projects
from services.projects.model import posting
from tests.kit.answers import outcome
from tests.kit.examples import ORGANISATION, PROJECT
from tests.kit.market import Market
from tests.kit.racing import TIMES, Balance, at_once, side_by_side


def _call(market: Market, who: str, method: str, path: str, body: object = None) -> dict[str, str]:
    answer = market.projects.call(who, method, path, body)
    assert answer.status_code < 300, answer.text
    return dict(answer.get_json(silent=True) or {})


def _organisation(market: Market) -> tuple[str, Callable[[str], None]]:
    """Creates an owner with an organisation; returns the owner and a function with which a colleague joins."""
    owner = f"client-{new_id()}"
    _call(market, owner, "PUT", "/api/organisations/me", ORGANISATION)
    path = "/api/organisations/me/invitations"

    def join(colleague: str) -> None:
        token = _call(market, owner, "POST", path, {"role": "member"})["token"]
        _call(market, colleague, "POST", f"/api/organisations/invitations/{token}")

    return owner, join


def _post_while(
    market: Market, owner: str, monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]
) -> TestResponse:
    """Posts a project; between its reads and its writes, the colleagues change and existing projects are updated."""
    post, changed = posting.post_project, list[bool]()

    def slow_post(*body: Any) -> Any:
        if not changed:
            changed.append(True)
            change()
            _share(market, owner)
        return post(*body)

    monkeypatch.setattr(posting, "post_project", slow_post)
    return market.projects.call(owner, "POST", "/api/projects", PROJECT)


def _share(market: Market, owner: str) -> None:
    """Runs the deadline of the owner's organisation until its projects have been updated."""
    due = {"members.account": owner, "due_at": {"$exists": True}}
    while found := market.projects.database.organisations.find_one(due):
        id = found["_id"]
        market.projects.work.run(lambda unit, id=id: share_projects(unit, id, market.projects.config))  # type: ignore[misc]


def test_project_posted_while_a_colleague_joins_belongs_to_the_colleague_too(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, join = _organisation(market)
    colleague = f"client-{new_id()}"
    project = _post_while(market, owner, monkeypatch, lambda: join(colleague)).get_json()["id"]
    assert outcome(market.projects.call(colleague, "GET", f"/api/projects/{project}")) == "200"
    assert set(market.projects.payloads(project, "project.posted")[0]["clients"]) == {owner, colleague}


def test_project_posted_while_a_colleague_leaves_is_not_theirs(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, join = _organisation(market)
    colleague = f"client-{new_id()}"
    join(colleague)

    def leave() -> None:
        _call(market, colleague, "DELETE", f"/api/organisations/me/members/{colleague}")

    project = _post_while(market, owner, monkeypatch, leave).get_json()["id"]
    assert outcome(market.projects.call(colleague, "GET", f"/api/projects/{project}")) == "not-found"
    assert market.projects.payloads(project, "project.posted")[0]["clients"] == [owner]


def test_nothing_is_posted_for_a_client_erased_meanwhile(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, _ = _organisation(market)
    organisation = market.projects.database.organisations.find_one({"members.account": owner}) or {}

    def erase() -> None:
        market.projects.hear("account.erased", owner, role="client")

    assert outcome(_post_while(market, owner, monkeypatch, erase)) == "unauthenticated"
    assert market.projects.database.projects.count_documents({"organisation": organisation["_id"]}) == 0


def test_post_and_joining_colleague_can_interleave_in_any_order(market: Market) -> None:
    """A hundred close races: either may come first, and the project belongs to both people in the end."""
    balance = Balance()

    def race(_number: int, pool: ThreadPoolExecutor) -> None:
        owner, _ = _organisation(market)
        colleague = f"client-{new_id()}"
        token = _call(market, owner, "POST", "/api/organisations/me/invitations", {"role": "member"})["token"]

        def post() -> str:
            return _call(market, owner, "POST", "/api/projects", PROJECT)["id"]

        def join() -> str:
            _call(market, colleague, "POST", f"/api/organisations/invitations/{token}")
            _share(market, owner)
            return colleague

        project, _ = at_once(pool, post, join, lead=balance.lead)
        posted_for_both = colleague in market.projects.payloads(project, "project.posted")[0]["clients"]
        balance.won("join" if posted_for_both else "post", first=not posted_for_both)
        row = market.projects.database.projects.find_one({"_id": project}) or {}
        assert set(row["clients"]) == {owner, colleague}

    side_by_side(TIMES, race)
    balance.assert_both_won()
