"""Changing the e-mail and the password while signed in, and ending other sessions, on a real MongoDB."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.limits import Limit
from chassis.mongo import Documents
from contracts.blind import domain_digest
from tests.kit.accounts import Accounts, ttl, written
from tests.kit.answers import body, problem
from tests.kit.databases import everything
from tests.kit.examples import EMAIL, PASSWORD

NEW, TAKEN = "thomas@new.example", "taken@example.org"
PATH, CONFIRM, UNDO = "/api/accounts/me/email", "/api/accounts/email/confirmation", "/api/accounts/email/undo"


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    return Accounts(database)


@pytest.fixture
def thomas(accounts: Accounts) -> str:
    """A registered mentor's id; somebody else has an account, too."""
    accounts.register(email=TAKEN)
    return str(body(accounts.register())["id"])


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def ask(accounts: Accounts, tokens: dict[str, Any], email: str = NEW, password: str = PASSWORD) -> TestResponse:
    return accounts.client.put(PATH, json={"email": email, "password": password}, headers=bearer(tokens))


def me(accounts: Accounts, tokens: dict[str, Any]) -> dict[str, Any]:
    return dict(body(accounts.client.get("/api/accounts/me", headers=bearer(tokens))))


def moved(accounts: Accounts, tokens: dict[str, Any], email: str = NEW) -> None:
    assert ask(accounts, tokens, email).status_code == 202
    assert accounts.post(f"{CONFIRM}/{accounts.token('address-confirm')}", {}).status_code == 204


def test_new_address_counts_once_its_link_is_opened(accounts: Accounts, thomas: str) -> None:
    here, there = accounts.tokens(), accounts.tokens()
    answer = ask(accounts, here)
    assert (answer.status_code, answer.json) == (202, {})
    assert me(accounts, here)["email"] == EMAIL
    mail = body(accounts.internal("POST", f"mails/{accounts.mails('address-confirm')[0]}"))
    assert (mail["email"], mail["display_name"], mail["locale"]) == (NEW, "", "fr")
    path = f"{CONFIRM}/{mail['token']}"
    assert accounts.client.get(path).status_code == 405, "a scanner that follows links changes nothing"
    assert accounts.client.post(path).status_code == 204
    assert problem(accounts.client.post(path)) == (404, "not-found")
    assert (me(accounts, here)["email"], me(accounts, here)["verified"]) == (NEW, True)
    assert problem(accounts.refresh(there["refresh_token"])) == (401, "bad-credentials"), "other sessions end"
    assert problem(accounts.sign_in()) == (401, "bad-credentials")
    assert accounts.sign_in(NEW).status_code == 201
    assert body(accounts.internal("GET", f"addresses/{thomas}"))["email"] == NEW, "notify writes there from now on"
    (fact,) = accounts.facts("account.verified")
    digest = domain_digest(accounts.config.blind_secret, thomas, "new.example")
    assert fact["payload"] == {"blind_domain": digest}


