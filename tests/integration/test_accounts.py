"""Accounts on a real MongoDB: registration, sessions, signing keys, and what answers and logs must not reveal."""

import json
import threading
import time
from datetime import timedelta
from functools import partial
from typing import Any

import jwt
import pytest
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from chassis import telemetry
from chassis.http.auth import Keys, read_token
from chassis.mongo import Documents
from chassis.places import rows_of
from chassis.timers import Timers
from services.accounts import handlers, store
from services.accounts.clients import hashing as passwords_module
from services.accounts.model import FREE_GUESSES, MOST_MAILS, digest_of
from services.accounts.store import KEYS
from tests.kit.accounts import Accounts, Recorder, ttl, written
from tests.kit.answers import body, problem
from tests.kit.databases import everything
from tests.kit.examples import EMAIL, PASSWORD
from tests.kit.racing import together
from tests.kit.services import INTERNAL, internally
from tests.kit.tokens import symmetric
from tests.kit.waiting import until


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    return Accounts(database)


@pytest.fixture
def thomas(accounts: Accounts) -> str:
    """A registered mentor's id."""
    return str(body(accounts.register())["id"])


# Registration.


def test_registration_returns_the_account_and_publishes_it_without_a_name(accounts: Accounts) -> None:
    answer = accounts.register()
    assert answer.status_code == 201
    account = body(answer)
    assert account == {"id": account["id"], "role": "mentor", "display_name": "Thomas", "locale": "fr"}
    (row,) = accounts.database.outbox.find()
    assert (row["name"], row["subject"], row["sequence"]) == ("account.registered", account["id"], 1)
    assert row["payload"] == {"role": "mentor", "locale": "fr"}


ADVERTISEMENTS = [
    "Gagnez 900 € sur https://cadeau.example",
    "Gagnez 900 € sur cadeau.example",
    "cadeau.shop",
    "WWW.cadeau",
    "hxxp://cadeau",
    "écrivez à lea@cadeau.example",
    "lea at cadeau dot shop",
    "@cadeau_insta",
    "06 12 34 56 78",
    "cadeau。shop",
    "ｃａｄｅａｕ．ｓｈｏｐ",
]


@pytest.mark.parametrize("name", ADVERTISEMENTS)
def test_name_with_a_link_or_an_address_is_refused(accounts: Accounts, name: str) -> None:
    answer = accounts.register(display_name=name)
    assert problem(answer) == (422, "invalid")
    assert [error["field"] for error in body(answer)["errors"]] == ["display_name"]
    assert accounts.database.accounts.count_documents({}) == 0


@pytest.mark.parametrize("name", ADVERTISEMENTS[:2])
def test_name_cannot_be_changed_to_a_link(accounts: Accounts, thomas: str, name: str) -> None:
    answer = accounts.client.patch("/api/accounts/me", json={"display_name": name}, headers=accounts.bearer())
    assert problem(answer) == (422, "invalid")


@pytest.mark.parametrize(
    "name",
    ["Inès", "Jean-Marc de La Tour", "J.P. Morgan", "St.Pierre", "Dr. No", "M.de Villiers", "O'Connor", "Louis XIV",
     "Zoé (RH)", "José Ma. García", "A.De Souza", "李小龍", "Marie 2", "Équipe CRM, Nestlé"],
)  # fmt: skip
def test_ordinary_names_are_accepted(accounts: Accounts, name: str) -> None:
    assert accounts.register(display_name=name).status_code == 201


def test_email_in_use_gets_the_same_answer_and_no_account(accounts: Accounts, thomas: str) -> None:
    other = {"password": "eine andere lange Passphrase", "email": EMAIL.upper(), "role": "client"}
    answer = accounts.register(**other)
    first = accounts.register(**(other | {"email": "new@example.org"}))
    assert (answer.status_code, first.status_code) == (201, 201)
    assert body(answer).keys() == body(first).keys()
    assert {name: value for name, value in body(answer).items() if name != "id"} == {
        name: value for name, value in body(first).items() if name != "id"
    }
    assert len(body(answer)["id"]) == len(body(first)["id"])
    assert accounts.database.accounts.find_one({"_id": body(answer)["id"]}) is None
    assert accounts.database.outbox.count_documents({"subject": body(answer)["id"]}) == 0
    assert accounts.sign_in(EMAIL, other["password"]).status_code == 401
    assert accounts.sign_in().status_code == 201
    assert body(accounts.client.get("/api/accounts/me", headers=accounts.bearer()))["id"] == thomas


