"""Links in mails on a real MongoDB: verify an e-mail or reset a password, once, before expiry, only by a POST."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis import telemetry
from chassis.mongo import Documents
from contracts.blind import domain_digest
from contracts.topics import SERVICES
from services.accounts.model import MOST_MAILS, digest_of
from tests.kit.accounts import Accounts, Recorder, ttl, written
from tests.kit.answers import body, problem
from tests.kit.databases import everything
from tests.kit.examples import EMAIL, PASSWORD
from tests.kit.racing import together

VERIFY, RESET = "/api/accounts/verification", "/api/accounts/password-reset"
NEW = "une autre phrase, bien à lui"


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    return Accounts(database)


@pytest.fixture
def thomas(accounts: Accounts) -> str:
    """A registered mentor's id."""
    return str(body(accounts.register())["id"])


def verified(accounts: Accounts) -> bool:
    return bool(body(accounts.client.get("/api/accounts/me", headers=accounts.bearer()))["verified"])


def ask(accounts: Accounts, path: str, email: str = EMAIL) -> TestResponse:
    answer = accounts.post(path, {"email": email})
    assert (answer.status_code, answer.json) == (202, {})
    return answer


def reset(accounts: Accounts, token: str, password: str = NEW) -> TestResponse:
    return accounts.post(f"{RESET}/{token}", {"password": password})


def expire(accounts: Accounts) -> None:
    """Expires every link."""
    accounts.database.mails.update_many({}, [{"$set": {"expires_at": "$$NOW"}}])


def test_registration_requests_a_verification_mail_only_if_the_setting_asks(accounts: Accounts) -> None:
    accounts.register(email="quiet@example.org")
    assert accounts.mails("verify-email") == []
    accounts.fresh(verify_email=True).register()
    (mail_id,) = accounts.mails("verify-email")
    mail = body(accounts.internal("POST", f"mails/{mail_id}"))
    assert len(mail.pop("token")) == 43
    assert mail == {"email": EMAIL, "display_name": "", "locale": "fr", "kind": "verify-email"}


def test_link_verifies_once_and_publishes_a_digest_of_the_domain(accounts: Accounts, thomas: str) -> None:
    ask(accounts, VERIFY)
    token = accounts.token("verify-email")
    assert not verified(accounts)
    for method in ("GET", "HEAD"):
        assert accounts.client.open(f"{VERIFY}/{token}", method=method).status_code == 405
    assert not verified(accounts), "a scanner that follows links with GET changes nothing"
    assert accounts.client.post(f"{VERIFY}/{token}").status_code == 204
    assert verified(accounts)
    assert problem(accounts.client.post(f"{VERIFY}/{token}", json={})) == (404, "not-found")
    (fact,) = accounts.facts("account.verified")
    assert fact["subject"] == thomas
    assert fact["payload"] == {"blind_domain": domain_digest(accounts.config.blind_secret, thomas, "example.org")}


def test_domain_with_open_registration_identifies_no_organisation(accounts: Accounts) -> None:
    accounts.register(email="thomas.martin@GMail.com")
    ask(accounts, VERIFY, "thomas.martin@gmail.com")
    assert accounts.post(f"{VERIFY}/{accounts.token('verify-email')}", {}).status_code == 204
    assert accounts.facts("account.verified")[0]["payload"] == {"blind_domain": None}


def test_no_mail_holds_the_name_before_the_email_is_confirmed(accounts: Accounts, thomas: str) -> None:
    ask(accounts, VERIFY)
    ask(accounts, RESET)
    accounts.register(display_name="Somebody else")
    paths = [("GET", f"addresses/{thomas}")]
    paths += [("POST", f"mails/{accounts.mails(kind)[0]}") for kind in ("password-reset", "already-registered")]
    assert [body(accounts.internal(*path))["display_name"] for path in paths] == [""] * 3
    assert accounts.post(f"{VERIFY}/{accounts.token('verify-email')}", {}).status_code == 204
    assert [body(accounts.internal(*path))["display_name"] for path in paths] == ["Thomas"] * 3


