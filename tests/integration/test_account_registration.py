"""Registering where e-mails must be verified: no account, session or sign tells anything before the link is opened."""

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from chassis.mongo import Documents
from services.accounts.clients import hashing
from services.accounts.model import MOST_MAILS
from tests.kit.accounts import Accounts, ttl, written
from tests.kit.answers import body, problem
from tests.kit.databases import everything
from tests.kit.examples import EMAIL, PASSWORD
from tests.kit.racing import together

MINE = "une phrase que moi seule connais"
NEW, WAITING, TAKEN = "new@example.org", "waiting@example.org", EMAIL
RESET = "/api/accounts/password-reset"


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    return Accounts(database).fresh(verify_email=True)


def told(answer: TestResponse) -> tuple[int, set[str], dict[str, str]]:
    """All that an answer says, but for ids, times and what follows from the length of an id."""
    changing = ("Date", "X-Request-Id", "X-Trace-Id", "Content-Length")
    return answer.status_code, set(body(answer)), {k: v for k, v in answer.headers.items() if k not in changing}


def links(accounts: Accounts) -> list[str]:
    """A token for each verification mail, oldest first."""
    return [str(body(accounts.internal("POST", f"mails/{mail}"))["token"]) for mail in accounts.mails("verify-email")]


def opened(accounts: Accounts, token: str, **more: str) -> TestResponse:
    return accounts.post(f"/api/accounts/verification/{token}", more)


def test_account_begins_with_the_link_and_the_password_given_there(accounts: Accounts) -> None:
    registered = body(accounts.register())
    assert registered == {"id": registered["id"], "role": "mentor", "display_name": "Thomas", "locale": "fr"}
    assert accounts.facts("account.registered") == []
    assert problem(accounts.sign_in()) == (401, "bad-credentials")
    (token,) = links(accounts)
    assert problem(opened(accounts, token)) == (422, "invalid")
    assert problem(opened(accounts, token, password="short")) == (422, "invalid")
    assert opened(accounts, token, password=MINE).status_code == 204
    assert problem(opened(accounts, token, password=MINE)) == (404, "not-found")
    assert problem(accounts.sign_in()) == (401, "bad-credentials"), "the password of whoever registered never counts"
    bearer = {"Authorization": f"Bearer {body(accounts.sign_in(password=MINE))['access_token']}"}
    me = body(accounts.client.get("/api/accounts/me", headers=bearer))
    assert (me["id"], me["verified"], me["email"]) == (registered["id"], True, EMAIL)
    facts = accounts.outbox(registered["id"])
    assert [(fact["name"], fact["sequence"]) for fact in facts] == [("account.registered", 1), ("account.verified", 2)]


def test_each_link_opens_what_its_own_person_registered(accounts: Accounts) -> None:
    accounts.register(role="client", display_name="Somebody else", password="somebody else's password")
    accounts.register()
    theirs, mine = links(accounts)
    assert opened(accounts, mine, password=MINE).status_code == 204
    row = accounts.database.accounts.find_one() or {}
    assert (row["role"], row["display_name"]) == ("mentor", "Thomas")
    assert problem(opened(accounts, theirs, password=MINE)) == (404, "not-found")
    assert accounts.database.registrations.count_documents({}) == accounts.database.mails.count_documents({}) == 0
    assert problem(accounts.sign_in(password="somebody else's password")) == (401, "bad-credentials")


@pytest.fixture
def three(accounts: Accounts) -> Accounts:
    """With a verified account, and a registration that waits."""
    accounts.register()
    assert accounts.confirm().status_code == 204
    accounts.register(email=WAITING)
    accounts.database.mail_counts.delete_many({})
    return accounts


@pytest.mark.parametrize("path", ["/api/accounts", "/api/accounts/verification", RESET])
def test_taken_waiting_and_free_addresses_get_the_same_answer_and_writes(three: Accounts, path: str) -> None:
    def ask(email: str) -> TestResponse:
        return three.register(email=email) if path == "/api/accounts" else three.post(path, {"email": email})

    answers: list[TestResponse] = []

    def asked(email: str) -> TestResponse:
        answers.append(ask(email))
        return answers[-1]

    costs = [written(three, partial(asked, email)) for email in (NEW, WAITING, TAKEN, TAKEN.upper())]
    assert [told(answer) for answer in answers] == [told(answers[0])] * len(answers)
    assert len(set(costs)) == 1, costs