def test_email_in_use_costs_as_many_writes_as_a_new_one(
    accounts: Accounts, thomas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    plain_hash = passwords_module.Passwords.hash

    def count(self: Any, password: str) -> str:
        hashed.append(password)
        return plain_hash(self, password)

    monkeypatch.setattr(passwords_module.Passwords, "hash", count)
    costs = [
        written(accounts, partial(accounts.register, email=email))
        for email in (EMAIL, "new@example.org", *[EMAIL] * MOST_MAILS)
    ]
    assert len(hashed) == len(costs)
    assert set(costs) == {costs[0]}, costs
    assert costs[0] >= 4, "the attempt counter and three more writes"
    assert len(accounts.mails("already-registered")) == MOST_MAILS - 1, "the registration itself counts as one mail"


def test_concurrent_registrations_of_one_email_create_one_account(accounts: Accounts) -> None:
    answers = together(*[accounts.register] * 8)
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({body(answer)["id"] for answer in answers}) == 8
    assert accounts.database.accounts.count_documents({}) == 1
    assert accounts.database.outbox.count_documents({"name": "account.registered"}) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", "operator"), ("email", "thomas"), ("password", "short"), ("password", "password12345"), ("locale", "de")],
)
def test_invalid_field_is_named_in_the_refusal_and_nothing_is_stored(
    accounts: Accounts, field: str, value: str
) -> None:
    answer = accounts.register(**{field: value})
    assert problem(answer) == (422, "invalid")
    assert [error["field"] for error in body(answer)["errors"]] == [field]
    assert accounts.database.accounts.count_documents({}) == 0


def test_password_is_stored_only_as_an_argon2id_hash(accounts: Accounts, thomas: str) -> None:
    row = accounts.database.accounts.find_one({"_id": thomas}) or {}
    assert row["password_hash"].startswith("$argon2id$")
    assert PASSWORD not in str(everything(accounts.database))


# Signing in.