@pytest.mark.parametrize("confirmed", [False, True])
def test_erasure_receipt_holds_only_a_confirmed_name(accounts: Accounts, thomas: str, confirmed: bool) -> None:
    if confirmed:
        ask(accounts, VERIFY)
        assert accounts.post(f"{VERIFY}/{accounts.token('verify-email')}", {}).status_code == 204
    accounts.erase(thomas)
    for service in SERVICES:
        accounts.hear("erasure.done", thomas, service=service)
    mail = body(accounts.internal("POST", f"mails/{accounts.mails('erasure-done')[0]}"))
    assert (mail["email"], mail["display_name"]) == (EMAIL, "Thomas" if confirmed else "")


def test_both_spellings_of_an_international_domain_are_one_account(accounts: Accounts) -> None:
    accounts.register(email="lea@xn--bcher-kva.example")
    accounts.register(email="lea@Bücher.example")
    assert accounts.database.accounts.count_documents({}) == 1
    assert len(accounts.mails("already-registered")) == 1
    assert {accounts.sign_in(email).status_code for email in ("lea@bücher.example", "lea@XN--BCHER-KVA.example")} == {
        201
    }
    ask(accounts, VERIFY, "lea@bücher.example")
    ask(accounts, VERIFY, "lea@xn--bcher-kva.example")
    assert len(accounts.mails("verify-email")) == 2
    assert accounts.post(f"{VERIFY}/{accounts.token('verify-email')}", {}).status_code == 204
    (fact,) = accounts.facts("account.verified")
    expected = domain_digest(accounts.config.blind_secret, fact["subject"], "xn--bcher-kva.example")
    assert fact["payload"] == {"blind_domain": expected}


def test_verification_needs_the_email_only_from_a_signed_out_caller(accounts: Accounts, thomas: str) -> None:
    assert accounts.client.post(VERIFY, headers=accounts.bearer()).status_code == 202
    assert len(accounts.mails("verify-email")) == 1
    assert problem(accounts.client.post(VERIFY)) == (422, "invalid")
    assert problem(accounts.client.post(VERIFY, headers={"Authorization": "Bearer x"})) == (401, "unauthenticated")


def test_verified_account_gets_no_more_verification_mails(accounts: Accounts, thomas: str) -> None:
    ask(accounts, VERIFY)
    ask(accounts, VERIFY)
    first, second = accounts.mails("verify-email")
    tokens = [body(accounts.internal("POST", f"mails/{mail_id}"))["token"] for mail_id in (first, second)]
    assert accounts.post(f"{VERIFY}/{tokens[0]}", {}).status_code == 204
    assert problem(accounts.post(f"{VERIFY}/{tokens[1]}", {})) == (404, "not-found"), "the e-mail is already verified"
    ask(accounts, VERIFY)
    assert len(accounts.mails("verify-email")) == 2


@pytest.mark.parametrize("path", [VERIFY, RESET])
@pytest.mark.parametrize("token", ["a" * 43, "%C3%A9", "x.y", "null"])
def test_unknown_token_gets_the_same_answer_as_a_used_one(
    accounts: Accounts, thomas: str, path: str, token: str
) -> None:
    answer = accounts.post(f"{path}/{token}", {"password": NEW} if path == RESET else {})
    assert problem(answer) == (404, "not-found")


def test_link_of_one_kind_cannot_be_used_for_another(accounts: Accounts, thomas: str) -> None:
    ask(accounts, VERIFY)
    ask(accounts, RESET)
    assert problem(reset(accounts, accounts.token("verify-email"))) == (404, "not-found")
    assert problem(accounts.post(f"{VERIFY}/{accounts.token('password-reset')}", {})) == (404, "not-found")


def test_expired_link_is_refused_before_mongodb_removes_it(accounts: Accounts, thomas: str) -> None:
    for path in (VERIFY, RESET):
        ask(accounts, path)
    verify, new = accounts.token("verify-email"), accounts.token("password-reset")
    expire(accounts)
    assert problem(accounts.post(f"{VERIFY}/{verify}", {})) == (404, "not-found")
    assert problem(reset(accounts, new)) == (404, "not-found")
    assert problem(accounts.internal("POST", f"mails/{accounts.mails('verify-email')[0]}")) == (404, "not-found")
    assert ttl(accounts, "mails") == ("expires_at", 0)


