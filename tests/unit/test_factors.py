"""The rules of operators' second factor, and what a session then says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from chassis.facts import Refusal
from chassis.http.auth import read_token
from chassis.http.problems import problem_body
from chassis.http.proofs import ONE_FACTOR, TWO_FACTORS, Proof, Proofs, challenge_of, context_of
from services.accounts.clients.tokens import access_token, new_key, public_key
from services.accounts.model import Account, Session
from services.accounts.model.factors import (
    CODE_WAITS_S,
    ENROL_WITHIN,
    FREE_CODES,
    MOST_WRONG,
    OTP,
    RECOVERY,
    STEP_S,
    Factor,
    awaited,
    code,
    recovery_code,
    recovery_digest,
    steps,
    uri,
)

SECRET = b"12345678901234567890"
NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
CODE = "aaaa-bbbb-cccc-dddd"
ACTIVE = Factor("a", SECRET, (recovery_digest(CODE),), confirmed_at=NOW)
STEP = timedelta(seconds=STEP_S)
WAITS = timedelta(seconds=900)


def at(when: datetime) -> str:
    return code(SECRET, int(when.timestamp()) // STEP_S)


@pytest.mark.parametrize(
    ("second", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(second: int, expected: str) -> None:
    """RFC 6238, appendix B, cut to six digits."""
    assert code(SECRET, second // STEP_S) == expected


@pytest.mark.parametrize(("drift", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_counts_with_one_step_of_drift(drift: int, right: bool) -> None:
    tried, kind = ACTIVE.attempt(at(NOW + drift * STEP), NOW)
    assert kind == (OTP if right else None)
    assert tried.wrong == (0 if right else 1)
    assert len(steps(NOW)) == 3


def test_code_counts_once_and_no_earlier_one_after_it() -> None:
    used, kind = ACTIVE.attempt(at(NOW), NOW)
    assert kind == OTP
    for step in (timedelta(0), -STEP):
        assert used.attempt(at(NOW + step), NOW)[1] is None, "seen over a shoulder, or used already"
    assert used.attempt(at(NOW + STEP), NOW + STEP)[1] == OTP


def test_code_may_be_given_with_spaces() -> None:
    assert ACTIVE.attempt(f" {at(NOW)[:3]} {at(NOW)[3:]}\n", NOW)[1] == OTP


@pytest.mark.parametrize("given", [CODE, CODE.upper(), CODE.replace("-", " "), CODE.replace("-", "")])
def test_recovery_code_counts_once_in_any_writing(given: str) -> None:
    used, kind = ACTIVE.attempt(given, NOW)
    assert (kind, used.recovery) == (RECOVERY, ())
    assert used.attempt(given, NOW)[1] is None


def test_recovery_code_cannot_confirm_a_new_authenticator() -> None:
    begun = awaited("a", NOW).begin(SECRET, ACTIVE.recovery)
    assert begun.attempt(CODE, NOW)[1] is None
    assert begun.attempt(at(NOW), NOW)[1] == OTP


def test_wrong_codes_wait_and_then_lock() -> None:
    factor, now, waits = ACTIVE, NOW, []
    while not factor.is_locked:
        factor, kind = factor.attempt("000000", now)
        assert kind is None
        waits.append(int(factor.wait(now).total_seconds()))
        now += WAITS
    assert len(waits) == MOST_WRONG
    assert waits[:FREE_CODES] == [0] * (FREE_CODES - 1) + [CODE_WAITS_S[FREE_CODES]]
    assert waits[-1] == 900
    assert waits == sorted(waits)


def test_right_code_frees_the_count_and_beginning_again_does_not() -> None:
    tried = replace(ACTIVE, wrong=7, blocked_until=NOW + STEP)
    right, _ = tried.attempt(at(NOW), NOW)
    assert (right.wrong, right.wait(NOW)) == (0, timedelta(0))
    assert tried.begin(SECRET, ()).wrong == 7


def test_enrolment_is_open_for_a_day_and_not_for_an_active_factor() -> None:
    waiting = awaited("a", NOW)
    assert waiting.may_enrol(NOW + ENROL_WITHIN - STEP)
    assert not waiting.may_enrol(NOW + ENROL_WITHIN)
    assert not Factor("a").may_enrol(NOW), "an operator from before needs a reset"
    assert not waiting.begin(SECRET, ()).confirm(NOW).may_enrol(NOW)


def test_uri_names_account_and_issuer_and_no_secret_is_printed() -> None:
    found = uri(SECRET, "olga@example.com")
    assert found.startswith("otpauth://totp/Rel%C3%A8ve:olga%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert "issuer=Rel%C3%A8ve" in found
    assert "12345" not in repr(ACTIVE)
    assert recovery_digest(CODE) not in repr(ACTIVE)
    assert recovery_code(bytes(10)) == "aaaa-aaaa-aaaa-aaaa"


SESSION = Session("s", "a", NOW, NOW, NOW + timedelta(days=30))
OLGA = Account("a", "o@example.org", "o@example.org", "hash", "operator", "Olga", "fr", NOW)


def test_token_tells_methods_context_and_time_and_a_refresh_changes_none() -> None:
    now = datetime.now(UTC)  # read_token uses the real clock
    key = new_key(now)
    raised = replace(SESSION, created_at=now - STEP).raised(("pwd", "otp", "mfa"), now)
    later = raised.extended(now + STEP, timedelta(days=1), timedelta(days=90))
    for session, methods, context, since in (
        (SESSION, ["pwd"], ONE_FACTOR, NOW),
        (raised, ["pwd", "otp", "mfa"], TWO_FACTORS, now),
        (later, ["pwd", "otp", "mfa"], TWO_FACTORS, now),
    ):
        token = access_token(key, OLGA, session, now, timedelta(minutes=10))
        claims = jwt.decode(token, options={"verify_signature": False})
        assert (claims["amr"], claims["acr"], claims["auth_time"]) == (methods, context, since.timestamp())
        actor = read_token(token, type("Key", (), {"get": lambda self, _: public_key(key)})())
        assert (actor.methods, actor.since) == (frozenset(methods), since.timestamp())


def refused(proofs: Proofs, demanded: Proof, *methods: str, age_s: float = 0) -> str:
    try:
        proofs.check(demanded, methods, datetime.now(UTC).timestamp() - age_s)
    except Refusal as refusal:
        return refusal.name
    return ""


@pytest.mark.parametrize(
    ("demanded", "methods", "age_s", "expected"),
    [
        (Proof.PASSWORD, ("pwd",), 9e9, ""),
        (Proof.FACTOR, ("pwd",), 0, "second-factor-required"),
        (Proof.FACTOR, (), 0, "second-factor-required"),
        (Proof.FACTOR, ("pwd", "otp"), 0, "second-factor-required"),
        (Proof.FACTOR, ("pwd", "otp", "mfa"), 9e9, ""),
        (Proof.RECENT, ("pwd",), 0, "second-factor-required"),
        (Proof.RECENT, ("pwd", "otp", "mfa"), 299, ""),
        (Proof.RECENT, ("pwd", "otp", "mfa"), 301, "step-up-required"),
    ],
)
def test_routes_demand_a_factor_or_a_recent_code(
    demanded: Proof, methods: tuple[str, ...], age_s: float, expected: str
) -> None:
    assert refused(Proofs(True, 300), demanded, *methods, age_s=age_s) == expected
    assert refused(Proofs(False, 300), demanded, *methods, age_s=age_s) == "", "nothing is demanded by that setting"


def test_refusal_carries_the_challenge_of_the_standard() -> None:
    with pytest.raises(Refusal) as caught:
        Proofs(True, 300).check(Proof.RECENT, ("mfa",), 0.0)
    wanted = f'Bearer error="insufficient_user_authentication", acr_values="{TWO_FACTORS}", max_age="300"'
    assert challenge_of(caught.value) == wanted
    body = problem_body(caught.value)
    assert (body["status"], body["acr_values"], body["max_age"]) == (403, TWO_FACTORS, 300)
    assert context_of(("pwd", "mfa")) == TWO_FACTORS