def test_sign_in_gives_tokens_that_other_services_accept(accounts: Accounts, thomas: str) -> None:
    answer = accounts.sign_in("  " + EMAIL.swapcase())
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = body(answer)
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    server = make_server("127.0.0.1", 0, accounts.app)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        keys = Keys(f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json")
        actor = read_token(tokens["access_token"], keys)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    assert (actor.id, actor.role) == (thomas, "mentor")
    assert accounts.database.sessions.find_one({"_id": actor.session, "account": thomas})


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org", "no e-mail at all", ""])
def test_wrong_password_and_unknown_email_get_the_same_answer(accounts: Accounts, thomas: str, email: str) -> None:
    answer = accounts.sign_in(email, "not this one at all")
    assert problem(answer) == (401, "bad-credentials")
    assert body(answer)["detail"] == "The e-mail or the password is wrong."


def test_unknown_email_costs_one_password_check_like_a_known_one(
    accounts: Accounts, thomas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = passwords_module.PasswordHasher.verify

    def count(self: Any, kept: Any, password: Any) -> Any:
        checked.append(password)
        return verify(self, kept, password)

    monkeypatch.setattr(passwords_module.PasswordHasher, "verify", count)
    for email in (EMAIL, "nobody@example.org", "no e-mail at all"):
        checked.clear()
        accounts.sign_in(email, "not this one at all")
        assert len(checked) == 1, email


def release(accounts: Accounts) -> None:
    """Lets the required waiting time pass."""
    accounts.database.attempts.update_many({}, [{"$set": {"blocked_until": "$$NOW"}}])


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_after_ten_failures_sign_in_is_throttled_with_growing_delays(
    accounts: Accounts, thomas: str, email: str
) -> None:
    for _ in range(10):
        assert problem(accounts.sign_in(email, "wrong password")) == (401, "bad-credentials")
    waits = []
    for _ in range(3):
        answer = accounts.sign_in(email.upper())
        assert problem(answer) == (429, "rate-limited")
        waits.append(int(answer.headers["Retry-After"]))
        release(accounts)
        assert accounts.fresh().sign_in(email, "wrong password").status_code == 401
    assert 1 <= waits[0] <= 5 < waits[1] <= 10 < waits[2] <= 20
    assert accounts.sign_in("somebody.else@example.org").status_code == 401, "other accounts are not throttled"


def from_network(accounts: Accounts, address: str, password: str = PASSWORD) -> TestResponse:
    wish, headers = {"email": EMAIL, "password": password}, {"X-Forwarded-For": address}
    return accounts.client.post("/api/sessions", json=wish, headers=headers)


def test_attacker_cannot_keep_the_owner_out(accounts: Accounts, thomas: str) -> None:
    for number in range(20):
        answer = from_network(accounts, f"2001:db8::{number}", "wrong password")
        assert answer.status_code == (401 if number < 10 else 429), "one IPv6 network is one guesser"
    assert from_network(accounts, "203.0.113.5").status_code == 201
    assert from_network(accounts, "2001:db8::1").status_code == 429


def test_many_networks_are_slowed_but_not_those_of_the_owner(accounts: Accounts, thomas: str) -> None:
    assert from_network(accounts, "203.0.113.5").status_code == 201
    accounts.database.guesses.update_one({}, {"$set": {"count": FREE_GUESSES}})
    said = [from_network(accounts, f"198.51.100.{number}", "wrong password") for number in range(3)]
    assert [answer.status_code for answer in said] == [401, 429, 429]
    assert 1 <= int(said[1].headers["Retry-After"]) <= 30
    assert from_network(accounts, "203.0.113.5").status_code == 201
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    path, new = f"/api/accounts/password-reset/{accounts.token('password-reset')}", "une phrase de plus, longue"
    answer = accounts.client.post(path, json={"password": new}, headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 204
    assert accounts.database.guesses.count_documents({}) == 0
    assert from_network(accounts, "203.0.113.9", new).status_code == 201


def test_hashing_refuses_a_flood_instead_of_queueing_it(accounts: Accounts, thomas: str) -> None:
    narrow = accounts.fresh(hashes_waiting=1, hash_time_cost=20, hash_memory_kib=16 * 1024)
    answers = together(*[partial(narrow.sign_in, f"nobody-{n}@example.org") for n in range(24)])
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.status_code for answer in answers} == {401, 503}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}


def test_throttled_attempt_does_not_extend_the_delay(accounts: Accounts) -> None:
    for _ in range(10):
        accounts.sign_in(password="wrong password")
    before = accounts.database.attempts.find_one() or {}
    for _ in range(5):
        assert accounts.sign_in().status_code == 429
    after = accounts.database.attempts.find_one() or {}
    assert (after["count"], after["blocked_until"]) == (before["count"], before["blocked_until"])


def test_right_password_resets_the_failure_count(accounts: Accounts, thomas: str) -> None:
    for _ in range(2):
        for _ in range(9):
            assert accounts.sign_in(password="wrong password").status_code == 401
        assert accounts.sign_in().status_code == 201
    assert accounts.database.attempts.count_documents({}) == 0


def test_concurrent_guesses_are_each_counted(accounts: Accounts, thomas: str) -> None:
    answers = together(*[lambda: accounts.sign_in(password="wrong password")] * 24)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [401] * 10 + [429] * 14
    assert (accounts.database.attempts.find_one() or {})["count"] == 10


def test_attempts_are_stored_under_a_digest_for_a_day(accounts: Accounts) -> None:
    accounts.sign_in()
    assert EMAIL.lower() not in str(list(accounts.database.attempts.find())).lower()
    assert ttl(accounts, "attempts") == ("at", 24 * 3600)


def test_hash_with_outdated_cost_is_replaced_at_the_next_sign_in(accounts: Accounts, thomas: str) -> None:
    dearer = accounts.fresh(hash_time_cost=2, hash_memory_kib=16)
    assert dearer.sign_in().status_code == 201
    row = accounts.database.accounts.find_one({"_id": thomas}) or {}
    assert "m=16,t=2" in row["password_hash"]
    assert dearer.sign_in().status_code == 201


# Refreshing.


def test_refresh_gives_new_tokens_of_the_same_session(accounts: Accounts, thomas: str) -> None:
    first = accounts.tokens()
    answer = accounts.refresh(first["refresh_token"])
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    second = body(answer)
    assert second.keys() == first.keys()
    assert second["refresh_token"] != first["refresh_token"]
    claims = [jwt.decode(t["access_token"], options={"verify_signature": False}) for t in (first, second)]
    assert claims[0]["sid"] == claims[1]["sid"]
    assert claims[0]["jti"] != claims[1]["jti"]
    session = accounts.database.sessions.find_one({"_id": claims[0]["sid"]})
    newest = accounts.database.refresh_tokens.find_one({"_id": digest_of(second["refresh_token"])})
    assert session["expires_at"] == newest["expires_at"] > session["created_at"] + timedelta(days=30)  # type: ignore[index]


def test_only_digests_of_refresh_tokens_are_stored_and_they_expire(accounts: Accounts, thomas: str) -> None:
    token = accounts.tokens()["refresh_token"]
    (row,) = accounts.database.refresh_tokens.find()
    assert row["_id"] == digest_of(token)
    assert row["expires_at"] - row["issued_at"] == timedelta(days=30)
    assert ttl(accounts, "refresh_tokens") == ttl(accounts, "sessions") == ("expires_at", 0)
    assert token not in str(everything(accounts.database))


def test_used_refresh_token_gives_the_same_successor_again(accounts: Accounts, thomas: str) -> None:
    strict = accounts.fresh(refresh_grace=timedelta(0))
    old = accounts.tokens()["refresh_token"]
    new = {body(strict.refresh(old))["refresh_token"] for _ in range(3)}
    assert len(new) == 1, "however late: the browser may have lost the answer"
    assert accounts.database.refresh_tokens.count_documents({}) == 2
    following = [body(accounts.refresh(*new))["refresh_token"] for _ in range(2)]
    assert accounts.refresh(old).status_code == 201, "in the grace period"
    assert accounts.refresh(following[0]).status_code == 201


def test_session_of_an_older_version_goes_on(accounts: Accounts, thomas: str) -> None:
    fresh, used = accounts.tokens()["refresh_token"], accounts.tokens()["refresh_token"]
    newer = {"key": "", "parent": "", "superseded_at": ""}
    rows = accounts.database.refresh_tokens
    rows.update_many({}, {"$unset": newer})
    rows.update_one({"_id": digest_of(used)}, {"$set": {"used_at": accounts.now}})
    for token in (fresh, used):
        assert len({body(accounts.refresh(token))["refresh_token"] for _ in range(2)}) == 1
    rows.update_many({}, {"$unset": newer})
    strict = accounts.fresh(refresh_grace=timedelta(0))
    assert problem(strict.refresh(used)) == (401, "bad-credentials")


def test_session_ends_ninety_days_after_its_sign_in(accounts: Accounts, thomas: str) -> None:
    tokens = accounts.tokens()
    began = accounts.now - timedelta(days=90) + timedelta(minutes=5)
    accounts.database.sessions.update_one({}, {"$set": {"created_at": began}})
    last = body(accounts.refresh(tokens["refresh_token"]))
    assert 0 < last["expires_in"] <= 300
    accounts.database.sessions.update_one({}, {"$set": {"created_at": began - timedelta(minutes=6)}})
    assert problem(accounts.refresh(last["refresh_token"])) == (401, "bad-credentials")


def test_used_refresh_token_ends_only_its_session_after_the_grace_period(accounts: Accounts, thomas: str) -> None:
    strict = accounts.fresh(refresh_grace=timedelta(0))
    elsewhere, old = accounts.tokens()["refresh_token"], accounts.tokens()["refresh_token"]
    new = body(strict.refresh(old))["refresh_token"]
    newest = body(strict.refresh(new))["refresh_token"]
    assert problem(strict.refresh(old)) == (401, "bad-credentials")
    assert problem(accounts.refresh(newest)) == (401, "bad-credentials")
    assert accounts.refresh(elsewhere).status_code == 201


def test_grace_period_starts_at_the_first_use(accounts: Accounts, thomas: str) -> None:
    old = accounts.tokens()["refresh_token"]
    accounts.refresh(body(accounts.refresh(old))["refresh_token"])
    used_at = (accounts.database.refresh_tokens.find_one({"_id": digest_of(old)}) or {})["used_at"]
    assert accounts.refresh(old).status_code == 201
    assert (accounts.database.refresh_tokens.find_one({"_id": digest_of(old)}) or {})["used_at"] == used_at
    accounts.database.refresh_tokens.update_one(
        {"_id": digest_of(old)}, {"$set": {"used_at": used_at - timedelta(seconds=31)}}
    )
    assert problem(accounts.refresh(old)) == (401, "bad-credentials")


@pytest.mark.parametrize("token", ["", "nonsense", "é" * 43, "a" * 43])
def test_unknown_refresh_token_is_refused(accounts: Accounts, token: str) -> None:
    assert problem(accounts.refresh(token)) == (401, "bad-credentials")


def test_expired_refresh_token_is_refused_before_mongodb_removes_it(accounts: Accounts, thomas: str) -> None:
    brief = accounts.fresh(refresh_life=timedelta(0))
    token = brief.tokens()["refresh_token"]
    assert problem(brief.refresh(token)) == (401, "bad-credentials")


def test_concurrent_refreshes_with_one_token_give_one_successor(accounts: Accounts, thomas: str) -> None:
    old = accounts.tokens()["refresh_token"]
    answers = together(*[lambda: accounts.refresh(old)] * 20)
    assert [answer.status_code for answer in answers] == [201] * 20
    (new,) = {body(answer)["refresh_token"] for answer in answers}
    assert accounts.database.refresh_tokens.count_documents({}) == 2
    assert accounts.refresh(new).status_code == 201


# One's own sessions and password.


def test_person_lists_and_ends_own_sessions_only(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="ines@example.org")
    first, other, foreign = accounts.tokens(), accounts.tokens(), accounts.tokens("ines@example.org")
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    listed = body(accounts.client.get("/api/sessions", headers=headers))["items"]
    assert [one["current"] for one in listed] == [False, True]
    assert listed[0].keys() == {"id", "created_at", "refreshed_at", "expires_at", "current"}
    others = body(accounts.client.get("/api/sessions", headers=accounts.bearer("ines@example.org")))["items"]
    for session in (others[0]["id"], "no-such-session"):
        assert problem(accounts.client.delete(f"/api/sessions/{session}", headers=headers)) == (404, "not-found")
    assert accounts.client.delete(f"/api/sessions/{listed[0]['id']}", headers=headers).status_code == 204
    assert problem(accounts.refresh(other["refresh_token"])) == (401, "bad-credentials")
    assert accounts.refresh(first["refresh_token"]).status_code == 201
    assert accounts.refresh(foreign["refresh_token"]).status_code == 201


def test_new_password_ends_all_other_sessions(accounts: Accounts, thomas: str) -> None:
    current, other = accounts.tokens(), accounts.tokens()
    headers, new = {"Authorization": f"Bearer {current['access_token']}"}, "cheval correct pile agrafe"
    change = {"password": PASSWORD, "new_password": new}
    assert accounts.client.put("/api/accounts/me/password", json=change, headers=headers).status_code == 204
    assert problem(accounts.refresh(other["refresh_token"])) == (401, "bad-credentials")
    assert accounts.refresh(current["refresh_token"]).status_code == 201
    assert problem(accounts.sign_in()) == (401, "bad-credentials")
    assert accounts.sign_in(password=new).status_code == 201


def test_password_is_changed_only_with_the_current_one(accounts: Accounts, thomas: str) -> None:
    headers = accounts.bearer()

    def change(password: str, new: str) -> TestResponse:
        body = {"password": password, "new_password": new}
        return accounts.client.put("/api/accounts/me/password", json=body, headers=headers)

    assert problem(change("not the current one", "cheval correct pile agrafe")) == (401, "bad-credentials")
    weak = change(PASSWORD, "short")
    assert (problem(weak), [error["field"] for error in body(weak)["errors"]]) == ((422, "invalid"), ["new_password"])
    assert accounts.sign_in().status_code == 201
    for _ in range(11):
        last = change("not the current one", "cheval correct pile agrafe")
    assert problem(last) == (429, "rate-limited")


def sign_out(accounts: Accounts, tokens: dict[str, Any]) -> TestResponse:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return accounts.client.delete("/api/sessions/current", headers=headers)


def test_signing_out_ends_only_this_session(accounts: Accounts, thomas: str) -> None:
    here, there = accounts.tokens(), accounts.tokens()
    assert sign_out(accounts, here).status_code == 204
    assert problem(accounts.refresh(here["refresh_token"])) == (401, "bad-credentials")
    assert problem(sign_out(accounts, here)) == (401, "unauthenticated"), "its access token ends with it"
    assert accounts.refresh(there["refresh_token"]).status_code == 201


def test_refresh_concurrent_with_sign_out_leaves_no_valid_token(accounts: Accounts, thomas: str) -> None:
    for _ in range(6):
        tokens = accounts.tokens()
        left, refreshed = together(
            partial(sign_out, accounts, tokens), partial(accounts.refresh, tokens["refresh_token"])
        )
        assert left.status_code == 204
        if refreshed.status_code == 201:
            assert accounts.refresh(body(refreshed)["refresh_token"]).status_code == 401


# The caller's own account.


def test_caller_reads_and_updates_their_own_account(accounts: Accounts, thomas: str) -> None:
    headers = accounts.bearer()
    read = accounts.client.get("/api/accounts/me", headers=headers)
    assert read.status_code == 200
    expected = {"id": thomas, "email": EMAIL, "role": "mentor", "display_name": "Thomas", "locale": "fr"}
    assert {name: value for name, value in body(read).items() if name != "created_at"} == expected | {
        "verified": False, "erasure_at": None,
    }  # fmt: skip
    revised = accounts.client.patch("/api/accounts/me", json={"locale": "en"}, headers=headers)
    assert revised.status_code == 200
    assert revised.json == body(read) | {"locale": "en"}
    again = accounts.client.get("/api/accounts/me", headers=headers)
    assert again.json == revised.json
    assert again.headers["ETag"] == revised.headers["ETag"] != read.headers["ETag"]


def test_stale_if_match_changes_nothing(accounts: Accounts, thomas: str) -> None:
    headers = accounts.bearer()
    etag = accounts.client.get("/api/accounts/me", headers=headers).headers["ETag"]

    def rename(name: str) -> TestResponse:
        match = headers | {"If-Match": etag}
        return accounts.client.patch("/api/accounts/me", json={"display_name": name}, headers=match)

    assert rename("Tom").status_code == 200
    assert problem(rename("Thomas II")) == (412, "stale")
    assert body(accounts.client.get("/api/accounts/me", headers=headers))["display_name"] == "Tom"


@pytest.mark.parametrize("body", [{"role": "client"}, {"email": "x@example.org"}, {"locale": "de"}])
def test_fields_that_may_not_change_are_refused(accounts: Accounts, thomas: str, body: dict[str, str]) -> None:
    answer = accounts.client.patch("/api/accounts/me", json=body, headers=accounts.bearer())
    assert problem(answer) == (422, "invalid")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/accounts/me"),
        ("PATCH", "/api/accounts/me"),
        ("GET", "/api/accounts/export"),
        ("DELETE", "/api/sessions/current"),
    ],
)
def test_requests_without_a_valid_token_are_refused(accounts: Accounts, thomas: str, method: str, path: str) -> None:
    good = accounts.tokens()["access_token"]
    forged = symmetric("k" * 32, sub=thomas, role="mentor", sid="s")
    unknown_key = accounts.fresh()
    rows_of(accounts.database, KEYS).delete_many({})
    for headers in ({}, {"Authorization": f"Bearer {forged}"}, {"Authorization": f"Bearer {good}"}):
        answer = unknown_key.client.open(path, method=method, headers=headers)
        assert problem(answer) == (401, "unauthenticated")


