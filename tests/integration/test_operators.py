"""Operators: created by a command; they suspend and reinstate accounts, and an audit trail records each action."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis import audit
from chassis.facts import Refusal
from chassis.mongo import Documents
from chassis.places import TRAIL, rows_of
from services.accounts import operator
from services.accounts.clients.hashing import Passwords
from tests.kit.accounts import CONFIG, Accounts
from tests.kit.answers import body, problem
from tests.kit.examples import EMAIL, PASSWORD

BOSS = "ops@example.org"
HASHING = Passwords(1, 8)


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    return Accounts(database)


@pytest.fixture
def thomas(accounts: Accounts) -> str:
    """A registered mentor's id."""
    return str(body(accounts.register())["id"])


@pytest.fixture
def boss(accounts: Accounts) -> dict[str, str]:
    """An operator's token."""
    operator.add(accounts.work, HASHING, BOSS, PASSWORD, CONFIG.reset_life)
    return accounts.bearer(BOSS)


def suspend(accounts: Accounts, account: str, headers: dict[str, str], reason: str = "Faux profil") -> TestResponse:
    path = f"/api/operations/accounts/{account}/suspension"
    return accounts.client.post(path, json={"reason": reason}, headers=headers)


def reinstate(accounts: Accounts, account: str, headers: dict[str, str], reason: str = "Erreur") -> TestResponse:
    path = f"/api/operations/accounts/{account}/suspension"
    return accounts.client.delete(path, json={"reason": reason}, headers=headers)


