"""Operators' second factor over HTTP: enrolling, raising a session, wrong codes, losing it, and the audit trail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pyotp
import pytest
from werkzeug.test import TestResponse

from chassis import audit
from chassis.http.proofs import Proofs
from chassis.mongo import Documents
from chassis.places import TRAIL, rows_of
from chassis.rewrap import count
from services.accounts import operator
from services.accounts.clients.hashing import Passwords
from services.accounts.commands.factors import reset_by_email
from services.accounts.model.factors import ENROL_WITHIN, MOST_WRONG, STEP_S
from services.accounts.store import FACTORS
from tests.kit.accounts import CONFIG, Accounts
from tests.kit.answers import body, problem
from tests.kit.clock import HandClock
from tests.kit.examples import PASSWORD, REGISTRATION
from tests.kit.racing import together
from tests.kit.services import Running

HASHING = Passwords(1, 8)
BACK = timedelta(hours=30)
FACTOR, STEP_UP = "/api/operations/factor", "/api/sessions/current/step-up"
Headers = dict[str, str]


class Office(Accounts):
    """accounts with a clock that a test moves, where operators need a second factor. It begins in the past, because
    tokens are checked by the real clock, and tokens live long enough."""

    def __init__(self, database: Documents) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0) - BACK
        config = replace(CONFIG, access_token_life=2 * BACK, refresh_life=2 * BACK)
        Running.__init__(self, "accounts", database, config=config, clock=HandClock(lambda: self.at))
        self.demand(recent=2 * BACK)
        self.thomas = str(body(self.post("/api/accounts", REGISTRATION))["id"])

    def demand(self, recent: timedelta) -> None:
        """Operators need a code, as recent as this, by the real clock."""
        self.app.extensions["releve_proofs"] = Proofs(True, recent.total_seconds())

    def hire(self, name: str) -> "Operator":
        account_id, _ = operator.add(self.work, HASHING, f"{name}@example.org", PASSWORD, CONFIG.reset_life)
        return Operator(self, f"{name}@example.org", account_id)

    def wait(self, time: timedelta = timedelta(seconds=STEP_S)) -> None:
        self.at += time

    def trail(self, whom: str) -> list[tuple[str, str, str]]:
        """Who did what for which reason, oldest first."""
        rows = rows_of(self.database, TRAIL).find({"whom": whom}).sort([("at", 1), ("_id", 1)])
        return [(row["who"], row["what"], row["reason"]) for row in rows]


class Operator:
    """An operator's client: the token that it sends, and its authenticator app."""

    def __init__(self, office: Office, email: str, account_id: str) -> None:
        self.office, self.email, self.id = office, email, account_id
        self.app = pyotp.TOTP(pyotp.random_base32())
        self.recovery: list[str] = []
        self.sign_in()

    def sign_in(self) -> None:
        self.tokens = self.office.tokens(self.email)

    def call(self, method: str, path: str, sent: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self.office.client.open(path, method=method, json=sent, headers=headers)

    @property
    def claims(self) -> dict[str, Any]:
        return dict(jwt.decode(self.tokens["access_token"], options={"verify_signature": False}))

    def code(self) -> str:
        """What the app shows, after a pause in which the earlier code ends."""
        self.office.wait()
        return str(self.app.at(self.office.at))

    def give(self, path: str, code: str) -> TestResponse:
        answer = self.call("POST", path, {"code": code})
        if answer.status_code == 201 and "access_token" in body(answer):
            self.tokens |= body(answer)
        return answer

    def begin(self, password: str = PASSWORD) -> TestResponse:
        answer = self.call("POST", FACTOR, {"password": password})
        if answer.status_code == 201:
            self.app = pyotp.parse_uri(body(answer)["uri"])  # type: ignore[assignment]
            self.recovery = body(answer)["recovery_codes"]
        return answer

    def enrol(self) -> "Operator":
        assert self.begin().status_code == 201
        assert self.give(f"{FACTOR}/confirmation", self.code()).status_code == 201
        return self

    def suspend(self) -> tuple[int, str]:
        path = f"/api/operations/accounts/{self.office.thomas}/suspension"
        answer = self.call("POST", path, {"reason": "Faux profil"})
        return (200, "") if answer.status_code == 200 else problem(answer)

    def reset(self, other: "Operator") -> TestResponse:
        return self.call("DELETE", f"/api/operations/accounts/{other.id}/factor", {"reason": "Téléphone perdu"})


@pytest.fixture
def office(database: Documents) -> Office:
    return Office(database)


@pytest.fixture
def olga(office: Office) -> Operator:
    return office.hire("olga")


def test_operator_enrols_and_only_then_reads_and_acts(office: Office, olga: Operator) -> None:
    assert problem(olga.call("GET", "/api/operations/audit")) == (403, "second-factor-required")
    assert olga.suspend() == (403, "second-factor-required")
    answer = olga.begin()
    assert answer.headers["Cache-Control"] == "no-store"
    assert body(answer)["uri"].startswith("otpauth://totp/")
    assert body(answer)["secret"] == olga.app.secret
    assert len({*olga.recovery}) == 10
    assert olga.suspend() == (403, "second-factor-required"), "an unconfirmed authenticator is none"
    assert olga.claims["amr"] == ["pwd"]
    assert olga.give(f"{FACTOR}/confirmation", olga.code()).status_code == 201
    assert olga.claims["amr"] == ["pwd", "otp", "mfa"]
    assert olga.claims["auth_time"] == office.at.timestamp()
    assert olga.call("GET", "/api/operations/audit").status_code == 200
    assert olga.suspend() == (200, "")
    assert {what for _, what, _ in office.trail(olga.id)} == {
        "operator.added", "factor.begun", "factor.enrolled", "session.raised",
    }  # fmt: skip


def test_new_session_has_only_a_password_until_a_code_raises_it(office: Office, olga: Operator) -> None:
    olga.enrol()
    olga.sign_in()
    assert olga.suspend() == (403, "second-factor-required")
    assert olga.give(STEP_UP, olga.code()).status_code == 201
    assert olga.suspend() == (200, "")
    before = olga.claims
    office.wait(timedelta(hours=1))
    olga.tokens = dict(body(office.refresh(olga.tokens["refresh_token"])))
    assert {name: olga.claims[name] for name in ("amr", "acr", "auth_time", "sid")} == {
        name: before[name] for name in ("amr", "acr", "auth_time", "sid")
    }, "a refresh is no proof"
    assert olga.claims["iat"] > before["iat"]


def test_deeds_need_a_recent_code_and_reads_do_not(office: Office, olga: Operator) -> None:
    olga.enrol()
    ines = office.hire("ines").enrol()
    office.demand(recent=timedelta(minutes=5))
    answer = olga.reset(ines)
    assert problem(answer) == (403, "step-up-required")
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]
    assert 'max_age="300"' in answer.headers["WWW-Authenticate"]
    assert olga.suspend() == (403, "step-up-required")
    path = f"/api/operations/accounts/{office.thomas}/suspension"
    assert problem(olga.call("DELETE", path, {"reason": "Erreur"})) == (403, "step-up-required")
    assert olga.call("GET", "/api/operations/audit").status_code == 200
    office.at = datetime.now(UTC)
    assert olga.give(STEP_UP, olga.app.at(office.at)).status_code == 201
    assert olga.suspend() == (200, "")


