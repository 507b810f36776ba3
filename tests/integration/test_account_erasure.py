"""Leaving for good, as accounts sees it: what goes at once, who is waited for, and the receipt."""

import pytest
from werkzeug.test import TestResponse

from chassis.mongo import Documents
from contracts.topics import SERVICES
from tests.kit.accounts import Accounts
from tests.kit.answers import body, problem
from tests.kit.examples import EMAIL

OTHERS = [service for service in SERVICES if service != "accounts"]


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    return Accounts(database)


@pytest.fixture
def thomas(accounts: Accounts) -> str:
    """A registered mentor's id."""
    return str(body(accounts.register())["id"])


def leave(accounts: Accounts, headers: dict[str, str]) -> TestResponse:
    return accounts.client.delete("/api/accounts/me", headers=headers)


def everything(accounts: Accounts) -> dict[str, str]:
    """All that is stored, as text, by collection."""
    return {name: str(list(accounts.database[name].find())) for name in accounts.database.list_collection_names()}


def test_who_leaves_is_gone_here_at_once_and_every_service_is_told_the_role_alone(
    accounts: Accounts, thomas: str
) -> None:
    session, headers = accounts.tokens(), accounts.bearer()
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    link = accounts.token("password-reset")
    answer = leave(accounts, headers)
    assert (answer.status_code, answer.json) == (202, {})
    (fact,) = accounts.facts("account.erased")
    assert (fact["subject"], fact["payload"]) == (thomas, {"role": "mentor"})
    sequences = [row["sequence"] for row in accounts.database.outbox.find({"subject": thomas}).sort("sequence")]
    assert sequences == [1, 2, 3]
    assert problem(accounts.sign_in()) == (401, "bad-credentials")
    assert problem(accounts.refresh(session["refresh_token"])) == (401, "bad-credentials")
    assert problem(accounts.client.get("/api/accounts/me", headers=headers)) == (404, "not-found")
    assert problem(accounts.client.patch("/api/accounts/me", json={}, headers=headers)) == (401, "unauthenticated")
    assert problem(leave(accounts, headers)) == (401, "unauthenticated")
    reset = accounts.post(f"/api/accounts/password-reset/{link}", {"password": "une phrase de plus"})
    assert problem(reset) == (404, "not-found")
    assert problem(accounts.internal("GET", f"addresses/{thomas}")) == (404, "not-found")
    assert [name for name, text in everything(accounts).items() if EMAIL in text] == ["erasures"]
    assert accounts.database.mails.count_documents({}) == 0, "no link outlives its account"


def test_the_email_is_free_again_at_once(accounts: Accounts, thomas: str) -> None:
    leave(accounts, accounts.bearer())
    again = accounts.register(display_name="Thomas II")
    assert accounts.sign_in().status_code == 201
    me = accounts.client.get("/api/accounts/me", headers=accounts.bearer())
    assert body(me)["id"] == body(again)["id"] != thomas


def test_the_receipt_goes_out_once_all_five_have_answered_and_then_ids_and_times_are_left(
    accounts: Accounts, thomas: str
) -> None:
    leave(accounts, accounts.bearer())
    for service in OTHERS:
        assert accounts.mails("erasure-done") == []
        accounts.hear("erasure.done", thomas, service=service)
        accounts.hear("erasure.done", thomas, service=service)
    (mail_id,) = accounts.mails("erasure-done")
    mail = body(accounts.internal("POST", f"mails/{mail_id}"))
    assert (mail["email"], mail["kind"], mail["token"]) == (EMAIL, "erasure-done", None)
    assert [name for name, text in everything(accounts).items() if EMAIL in text] == ["mails"]
    assert accounts.internal("DELETE", f"mails/{mail_id}").status_code == 204
    assert [name for name, text in everything(accounts).items() if EMAIL in text or "Thomas" in text] == []
    (row,) = accounts.database.erasures.find()
    assert row.keys() == {"_id", "requested_at", "done", "waits_for", "completed_at", "version"}
    assert row["done"].keys() == set(SERVICES)
    assert row["completed_at"] is not None


def test_a_part_that_joins_later_is_noted_and_orders_no_second_receipt(
    accounts: Accounts, thomas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.accounts.model.erasures.DATABASES", SERVICES[:-1])
    leave(accounts, accounts.bearer())
    for service in OTHERS:
        accounts.hear("erasure.done", thomas, service=service)
    assert len(accounts.mails("erasure-done")) == 1
    (row,) = accounts.database.erasures.find()
    assert row["done"].keys() == set(SERVICES)


def test_an_answer_about_nobody_changes_nothing(accounts: Accounts, thomas: str) -> None:
    accounts.hear("erasure.done", thomas, service="quotes")
    assert accounts.database.erasures.count_documents({}) == 0
    assert accounts.sign_in().status_code == 201


@pytest.mark.parametrize(
    "history",
    [
        ("project.awarded",),
        ("project.awarded", "project.awarded"),
    ],
)
def test_who_has_an_awarded_project_under_way_may_not_leave(
    accounts: Accounts, thomas: str, history: tuple[str, ...]
) -> None:
    camille = str(body(accounts.register(email="camille@example.org", role="client"))["id"])
    for name in history:
        accounts.hear(name, "p1", quote_id="q", account=thomas, client=camille)
    for email in (EMAIL, "camille@example.org"):
        assert problem(leave(accounts, accounts.bearer(email))) == (409, "open-commitments")
    assert accounts.facts("account.erased") == []
    accounts.hear("project.completed", "p1", account=thomas, client=camille)
    for email in (EMAIL, "camille@example.org"):
        assert leave(accounts, accounts.bearer(email)).status_code == 202


@pytest.mark.parametrize("client", ["camille", None])
def test_news_of_an_end_that_comes_before_its_beginning_holds(
    accounts: Accounts, thomas: str, client: str | None
) -> None:
    accounts.hear("project.completed", "p1", account=thomas, client=client)
    accounts.hear("project.awarded", "p1", quote_id="q", account=thomas, client=client)
    assert leave(accounts, accounts.bearer()).status_code == 202


def test_a_kept_answer_under_an_idempotency_key_is_forgotten_where_it_was_given(
    accounts: Accounts, thomas: str
) -> None:
    rows = accounts.database["idempotency"]
    rows.insert_many([{"_id": f"{who}:/api/x:1", "at": None} for who in (thomas, thomas + "x")])
    leave(accounts, accounts.bearer())
    assert [row["_id"] for row in rows.find()] == [f"{thomas}x:/api/x:1"]


def test_sessions_are_the_callers_own_to_lose(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="other@example.org")
    other = accounts.tokens("other@example.org")
    leave(accounts, accounts.bearer())
    assert accounts.refresh(other["refresh_token"]).status_code == 201