def test_export_holds_the_callers_data_but_no_hash_or_token(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="other@example.org")
    accounts.tokens("other@example.org")
    headers = accounts.bearer()
    tokens = accounts.tokens()
    accounts.sign_in(password="wrong password")
    answer = accounts.client.get("/api/accounts/export", headers=headers)
    assert answer.status_code == 200
    export = body(answer)
    assert (export["account"]["email"], export["account"]["verified"]) == (EMAIL, False)
    assert len(export["sessions"]) == 2
    assert export["failed_sign_ins"] == 1
    assert [(event["name"], event["payload"]) for event in export["events"]] == [
        ("account.registered", {"role": "mentor", "locale": "fr"})
    ]
    text = json.dumps(export)
    for secret in ("argon2", digest_of(tokens["refresh_token"]), tokens["refresh_token"], "other@example.org"):
        assert secret not in text


# The internal route.


def test_notify_reads_an_address_with_the_internal_token(accounts: Accounts, thomas: str) -> None:
    headers = internally("notify", "accounts")
    answer = accounts.client.get(f"/internal/addresses/{thomas}", headers=headers)
    assert answer.status_code == 200
    assert answer.json == {"email": EMAIL, "display_name": "", "locale": "fr"}, "the e-mail is not confirmed"
    assert problem(accounts.client.get("/internal/addresses/nobody", headers=headers)) == (404, "not-found")