def test_code_counts_once_also_in_a_race(office: Office, olga: Operator) -> None:
    olga.enrol()
    code = olga.code()
    answers = together(*[lambda: olga.call("POST", STEP_UP, {"code": code})] * 4)
    given = [answer.status_code for answer in answers]
    assert given.count(201) == 1
    assert set(given) <= {201, 401, 503}, "on a busy machine a loser may wait too long for the winner's transaction"
    assert problem(olga.give(STEP_UP, code)) == (401, "bad-credentials")
    assert olga.give(STEP_UP, olga.code()).status_code == 201
    assert problem(olga.give(STEP_UP, code)) == (401, "bad-credentials"), "an earlier code is over, too"


def test_wrong_codes_are_counted_wait_and_lock(office: Office, olga: Operator) -> None:
    olga.enrol()
    ines = office.hire("ines").enrol()
    answers = [problem(olga.give(STEP_UP, "000000")) for _ in range(6)]
    assert answers == [(401, "bad-credentials")] * 5 + [(429, "rate-limited")]
    waiting = olga.give(STEP_UP, olga.app.at(office.at))
    assert problem(waiting) == (429, "rate-limited"), "nor is a right one looked at"
    assert 1 <= int(waiting.headers["Retry-After"]) <= 5
    rows_of(office.database, FACTORS).update_one({"_id": olga.id}, {"$set": {"wrong": MOST_WRONG - 1}})
    office.wait()
    assert problem(olga.give(STEP_UP, "000000")) == (401, "bad-credentials")
    office.wait(timedelta(hours=1))
    assert problem(olga.give(STEP_UP, olga.code())) == (403, "factor-locked")
    assert problem(olga.give(STEP_UP, olga.recovery[0])) == (403, "factor-locked")
    assert [what for _, what, _ in office.trail(olga.id)].count("factor.wrong-code") == 5
    assert office.trail(olga.id)[-1] == (olga.id, "factor.locked", "")
    assert ines.reset(olga).status_code == 204
    olga.sign_in()
    olga.enrol()