def test_sign_in_tells_no_waiting_from_an_unknown_address(three: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []
    check = hashing.Passwords.check

    def count(self: hashing.Passwords, stored: str | None, password: str) -> bool:
        checked.append(stored)
        return check(self, stored, password)

    monkeypatch.setattr(hashing.Passwords, "check", count)
    answers = [three.sign_in(email, PASSWORD) for email in (NEW, WAITING)]
    answers.append(three.sign_in(TAKEN, "not this one at all"))
    assert [problem(answer) for answer in answers] == [(401, "bad-credentials")] * 3
    assert len({(answer.data, *sorted(told(answer)[2])) for answer in answers}) == 1
    assert len(checked) == 3


def test_registration_hashes_nothing_where_it_sets_no_password(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = accounts.fresh(verify_email=False)
    monkeypatch.setattr(hashing.Passwords, "hash", lambda *_: 1 / 0)
    assert accounts.register().status_code == 201
    assert problem(accounts.register(password="short")) == (422, "invalid")
    wish = {"email": NEW, "role": "client", "display_name": "Zoé", "locale": "en"}
    assert accounts.post("/api/accounts", wish).status_code == 201, "a password is not needed"
    assert problem(without.post("/api/accounts", wish)) == (422, "invalid")
    assert PASSWORD not in str(everything(accounts.database))


def test_owner_of_a_taken_address_is_told_and_a_waiting_one_gets_a_link(three: Accounts) -> None:
    before = len(three.mails("verify-email"))
    three.register(display_name="Mallory")
    (mail,) = three.mails("already-registered")
    assert body(three.internal("POST", f"mails/{mail}"))["display_name"] == "Thomas"
    assert len(three.mails("verify-email")) == before
    three.register(email=WAITING)
    assert len(three.mails("verify-email")) == before + 1
    assert body(three.internal("POST", f"mails/{three.mails('verify-email')[-1]}"))["display_name"] == ""


def test_verification_again_and_reset_both_reach_a_waiting_person(three: Accounts) -> None:
    three.post("/api/accounts/verification", {"email": WAITING})
    assert len(three.mails("verify-email")) == 3
    three.post(RESET, {"email": WAITING})
    token = three.token("password-reset")
    assert three.post(f"{RESET}/{token}", {"password": MINE}).status_code == 204
    assert three.sign_in(WAITING, MINE).status_code == 201
    assert len(three.facts("account.verified")) == 2


def test_registrations_of_one_address_are_bounded_and_expire(accounts: Accounts) -> None:
    for _ in range(MOST_MAILS + 3):
        assert accounts.register().status_code == 201
    assert accounts.database.registrations.count_documents({}) == len(accounts.mails("verify-email")) == MOST_MAILS
    assert ttl(accounts, "registrations") == ("expires_at", 0)


def test_links_opened_concurrently_make_one_account(accounts: Accounts) -> None:
    for _ in range(4):
        accounts.register()
    answers = together(*[partial(opened, accounts, token, password=MINE) for token in links(accounts)])
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]
    assert accounts.database.accounts.count_documents({}) == 1


# Accounts of the time before.


@pytest.fixture
def unverified(accounts: Accounts) -> Accounts:
    """With an account whose e-mail nobody has proven, opened before verification was switched on."""
    accounts.fresh(verify_email=False).register()
    return accounts


def test_unverified_account_neither_signs_in_nor_refreshes(unverified: Accounts) -> None:
    tokens = unverified.fresh(verify_email=False).tokens()
    assert unverified.sign_in().data == unverified.sign_in(NEW).data
    assert problem(unverified.refresh(tokens["refresh_token"])) == (401, "bad-credentials")


@pytest.mark.parametrize("way", ["verification", "password-reset"])
def test_whoever_proves_an_old_account_sets_its_password(unverified: Accounts, way: str) -> None:
    tokens = unverified.fresh(verify_email=False).tokens()
    unverified.post(f"/api/accounts/{way}", {"email": EMAIL})
    token = unverified.token("verify-email" if way == "verification" else "password-reset")
    assert problem(unverified.post(f"/api/accounts/{way}/{token}", {})) == (422, "invalid")
    assert unverified.post(f"/api/accounts/{way}/{token}", {"password": MINE}).status_code == 204
    assert problem(unverified.sign_in()) == (401, "bad-credentials")
    bearer = {"Authorization": f"Bearer {body(unverified.sign_in(password=MINE))['access_token']}"}
    assert body(unverified.client.get("/api/accounts/me", headers=bearer))["verified"] is True
    assert problem(unverified.refresh(tokens["refresh_token"])) == (401, "bad-credentials")
    assert len(unverified.facts("account.verified")) == 1


def test_operator_signs_in_without_a_verified_address(unverified: Accounts) -> None:
    unverified.database.accounts.update_one({}, {"$set": {"role": "operator"}})
    assert unverified.sign_in().status_code == 201


# Limits.


@pytest.mark.parametrize(
    ("what", "status"),
    [
        (lambda one: one.register(), 201),
        (lambda one: one.post("/api/accounts/verification", {"email": EMAIL}), 202),
        (lambda one: one.post(RESET, {"email": EMAIL}), 202),
    ],
)
def test_requests_for_mails_are_limited_by_network(
    accounts: Accounts, what: Callable[[Accounts], TestResponse], status: int
) -> None:
    few = accounts.fresh(mail_requests=accounts.config.mail_requests.__class__("mails", 2))
    assert [what(few).status_code for _ in range(2)] == [status] * 2
    refused = what(few)
    assert problem(refused) == (429, "rate-limited")
    assert 3500 <= int(refused.headers["Retry-After"]) <= 3600
    row = accounts.database.limits.find_one() or {}
    accounts.database.limits.update_one({"_id": row["_id"]}, [{"$set": {"at": {"$subtract": ["$at", 3_600_001]}}}])
    assert what(few).status_code == status, "an hour later"
    assert ttl(accounts, "limits") == ("at", 3600)


@pytest.mark.parametrize(
    "what",
    [
        lambda one: one.sign_in(NEW, "a wild guess, no more"),
        lambda one: one.refresh("a guess"),
        lambda one: one.post("/api/accounts/verification/guess", {"password": MINE}),
        lambda one: one.post(f"{RESET}/guess", {"password": MINE}),
        lambda one: one.post("/api/accounts/email/confirmation/guess", {}),
        lambda one: one.post("/api/accounts/email/undo/guess", {}),
        lambda one: one.post("/api/accounts/erasure-stop/guess", {}),
    ],
)
def test_wrong_guesses_are_limited_by_network_and_right_ones_are_not(
    accounts: Accounts, what: Callable[[Accounts], TestResponse]
) -> None:
    few = accounts.fresh(guesses=accounts.config.guesses.__class__("guesses", 2))
    few.register()
    assert few.confirm().status_code == 204
    for _ in range(4):
        assert few.sign_in().status_code == 201
    assert [what(few).status_code in (401, 404) for _ in range(2)] == [True] * 2
    assert problem(what(few)) == (429, "rate-limited")