def test_links_are_valid_for_the_configured_time(accounts: Accounts, thomas: str) -> None:
    ask(accounts, VERIFY)
    ask(accounts, RESET)
    lives = {row["kind"]: row["expires_at"] for row in accounts.database.mails.find()}
    assert timedelta(hours=22.9) < lives["verify-email"] - lives["password-reset"] < timedelta(hours=23.1)


def test_concurrent_uses_of_one_link_succeed_once(accounts: Accounts, thomas: str) -> None:
    ask(accounts, VERIFY)  # first: whoever sets a password with a link has verified the address, too
    verify = accounts.token("verify-email")
    posts = together(*[partial(accounts.post, f"{VERIFY}/{verify}", {})] * 6)
    assert sorted(answer.status_code for answer in posts) == [204] + [404] * 5
    ask(accounts, RESET)
    token = accounts.token("password-reset")
    answers = together(*[partial(reset, accounts, token, f"{NEW} {n}") for n in range(6)])
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 5
    assert len(accounts.facts("account.verified")) == 1


def test_resent_mail_carries_another_token_of_the_same_link(accounts: Accounts, thomas: str) -> None:
    ask(accounts, RESET)
    first, second = accounts.token("password-reset"), accounts.token("password-reset")
    assert first != second
    assert reset(accounts, first).status_code == 204
    assert problem(reset(accounts, second, "encore une autre phrase")) == (404, "not-found")
    assert problem(accounts.internal("POST", f"mails/{accounts.mails('password-reset')[0]}")) == (404, "not-found")


def test_database_and_events_never_hold_a_token_or_an_address(accounts: Accounts, thomas: str) -> None:
    for path in (VERIFY, RESET):
        ask(accounts, path)
    tokens = [accounts.token(kind) for kind in ("verify-email", "password-reset")]
    rows = {name: str(rows) for name, rows in everything(accounts.database).items()}
    assert digest_of(tokens[0]) in rows["mails"]
    for token in tokens:
        assert not [name for name, text in rows.items() if token in text]
    assert [name for name, text in rows.items() if "example.org" in text.lower()] == ["accounts"]


def test_new_password_ends_every_session_and_the_old_password(accounts: Accounts, thomas: str) -> None:
    here, there = accounts.tokens(), accounts.tokens()
    ask(accounts, RESET)
    assert reset(accounts, accounts.token("password-reset")).status_code == 204
    for tokens in (here, there):
        assert problem(accounts.refresh(tokens["refresh_token"])) == (401, "bad-credentials")
    assert problem(accounts.sign_in()) == (401, "bad-credentials")
    assert accounts.sign_in(password=NEW).status_code == 201


def test_refused_password_leaves_the_link_usable(accounts: Accounts, thomas: str) -> None:
    ask(accounts, RESET)
    token = accounts.token("password-reset")
    for password in ("short", "password12345", "thomas.martin et rien d'autre"):
        answer = reset(accounts, token, password)
        assert problem(answer) == (422, "invalid")
        assert [error["field"] for error in body(answer)["errors"]] == ["password"]
    assert accounts.sign_in().status_code == 201
    assert reset(accounts, token).status_code == 204


def test_password_reset_clears_the_sign_in_throttle(accounts: Accounts, thomas: str) -> None:
    for _ in range(10):
        accounts.sign_in(password="wrong password")
    assert accounts.sign_in().status_code == 429
    ask(accounts, RESET)
    reset(accounts, accounts.token("password-reset"))
    assert accounts.sign_in(password=NEW).status_code == 201