def test_recovery_code_counts_once_and_new_ones_replace_it(office: Office, olga: Operator) -> None:
    olga.enrol()
    olga.sign_in()
    assert olga.give(STEP_UP, olga.recovery[0].upper()).status_code == 201
    assert olga.claims["amr"] == ["pwd", "mfa"], "RFC 8176 has no name for a recovery code"
    assert olga.suspend() == (200, "")
    assert problem(olga.give(STEP_UP, olga.recovery[0])) == (401, "bad-credentials")
    assert body(olga.call("GET", FACTOR))["recovery_codes"] == 9
    renewed = olga.give(f"{FACTOR}/recovery-codes", olga.code())
    assert renewed.headers["Cache-Control"] == "no-store"
    assert problem(olga.give(STEP_UP, olga.recovery[1])) == (401, "bad-credentials")
    assert olga.give(STEP_UP, body(renewed)["recovery_codes"][1]).status_code == 201
    deeds = [what for _, what, _ in office.trail(olga.id)]
    assert deeds.count("factor.recovery-code-used") == 2
    assert deeds.count("factor.recovery-codes-renewed") == 1


def test_removing_needs_a_code_and_ends_every_session(office: Office, olga: Operator) -> None:
    olga.enrol()
    assert problem(olga.call("DELETE", FACTOR, {"code": "000000"})) == (401, "bad-credentials")
    assert problem(olga.begin()) == (409, "already-enrolled"), "a stolen session replaces nothing"
    assert olga.call("DELETE", FACTOR, {"code": olga.code()}).status_code == 204
    assert problem(olga.call("GET", FACTOR)) == (401, "unauthenticated")
    olga.sign_in()
    assert olga.suspend() == (403, "second-factor-required")
    assert problem(olga.give(STEP_UP, olga.code())) == (409, "no-second-factor")
    olga.enrol()
    assert [what for _, what, _ in office.trail(olga.id)].count("factor.removed") == 1


def test_another_operator_or_a_command_resets_a_lost_factor(office: Office, olga: Operator) -> None:
    olga.enrol()
    ines = office.hire("ines").enrol()
    assert problem(olga.reset(olga)) == (409, "own-factor")
    assert ines.reset(olga).status_code == 204
    assert problem(olga.call("GET", FACTOR)) == (401, "unauthenticated"), "a thief is out at once"
    assert office.trail(olga.id)[-1] == (ines.id, "factor.reset", "Téléphone perdu")
    olga.sign_in()
    olga.enrol()
    office.wait()
    assert office.work.run(lambda unit: reset_by_email(unit, olga.email, "Encore", office.config)) == olga.id
    assert office.trail(olga.id)[-1] == (audit.PLACE, "factor.reset", "Encore")
    for path in (f"/api/operations/accounts/{office.thomas}/factor", "/api/operations/accounts/nobody/factor"):
        assert problem(ines.call("DELETE", path, {"reason": "Rien"})) == (404, "not-found")
        assert problem(ines.call("DELETE", path, {"reason": ""})) == (422, "invalid")