def trail(accounts: Accounts, headers: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    answer = accounts.client.get(f"/api/operations/audit{query}", headers=headers)
    assert answer.status_code == 200, answer.json
    return list(body(answer)["items"])


def test_command_creates_an_operator_that_can_sign_in(accounts: Accounts) -> None:
    account_id, token = operator.add(accounts.work, HASHING, " OPS@example.org ", PASSWORD, CONFIG.reset_life)
    assert token == ""
    me = body(accounts.client.get("/api/accounts/me", headers=accounts.bearer(BOSS)))
    assert (me["id"], me["role"]) == (account_id, "operator")
    (row,) = rows_of(accounts.database, TRAIL).find()
    assert (row["who"], row["what"], row["whom"]) == (audit.PLACE, "operator.added", account_id)


def test_without_a_password_the_command_prints_a_link_that_works_once(accounts: Accounts) -> None:
    _, token = operator.add(accounts.work, HASHING, BOSS, None, CONFIG.reset_life)
    path = f"/api/accounts/password-reset/{token}"
    assert accounts.post(path, {"password": PASSWORD}).status_code == 204
    assert problem(accounts.post(path, {"password": PASSWORD})) == (404, "not-found")
    assert accounts.sign_in(BOSS).status_code == 201


def test_command_refuses_an_email_in_use_and_a_guessable_password(accounts: Accounts, thomas: str) -> None:
    with pytest.raises(operator.InUse):
        operator.add(accounts.work, HASHING, EMAIL, PASSWORD, CONFIG.reset_life)
    with pytest.raises(Refusal, match="invalid"):
        operator.add(accounts.work, HASHING, BOSS, "password12345", CONFIG.reset_life)
    assert accounts.database.accounts.count_documents({}) == 1
    assert rows_of(accounts.database, TRAIL).count_documents({}) == 0


def test_suspended_account_cannot_sign_in_or_refresh_until_reinstated(
    accounts: Accounts, thomas: str, boss: dict[str, str]
) -> None:
    before = accounts.tokens()
    answer = suspend(accounts, thomas, boss)
    assert answer.status_code == 200
    assert body(answer).keys() == {"id", "suspended_at"}
    assert problem(accounts.sign_in()) == (403, "suspended")
    assert problem(accounts.refresh(before["refresh_token"])) == (403, "suspended")
    assert problem(accounts.sign_in(password="wrong password")) == (401, "bad-credentials"), "only its owner learns it"
    assert reinstate(accounts, thomas, boss).status_code == 204
    assert problem(accounts.refresh(before["refresh_token"])) == (401, "bad-credentials"), "its sessions have ended"
    assert accounts.sign_in().status_code == 201


def test_each_action_is_published_and_in_the_trail_once(accounts: Accounts, thomas: str, boss: dict[str, str]) -> None:
    for _ in range(2):
        assert suspend(accounts, thomas, boss).status_code == 200
    for _ in range(2):
        assert reinstate(accounts, thomas, boss).status_code == 204
    assert [len(accounts.facts(f"account.{deed}")) for deed in ("suspended", "reinstated")] == [1, 1]
    me = body(accounts.client.get("/api/accounts/me", headers=boss))["id"]
    rows = trail(accounts, boss, f"?whom={thomas}")
    assert [(row["who"], row["what"], row["whom"], row["reason"]) for row in rows] == [
        (me, "account.read", thomas, "Erreur"),
        (me, "account.reinstated", thomas, "Erreur"),
        (me, "account.read", thomas, "Faux profil"),
        (me, "account.suspended", thomas, "Faux profil"),
    ], "the answer to a repeated action tells the account's state, so it counts as a read"
    assert [row["what"] for row in trail(accounts, boss)][-1] == "operator.added"


def test_trail_is_read_page_by_page(accounts: Accounts, thomas: str, boss: dict[str, str]) -> None:
    for _ in range(3):
        suspend(accounts, thomas, boss)
        reinstate(accounts, thomas, boss)
    seen, cursor = [], ""
    while cursor is not None:
        path = f"/api/operations/audit?limit=2{cursor and '&cursor=' + cursor}"
        answer = body(accounts.client.get(path, headers=boss))
        seen += [row["id"] for row in answer["items"]]
        cursor = answer["next_cursor"]
    assert len(seen) == len(set(seen)) == 7, "reading adds rows before the first page only"


def test_only_an_operator_may_suspend_and_reinstate(accounts: Accounts, thomas: str, boss: dict[str, str]) -> None:
    for headers, expected in ((accounts.bearer(), (403, "forbidden")), ({}, (401, "unauthenticated"))):
        assert problem(suspend(accounts, thomas, headers)) == expected
        assert problem(reinstate(accounts, thomas, headers)) == expected
        assert problem(accounts.client.get("/api/operations/audit", headers=headers)) == expected
    assert rows_of(accounts.database, TRAIL).count_documents({"what": {"$ne": "operator.added"}}) == 0


@pytest.mark.parametrize("reason", ["", "x" * 501])
def test_suspension_and_reinstatement_need_a_reason(
    accounts: Accounts, thomas: str, boss: dict[str, str], reason: str
) -> None:
    assert problem(suspend(accounts, thomas, boss, reason)) == (422, "invalid")
    assert accounts.sign_in().status_code == 201
    assert problem(reinstate(accounts, thomas, boss, reason)) == (422, "invalid")
    path = f"/api/operations/accounts/{thomas}/suspension"
    assert accounts.client.delete(path, headers=boss).status_code in (400, 415, 422), "nor may it be missing"


def test_unknown_account_cannot_be_suspended(accounts: Accounts, boss: dict[str, str]) -> None:
    assert problem(suspend(accounts, "nobody", boss)) == (404, "not-found")
    assert problem(reinstate(accounts, "nobody", boss)) == (404, "not-found")
    assert len(trail(accounts, boss)) == 1


def test_action_and_its_trail_row_are_stored_together(
    accounts: Accounts, thomas: str, boss: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "record", lambda *_: 1 / 0)
    assert problem(suspend(accounts, thomas, boss)) == (500, "internal")
    assert accounts.sign_in().status_code == 201
    assert accounts.facts("account.suspended") == []


def found(accounts: Accounts, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = accounts.client.get("/api/operations/accounts", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.json
    return list(body(answer)["items"])


def test_account_is_found_by_email_name_or_id_with_its_state_alone(
    accounts: Accounts, thomas: str, boss: dict[str, str]
) -> None:
    name = str((accounts.database.accounts.find_one({"_id": thomas}) or {})["display_name"])
    (one,) = found(accounts, boss, email=EMAIL.upper())
    assert (one["id"], one["suspended_at"], one["erasure"]) == (thomas, None, None)
    assert one.keys() == {"id", "role", "verified", "created_at", "suspended_at", "erasure"}
    suspend(accounts, thomas, boss)
    (one,) = found(accounts, boss, name=name.upper().replace("É", "e"))
    assert (one["id"], one["suspended_at"] is not None) == (thomas, True)
    assert [each["id"] for each in found(accounts, boss, id=thomas)] == [thomas]
    assert found(accounts, boss, id=thomas, email=BOSS) == [], "all that is given must be true"
    assert found(accounts, boss) == found(accounts, boss, name="Nobody") == []
    rows = [row for row in trail(accounts, boss) if row["what"] == "account.found"]
    assert [row["whom"] for row in rows] == ["", "", "", thomas, thomas, thomas]
    assert EMAIL not in str(rows)
    assert name not in str(rows)


def test_found_account_says_how_far_its_erasure_is(accounts: Accounts, thomas: str, boss: dict[str, str]) -> None:
    asked = {"question": "q", "requested_at": accounts.now, "at": accounts.now, "version": 1}
    accounts.database.departures.insert_one({"_id": thomas, **asked})
    (one,) = found(accounts, boss, email=EMAIL)
    assert (one["erasure"], one["role"]) == ("asked", "mentor")
    accounts.database.accounts.delete_one({"_id": thomas})
    row = {"requested_at": accounts.now, "done": {}, "completed_at": None, "version": 9}
    accounts.database.erasures.insert_one({"_id": thomas, **row})
    (one,) = found(accounts, boss, id=thomas)
    assert (one["erasure"], one["role"], one["created_at"]) == ("running", "", None)
    assert found(accounts, boss, email=EMAIL) == []
