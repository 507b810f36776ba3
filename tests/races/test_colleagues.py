"""Who acts for a client may change while a project is posted: it belongs to those who act for it after both."""

from collections.abc import Callable

import pytest

from chassis.ids import new_id
from services.projects.api import projects as api
from services.projects.handlers import share_projects
from tests.races.market import ORGANISATION, WRITTEN, Market
from tests.races.running import outcome


def _call(market: Market, who: str, method: str, path: str, body: object = None) -> dict[str, str]:
    answer = market.projects.call(who, "client", method, path, body)
    assert answer.status_code < 300, answer.text
    return dict(answer.get_json(silent=True) or {})


def _organisation(market: Market) -> tuple[str, Callable[[str], None]]:
    """An owner with an organisation of its own, and how a colleague joins it."""
    owner = f"owner-{new_id()}"
    _call(market, owner, "PUT", "/api/organisations/me", ORGANISATION)
    path = "/api/organisations/me/invitations"

    def join(colleague: str) -> None:
        token = _call(market, owner, "POST", path, {"role": "member"})["token"]
        _call(market, colleague, "POST", f"/api/organisations/invitations/{token}")

    return owner, join


def _post_while(market: Market, owner: str, monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> str:
    """Posts a project; between its reading and its writing, others change who acts, and the projects there follow."""
    made, changed = api.new_id, list[bool]()

    def slow_id() -> str:
        if not changed:
            changed.append(True)
            change()
            members = market.projects.database.organisations.find_one({"members.account": owner}) or {}
            market.projects.work.run(lambda unit: share_projects(unit, members["_id"], market.projects.service.config))
        return made()

    monkeypatch.setattr(api, "new_id", slow_id)
    return _call(market, owner, "POST", "/api/projects", WRITTEN)["id"]


def test_a_project_posted_while_a_colleague_joins_is_that_colleagues_too(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, join = _organisation(market)
    colleague = f"colleague-{new_id()}"
    project = _post_while(market, owner, monkeypatch, lambda: join(colleague))
    assert outcome(market.projects.call(colleague, "client", "GET", f"/api/projects/{project}")) == "200"
    assert set(market.projects.told(project, "project.posted")[0]["clients"]) == {owner, colleague}


def test_a_project_posted_while_a_colleague_leaves_is_not_theirs(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, join = _organisation(market)
    colleague = f"colleague-{new_id()}"
    join(colleague)

    def leave() -> None:
        _call(market, colleague, "DELETE", f"/api/organisations/me/members/{colleague}")

    project = _post_while(market, owner, monkeypatch, leave)
    assert outcome(market.projects.call(colleague, "client", "GET", f"/api/projects/{project}")) == "not-found"
    assert market.projects.told(project, "project.posted")[0]["clients"] == [owner]