def test_sign_in_during_a_reset_leaves_no_old_session(accounts: Accounts, thomas: str) -> None:
    old = PASSWORD
    for number in range(6):
        ask(accounts, RESET)
        new = f"{NEW} {number}"
        accounts.database.mail_counts.delete_many({})
        token = accounts.token("password-reset")
        entered, changed = together(partial(accounts.sign_in, password=old), partial(reset, accounts, token, new))
        assert changed.status_code == 204
        if entered.status_code == 201:
            assert accounts.refresh(body(entered)["refresh_token"]).status_code == 401
        old = new


@pytest.mark.parametrize("path", [VERIFY, RESET])
def test_unknown_email_gets_the_same_answer_and_writes_but_no_mail(accounts: Accounts, thomas: str, path: str) -> None:
    costs = [
        written(accounts, partial(ask, accounts, path, email))
        for email in (EMAIL, "nobody@example.org", "no e-mail at all", f"  {EMAIL.upper()}")
    ]
    assert len(set(costs)) == 1, costs
    assert costs[0] >= 4
    assert accounts.database.mails.count_documents({}) == 2
    assert accounts.database.outbox.count_documents({"name": "mail.requested", "subject": {"$ne": thomas}}) == 0


def test_mails_of_each_kind_are_throttled_per_email_without_revealing_it(accounts: Accounts, thomas: str) -> None:
    for _ in range(MOST_MAILS + 3):
        ask(accounts, RESET)
    ask(accounts, VERIFY)
    assert len(accounts.mails("password-reset")) == MOST_MAILS
    assert len(accounts.mails("verify-email")) == 1
    accounts.database.mail_counts.update_many({}, [{"$set": {"at": {"$subtract": ["$$NOW", 3_600_001]}}}])
    ask(accounts, RESET)
    assert len(accounts.mails("password-reset")) == MOST_MAILS + 1


def test_concurrent_mail_requests_are_each_counted(accounts: Accounts, thomas: str) -> None:
    together(*[partial(ask, accounts, RESET)] * 10)
    assert len(accounts.mails("password-reset")) == MOST_MAILS


def test_registering_an_email_in_use_notifies_only_its_owner(accounts: Accounts, thomas: str) -> None:
    accounts.register(role="client", display_name="Somebody else")
    (mail_id,) = accounts.mails("already-registered")
    mail = body(accounts.internal("POST", f"mails/{mail_id}"))
    assert (mail["email"], mail["kind"], mail["token"]) == (EMAIL, "already-registered", None)
    assert "Somebody else" not in str(mail)
    assert accounts.internal("DELETE", f"mails/{mail_id}").status_code == 204
    assert problem(accounts.internal("POST", f"mails/{mail_id}")) == (404, "not-found")


def test_link_outlives_its_mail(accounts: Accounts, thomas: str) -> None:
    ask(accounts, RESET)
    token = accounts.token("password-reset")
    assert accounts.internal("DELETE", f"mails/{accounts.mails('password-reset')[0]}").status_code == 204
    assert reset(accounts, token).status_code == 204


def test_language_change_is_published_and_name_change_is_not(accounts: Accounts, thomas: str) -> None:
    headers = accounts.bearer()
    for change in ({"display_name": "Tom"}, {"locale": "fr"}, {"locale": "en"}):
        assert accounts.client.patch("/api/accounts/me", json=change, headers=headers).status_code == 200
    (fact,) = accounts.facts("account.changed")
    assert (fact["subject"], fact["payload"]) == (thomas, {"locale": "en"})


def test_no_log_line_holds_a_links_token(
    accounts: Accounts, thomas: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recorder: Any = Recorder()
    monkeypatch.setattr(telemetry, "log", recorder)
    uses: list[Callable[[str], TestResponse]] = [
        lambda token: accounts.post(f"{VERIFY}/{token}", {}),
        partial(reset, accounts),
    ]
    for path, kind, use in zip((VERIFY, RESET), ("verify-email", "password-reset"), uses, strict=True):
        ask(accounts, path)
        token = accounts.token(kind)
        assert [use(token).status_code for _ in range(2)] == [204, 404]
        written_down = "\n".join([*recorder.lines, caplog.text])
        assert "route=" in written_down or "'route'" in written_down
        assert token not in written_down
        assert "example.org" not in written_down.lower()
