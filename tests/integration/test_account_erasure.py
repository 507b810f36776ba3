"""Account erasure as accounts sees it: what is deleted immediately, which services must answer, and the receipt."""

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


def test_leaving_deletes_the_account_immediately_and_publishes_only_the_role(accounts: Accounts, thomas: str) -> None:
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


def test_email_can_be_registered_again_immediately(accounts: Accounts, thomas: str) -> None:
    leave(accounts, accounts.bearer())
    again = accounts.register(display_name="Thomas II")
    assert accounts.sign_in().status_code == 201
    me = accounts.client.get("/api/accounts/me", headers=accounts.bearer())
    assert body(me)["id"] == body(again)["id"] != thomas


def test_receipt_is_sent_after_all_five_answers_leaving_only_ids(accounts: Accounts, thomas: str) -> None:
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


def test_service_added_later_is_recorded_and_sends_no_second_receipt(
    accounts: Accounts, thomas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.accounts.model.erasures.DATABASES", SERVICES[:-1])
    leave(accounts, accounts.bearer())
    for service in OTHERS:
        accounts.hear("erasure.done", thomas, service=service)
    assert len(accounts.mails("erasure-done")) == 1
    (row,) = accounts.database.erasures.find()
    assert row["done"].keys() == set(SERVICES)


def test_answer_about_an_unknown_account_changes_nothing(accounts: Accounts, thomas: str) -> None:
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
def test_account_with_an_awarded_project_under_way_cannot_be_erased(
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
def test_project_end_received_before_its_award_is_remembered(
    accounts: Accounts, thomas: str, client: str | None
) -> None:
    accounts.hear("project.completed", "p1", account=thomas, client=client)
    accounts.hear("project.awarded", "p1", quote_id="q", account=thomas, client=client)
    assert leave(accounts, accounts.bearer()).status_code == 202


def test_stored_idempotent_answer_is_deleted_with_the_account(accounts: Accounts, thomas: str) -> None:
    rows = accounts.database["idempotency"]
    rows.insert_many([{"_id": f"{who}:/api/x:1", "at": None} for who in (thomas, thomas + "x")])
    leave(accounts, accounts.bearer())
    assert [row["_id"] for row in rows.find()] == [f"{thomas}x:/api/x:1"]


def test_caller_can_end_only_their_own_sessions(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="other@example.org")
    other = accounts.tokens("other@example.org")
    leave(accounts, accounts.bearer())
    assert accounts.refresh(other["refresh_token"]).status_code == 201