def test_notify_reads_several_addresses_at_once_without_those_who_have_none(accounts: Accounts, thomas: str) -> None:
    headers = internally("notify", "accounts")
    answer = accounts.client.get(f"/internal/addresses?id={thomas}&id=nobody", headers=headers)
    assert answer.status_code == 200
    assert answer.json == {"addresses": {thomas: {"email": EMAIL, "display_name": "", "locale": "fr"}}}
    for wrong in ("", "?" + "&".join(f"id={number}" for number in range(101))):
        assert problem(accounts.client.get(f"/internal/addresses{wrong}", headers=headers))[0] in (400, 422)
    assert problem(accounts.client.get(f"/internal/addresses?id={thomas}")) == (403, "forbidden")


@pytest.mark.parametrize(
    "shown",
    [None, "", "wrong", "tök€n".encode().decode("latin-1"),
     *(token.encode().decode("latin-1") for name, token in INTERNAL.items() if not name.endswith("NOTIFY_ACCOUNTS"))],
)  # fmt: skip
def test_internal_route_refuses_every_token_but_that_of_notify(
    accounts: Accounts, thomas: str, shown: str | None
) -> None:
    headers = accounts.bearer() | ({} if shown is None else {"X-Releve-Internal": shown})
    known = accounts.client.get(f"/internal/addresses/{thomas}", headers=headers)
    unknown = accounts.client.get("/internal/addresses/nobody", headers=headers)
    assert problem(known) == (403, "forbidden"), "notify reads a 404 as an unknown account and would drop the mail"
    assert known.json == unknown.json
    for method in ("POST", "DELETE"):
        answer = accounts.client.open("/internal/mails/any", method=method, headers=headers)
        assert problem(answer) == (403, "forbidden")


