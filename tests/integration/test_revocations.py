"""Access tokens of ended sessions: what accounts publishes, and how another service learns to refuse them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.revoked import OVERLAP, Revocations
from chassis.mongo import Documents, connect
from services.accounts import operator
from services.accounts.clients.hashing import Passwords
from tests.kit.accounts import CONFIG, Accounts
from tests.kit.answers import body, problem
from tests.kit.clock import HandClock
from tests.kit.examples import EMAIL, PASSWORD
from tests.kit.services import Running, event_of

NEW = "une toute nouvelle phrase de passe"
PATH = "/api/notifications"


@pytest.fixture
def accounts(database: Documents) -> Accounts:
    accounts = Accounts(database)
    accounts.register()
    return accounts


@pytest.fixture
def notify(database: Documents, accounts: Accounts) -> Iterator[Running]:
    """A service that hears of revocations, in a database of its own."""
    other = database.client.get_database(f"{database.name}_notify", codec_options=database.codec_options)
    running = Running("notify", other, signer=_Keys(accounts))  # type: ignore[arg-type]
    yield running
    database.client.drop_database(other.name)


class _Keys:
    """The keys of accounts, without HTTP."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def get(self, key_id: str) -> Any:
        return self._accounts.app.extensions["releve_keys"].get(key_id)


def deliver(accounts: Accounts, notify: Running) -> list[dict[str, Any]]:
    """Delivers the revocations to notify, whose HTTP side reads them; returns their payloads."""
    rows = accounts.facts("sessions.revoked")
    for row in rows:
        notify.inbox.apply(event_of(row))
    notify.app.extensions["releve_revoked"].refresh()
    return [row["payload"] for row in rows]


def status(service: Running, tokens: dict[str, Any]) -> int:
    path = PATH if service.name == "notify" else "/api/accounts/me"
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = service.app.test_client().get(path, headers=headers)
    assert answer.status_code == 200 or problem(answer) == (401, "unauthenticated")
    return answer.status_code


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def sign_out(accounts: Accounts, mine: dict[str, Any]) -> None:
    assert accounts.client.delete("/api/sessions/current", headers=bearer(mine)).status_code == 204


def end_from_another(accounts: Accounts, mine: dict[str, Any]) -> None:
    listed = body(accounts.client.get("/api/sessions", headers=bearer(mine)))["items"]
    (current,) = [one["id"] for one in listed if one["current"]]
    assert accounts.client.delete(f"/api/sessions/{current}", headers=accounts.bearer()).status_code == 204


def reuse_refresh_token(accounts: Accounts, mine: dict[str, Any]) -> None:
    strict = accounts.fresh(refresh_grace=timedelta(0))
    following = body(strict.refresh(mine["refresh_token"]))
    assert strict.refresh(following["refresh_token"]).status_code == 201
    assert strict.refresh(mine["refresh_token"]).status_code == 401


def change_password_elsewhere(accounts: Accounts, mine: dict[str, Any]) -> None:
    change = {"password": PASSWORD, "new_password": NEW}
    assert accounts.client.put("/api/accounts/me/password", json=change, headers=accounts.bearer()).status_code == 204


def reset_password(accounts: Accounts, mine: dict[str, Any]) -> None:
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    answer = accounts.post(f"/api/accounts/password-reset/{accounts.token('password-reset')}", {"password": NEW})
    assert answer.status_code == 204


def suspend(accounts: Accounts, mine: dict[str, Any]) -> None:
    operator.add(accounts.work, Passwords(1, 8), "ops@example.org", PASSWORD, CONFIG.reset_life)
    me = body(accounts.client.get("/api/accounts/me", headers=bearer(mine)))["id"]
    path, boss = f"/api/operations/accounts/{me}/suspension", accounts.bearer("ops@example.org")
    assert accounts.client.post(path, json={"reason": "Faux profil"}, headers=boss).status_code == 200
    assert accounts.client.delete(path, json={"reason": "Vérifié"}, headers=boss).status_code == 204


ONE = [sign_out, end_from_another, reuse_refresh_token]
ALL = [reset_password, suspend]


@pytest.mark.parametrize("end", [*ONE, change_password_elsewhere, *ALL])
def test_end_of_a_session_revokes_its_tokens_here_and_there(
    accounts: Accounts, notify: Running, end: Callable[[Accounts, dict[str, Any]], None]
) -> None:
    mine, other = accounts.tokens(), accounts.tokens()
    assert [status(notify, mine), status(accounts, mine)] == [200, 200]
    end(accounts, mine)
    (payload,) = deliver(accounts, notify)
    assert (payload["ended"] is None) == (end not in ONE)
    assert [status(notify, mine), status(accounts, mine)] == [401, 401]
    spared = 200 if end in ONE else 401
    assert [status(notify, other), status(accounts, other)] == [spared, spared]
    password = NEW if end in (change_password_elsewhere, reset_password) else PASSWORD
    later = dict(body(accounts.sign_in(password=password)))
    assert [status(notify, later), status(accounts, later)] == [200, 200], "a later session is not concerned"


def test_session_that_changes_the_password_goes_on(accounts: Accounts, notify: Running) -> None:
    mine, other = accounts.tokens(), accounts.tokens()
    change = {"password": PASSWORD, "new_password": NEW}
    answer = accounts.client.put("/api/accounts/me/password", json=change, headers=bearer(mine))
    assert answer.status_code == 204
    deliver(accounts, notify)
    assert [status(notify, mine), status(notify, other)] == [200, 401]


def revocation(running: Running, **changes: Any) -> None:
    now = running.now
    usual = {"account": "a", "ended": "s", "kept": None, "at": now, "until": now + timedelta(minutes=11)}
    running.hear("sessions.revoked", f"r{now.timestamp()}", 1, **{**usual, **changes})


def refuses(revocations: Revocations, session: str = "s") -> bool:
    try:
        revocations.check(Actor("a", "mentor", session))
    except Refusal:
        return True
    return False


def test_known_revocations_survive_an_absent_database(notify: Running) -> None:
    revocation(notify)
    known = Revocations(notify.database)
    assert (known.age_s(), refuses(known)) == (float("inf"), True)
    known._database = connect("mongodb://127.0.0.1:9/?replicaSet=rs0", "away", app="test", timeout_ms=50)
    with pytest.raises(PyMongoError):
        known.refresh()
    assert refuses(known)
    assert 0 < known.age_s() < 600, "the gauge says how old they are"
    with pytest.raises(PyMongoError):
        refuses(Revocations(known._database))  # a new process that knows nothing admits nobody


def test_late_commit_is_read_and_expired_tokens_are_forgotten(notify: Running) -> None:
    times = [notify.now]
    known = Revocations(notify.database, HandClock(lambda: times[-1]))
    revocation(notify, ended="first")
    assert refuses(known, "first")
    revocation(notify, ended="late")
    late = notify.now - OVERLAP + timedelta(seconds=5)
    notify.database.revocations.update_one({"ended": "late"}, {"$set": {"kept_at": late}})
    known.refresh()
    assert refuses(known, "late")
    times.append(times[0] + timedelta(seconds=720))
    known.refresh()
    assert known._known == {}


def test_revocation_after_its_tokens_have_expired_is_not_kept(notify: Running) -> None:
    revocation(notify, until=notify.now - timedelta(seconds=1))
    assert notify.database.revocations.count_documents({}) == 0