def test_old_address_is_told_and_undoes_the_change(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    moved(accounts, tokens)
    mail = body(accounts.internal("POST", f"mails/{accounts.mails('address-changed')[0]}"))
    assert mail["email"] == EMAIL
    assert mail["at"]
    assert accounts.post(f"{UNDO}/{mail['token']}", {}).status_code == 204
    assert problem(accounts.refresh(tokens["refresh_token"])) == (401, "bad-credentials"), "every session ends"
    for email in (NEW, EMAIL):
        assert problem(accounts.sign_in(email)) == (401, "bad-credentials"), "whoever changed it knew the password"
    reset = body(accounts.internal("POST", f"mails/{accounts.mails('password-reset')[0]}"))
    assert reset["email"] == EMAIL
    mine = "une phrase que l'autre ne connaît pas"
    assert accounts.post(f"/api/accounts/password-reset/{reset['token']}", {"password": mine}).status_code == 204
    assert accounts.sign_in(password=mine).status_code == 201
    assert problem(accounts.post(f"{UNDO}/{mail['token']}", {})) == (404, "not-found")


def test_taken_address_gets_the_same_answer_writes_and_traces(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    seen, costs = [], []
    answers: list[TestResponse] = []

    def asked(email: str) -> TestResponse:
        answers.append(ask(accounts, tokens, email))
        return answers[-1]

    for email in ("first@new.example", NEW, TAKEN, NEW):
        costs.append(written(accounts, partial(asked, email)))
        export = body(accounts.client.get("/api/accounts/export", headers=bearer(tokens)))
        changes = [{**row, "email": "", "asked_at": "", "expires_at": ""} for row in export["email_changes"]]
        etag = accounts.client.get("/api/accounts/me", headers=bearer(tokens)).headers["ETag"]
        seen.append((answers[-1].status_code, answers[-1].data, changes, len(export["events"]), etag))
    assert all(one == seen[0] for one in seen)
    assert len(set(costs[1:])) == 1, costs
    (mail,) = accounts.mails("address-in-use")
    assert body(accounts.internal("POST", f"mails/{mail}"))["email"] == TAKEN


def test_address_taken_before_the_link_is_opened_is_refused(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    ask(accounts, tokens)
    accounts.register(email=NEW)
    assert problem(accounts.post(f"{CONFIRM}/{accounts.token('address-confirm')}", {})) == (404, "not-found")
    assert me(accounts, tokens)["email"] == EMAIL


@pytest.mark.parametrize("verify", [False, True])
def test_nobody_takes_an_address_while_it_can_be_restored(accounts: Accounts, thomas: str, verify: bool) -> None:
    moved(accounts, accounts.tokens())
    fresh = accounts.fresh(verify_email=verify)
    assert fresh.register().status_code == 201
    assert accounts.mails("verify-email") == []
    other = accounts.tokens(TAKEN)
    assert ask(accounts, other, EMAIL).status_code == 202
    assert len(accounts.mails("address-confirm")) == 1
    assert accounts.post(f"{UNDO}/{accounts.token('address-changed')}", {}).status_code == 204
    moved_back = accounts.database.accounts.find_one({"_id": thomas}) or {}
    assert moved_back["email"] == EMAIL


def test_owner_may_return_to_their_old_address(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    moved(accounts, tokens)
    moved(accounts, tokens, EMAIL)
    assert me(accounts, tokens)["email"] == EMAIL


def test_first_address_wins_over_every_later_one(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    moved(accounts, tokens)
    first = accounts.token("address-changed")
    moved(accounts, tokens, "third@new.example")
    second = accounts.token("address-changed")
    assert accounts.post(f"{UNDO}/{first}", {}).status_code == 204
    assert problem(accounts.post(f"{UNDO}/{second}", {})) == (404, "not-found")
    assert (accounts.database.accounts.find_one({"_id": thomas}) or {})["email"] == EMAIL


def test_links_sent_to_the_old_address_stop_working(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    token = accounts.token("password-reset")
    moved(accounts, tokens)
    answer = accounts.post(f"/api/accounts/password-reset/{token}", {"password": "une autre phrase bien longue"})
    assert problem(answer) == (404, "not-found")


@pytest.mark.parametrize("way", ["change", "reset"])
def test_new_password_drops_a_change_that_waits(accounts: Accounts, thomas: str, way: str) -> None:
    tokens, new = accounts.tokens(), "une autre phrase bien longue"
    ask(accounts, tokens)
    token = accounts.token("address-confirm")
    if way == "change":
        sent = {"password": PASSWORD, "new_password": new}
        assert accounts.client.put("/api/accounts/me/password", json=sent, headers=bearer(tokens)).status_code == 204
    else:
        accounts.post("/api/accounts/password-reset", {"email": EMAIL})
        accounts.post(f"/api/accounts/password-reset/{accounts.token('password-reset')}", {"password": new})
    assert problem(accounts.post(f"{CONFIRM}/{token}", {})) == (404, "not-found")


def test_rows_about_the_old_address_end_with_the_undo(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    accounts.sign_in(password="a guess, a wild guess")
    moved(accounts, tokens)
    rows = {name: str(rows).lower() for name, rows in everything(accounts.database).items()}
    assert sorted(name for name, text in rows.items() if EMAIL.lower() in text) == ["address_changes", "mails"]
    assert accounts.database.attempts.count_documents({}) == 0
    assert ttl(accounts, "address_changes") == ttl(accounts, "mails") == ("expires_at", 0)
    ends = [row["expires_at"] for name in ("address_changes", "mails") for row in accounts.database[name].find()]
    assert all(timedelta(days=6.9) < end - accounts.now < timedelta(days=7.1) for end in ends)


def test_change_needs_the_password_and_is_limited(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    assert problem(ask(accounts, tokens, password="a guess, a wild guess")) == (401, "bad-credentials")
    assert accounts.database.address_changes.count_documents({}) == 0
    assert problem(ask(accounts, tokens, "no address")) == (422, "invalid")
    few = accounts.fresh(own_password=Limit("own-password", 2))
    routes = [
        lambda: ask(few, tokens),
        lambda: few.client.put(
            "/api/accounts/me/password", json={"password": "x", "new_password": "y"}, headers=bearer(tokens)
        ),
        lambda: few.client.post("/api/accounts/me/erasure", json={"password": "x"}, headers=bearer(tokens)),
    ]
    assert [route().status_code for route in routes] == [202, 401, 429]
    assert problem(routes[0]()) == (429, "rate-limited")


def test_erasure_deletes_changes_and_their_links(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    moved(accounts, tokens)
    ask(accounts, tokens, "third@new.example")
    accounts.erase(thomas)
    rows = {name: str(rows).lower() for name, rows in everything(accounts.database).items()}
    assert not [name for name, text in rows.items() if EMAIL.lower() in text or "third@" in text]
    assert [name for name, text in rows.items() if NEW in text] == ["erasures"], "until the receipt is sent"


# Passwords and sessions.


def test_owner_is_told_of_a_new_password(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    sent = {"password": PASSWORD, "new_password": "une autre phrase bien longue"}
    assert accounts.client.put("/api/accounts/me/password", json=sent, headers=bearer(tokens)).status_code == 204
    (mail,) = accounts.mails("password-changed")
    assert body(accounts.internal("POST", f"mails/{mail}"))["token"] is None


def test_all_other_sessions_end_at_once(accounts: Accounts, thomas: str) -> None:
    here, there, else_ = accounts.tokens(), accounts.tokens(), accounts.tokens(TAKEN)
    assert accounts.client.delete("/api/sessions/others", headers=bearer(here)).status_code == 204
    assert [item["current"] for item in body(accounts.client.get("/api/sessions", headers=bearer(here)))["items"]] == [
        True
    ]
    assert accounts.client.get("/api/accounts/me", headers=bearer(there)).status_code == 401
    assert problem(accounts.refresh(there["refresh_token"])) == (401, "bad-credentials")
    assert accounts.refresh(here["refresh_token"]).status_code == 201
    assert accounts.refresh(else_["refresh_token"]).status_code == 201, "those of somebody else go on"