def test_enrolment_needs_the_password_within_a_day(office: Office, olga: Operator) -> None:
    assert problem(olga.begin("another password")) == (401, "bad-credentials")
    assert olga.begin().status_code == 201
    assert problem(olga.give(STEP_UP, olga.code())) == (409, "no-second-factor"), "it is not confirmed"
    code = olga.code()
    office.wait(ENROL_WITHIN)
    assert problem(olga.give(f"{FACTOR}/confirmation", olga.app.at(office.at))) == (409, "enrolment-closed"), code
    assert problem(olga.begin()) == (409, "enrolment-closed"), "a password stolen later is of no use"
    rows_of(office.database, FACTORS).delete_one({"_id": olga.id})  # as an operator from before the second factor
    assert problem(olga.begin()) == (409, "enrolment-closed")
    assert problem(olga.give(f"{FACTOR}/confirmation", "000000")) == (409, "no-second-factor")
    office.work.run(lambda unit: reset_by_email(unit, olga.email, "Mise à jour", office.config))
    olga.sign_in()
    olga.enrol()


def test_secret_is_stored_wrapped_and_answers_with_it_are_not_kept(office: Office, olga: Operator) -> None:
    headers = {"Authorization": f"Bearer {olga.tokens['access_token']}", "Idempotency-Key": "k"}
    answers = [office.client.post(FACTOR, json={"password": PASSWORD}, headers=headers) for _ in range(2)]
    secrets = {body(answer)["secret"] for answer in answers}
    assert len(secrets) == 2
    assert office.database.idempotency.count_documents({}) == 0
    (row,) = rows_of(office.database, FACTORS).find()
    assert row["secret"].keys() == {"by", "data", "for"}
    for secret in secrets:
        assert pyotp.TOTP(secret).byte_secret() not in row["secret"]["data"]
    assert not [code for code in body(answers[1])["recovery_codes"] if code in str(row)]
    assert count(office.service._wrapped(office.database)).versions.total() >= 1, "a rotation of master keys finds it"


def test_others_have_no_second_factor(office: Office, olga: Operator) -> None:
    thomas = office.bearer(REGISTRATION["email"])
    for method, path, sent in (
        ("POST", STEP_UP, {"code": "000000"}),
        ("GET", FACTOR, None),
        ("POST", FACTOR, {"password": PASSWORD}),
        ("POST", f"{FACTOR}/confirmation", {"code": "000000"}),
        ("POST", f"{FACTOR}/recovery-codes", {"code": "000000"}),
        ("DELETE", FACTOR, {"code": "000000"}),
        ("DELETE", f"/api/operations/accounts/{olga.id}/factor", {"reason": "Curieux"}),
    ):
        for headers, expected in ((thomas, (403, "forbidden")), ({}, (401, "unauthenticated"))):
            assert problem(office.client.open(path, method=method, json=sent, headers=headers)) == expected
    assert rows_of(office.database, FACTORS).count_documents({"wrong": {"$gt": 0}}) == 0


def test_ended_session_cannot_be_raised(office: Office, olga: Operator) -> None:
    olga.enrol()
    office.database.sessions.delete_many({"account": olga.id})
    assert problem(olga.give(STEP_UP, olga.code())) == (401, "unauthenticated")


def test_nothing_is_demanded_where_the_setting_is_off(office: Office, olga: Operator) -> None:
    office.app.extensions["releve_proofs"] = Proofs(False, 0)
    assert olga.suspend() == (200, "")
    olga.enrol()
    assert olga.claims["amr"] == ["pwd", "otp", "mfa"], "who wants one has one"