def test_internal_route_is_in_no_api_document(accounts: Accounts) -> None:
    paths = accounts.app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()["paths"]
    assert "/api/accounts/me" in paths
    assert not [path for path in paths if "internal" in path]


# Keys.


def test_two_keys_are_published_with_a_short_cache_lifetime(accounts: Accounts) -> None:
    answer = accounts.client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    keys = body(answer)["keys"]
    assert len(keys) == 2
    assert not [key for key in keys if "d" in key]


def test_first_read_of_the_keys_creates_them_with_a_rotation_deadline(accounts: Accounts) -> None:
    assert rows_of(accounts.database, KEYS).count_documents({}) == 0, "composing a service writes nothing"
    accounts.key_ids()
    (row,) = rows_of(accounts.database, KEYS).find()
    assert row["due_at"] == row["keys"][1]["signs_from"] + timedelta(minutes=10)


def test_processes_that_start_simultaneously_agree_on_the_keys(accounts: Accounts) -> None:
    rows_of(accounts.database, KEYS).delete_many({})
    answers = together(*[lambda: accounts.client.get("/.well-known/jwks.json")] * 8)
    assert len({answer.text for answer in answers}) == 1


def test_keys_rotate_with_several_workers_and_tokens_stay_verifiable(accounts: Accounts, thomas: str) -> None:
    rows_of(accounts.database, KEYS).delete_many({})
    brief = accounts.fresh(key_life=timedelta(seconds=2), access_token_life=timedelta(seconds=1))
    stop, deadline = threading.Event(), handlers.DEADLINES[0]
    workers = [threading.Thread(target=Timers(brief.work, deadline, brief.config, stop).run) for _ in range(3)]
    seen: list[str] = []
    signed: set[str] = set()

    def look() -> bool:
        ids = brief.key_ids()
        assert len(ids) == 2
        seen.extend(key_id for key_id in ids if key_id not in seen)
        token = brief.tokens()["access_token"]
        key_id = jwt.get_unverified_header(token)["kid"]
        assert key_id in brief.key_ids()
        assert key_id in seen, "a key signs only after it has been published"
        signed.add(key_id)
        answer = brief.client.get("/api/accounts/me", headers={"Authorization": f"Bearer {token}"})
        claims = jwt.decode(token, options={"verify_signature": False})
        assert answer.status_code == 200 or time.time() >= claims["exp"]
        return len(seen) >= 4 and len(signed) >= 2

    for worker in workers:
        worker.start()
    try:
        until(look, 30)
    finally:
        stop.set()
        for worker in workers:
            worker.join(10)
    ring = rows_of(accounts.database, KEYS).find_one() or {}
    gaps = ring["keys"][1]["signs_from"] - ring["keys"][0]["signs_from"]
    assert timedelta(seconds=1.9) < gaps < timedelta(seconds=3), "three workers together rotate once per deadline"


def test_longer_token_lifetime_keeps_a_key_past_its_recorded_deadline(accounts: Accounts) -> None:
    before = accounts.key_ids()
    (row,) = rows_of(accounts.database, KEYS).find()
    longer = accounts.fresh(access_token_life=timedelta(days=1))
    next_signs = row["keys"][1]["signs_from"]
    rows_of(accounts.database, KEYS).update_one({}, [{"$set": {"keys": row["keys"], "due_at": "$$NOW"}}])
    longer.work.run(lambda unit: handlers.rotate_signing_keys(unit, row["_id"], longer.config))
    (moved,) = rows_of(accounts.database, KEYS).find()
    assert accounts.key_ids() == before
    assert moved["due_at"] == next_signs + timedelta(days=1)


def test_deleting_the_keys_invalidates_every_token_and_sign_in_still_works(accounts: Accounts, thomas: str) -> None:
    headers = accounts.bearer()
    rows_of(accounts.database, KEYS).delete_many({})
    assert problem(accounts.client.get("/api/accounts/me", headers=headers)) == (401, "unauthenticated")
    assert accounts.client.get("/api/accounts/me", headers=accounts.bearer()).status_code == 200


# Logs.


def test_no_log_line_holds_an_email_a_password_or_a_token(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder()
    monkeypatch.setattr(telemetry, "log", recorder)
    account_id = body(accounts.register())["id"]
    accounts.register()
    accounts.register(password="short")
    tokens = accounts.tokens()
    accounts.sign_in(password="wrong password")
    accounts.sign_in("nobody@example.org")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    for path in ("/api/accounts/me", "/api/accounts/export", f"/internal/addresses/{account_id}"):
        accounts.client.get(path, headers=headers | internally("notify", "accounts"))
    strict = accounts.fresh(refresh_grace=timedelta(0))
    strict.refresh(body(strict.refresh(tokens["refresh_token"]))["refresh_token"])
    strict.refresh(tokens["refresh_token"])
    monkeypatch.setattr(store, "find_account", lambda *_: 1 / 0)
    assert problem(accounts.sign_in()) == (500, "internal")
    written = "\n".join([*recorder.lines, caplog.text])
    assert "refresh_token_reused" in written
    assert "request_failed" in written
    assert account_id in written
    for secret in (
        "example.org",
        "Thomas",
        PASSWORD,
        "wrong password",
        tokens["access_token"],
        tokens["refresh_token"],
    ):
        assert secret not in written


def test_malformed_request_is_answered_with_a_problem(accounts: Accounts) -> None:
    for raw, status in ((b"{", 400), (b"[]", 400), (b'{"email": "a", "email": "b"}', 400)):
        for path in ("/api/accounts", "/api/sessions", "/api/sessions/refresh"):
            answer = accounts.client.post(path, data=raw, content_type="application/json")
            assert answer.status_code == status
