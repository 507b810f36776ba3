"""Leaving as accounts sees it: the password, the wait, what projects answers, what is deleted, and the receipt."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from chassis.ids import new_id
from chassis.mongo import Documents
from contracts.topics import SERVICES
from services.accounts.metrics import HELPS, count_departures
from services.accounts.migrations import MIGRATIONS
from tests.kit.accounts import CONFIG, Accounts, Awards
from tests.kit.answers import body, problem
from tests.kit.databases import everything as stored_in
from tests.kit.examples import EMAIL, PASSWORD
from tests.kit.racing import together

OTHERS = [service for service in SERVICES if service != "accounts"]
PATH, STOP = "/api/accounts/me/erasure", "/api/accounts/erasure-stop"


@pytest.fixture(scope="module")
def answering() -> Iterator[Awards]:
    """projects, for all tests."""
    with Awards() as awards:
        yield awards


@pytest.fixture
def awards(answering: Awards) -> Awards:
    answering.bound, answering.asked, answering.away = set(), [], False
    return answering


@pytest.fixture
def accounts(database: Documents, awards: Awards) -> Accounts:
    return Accounts(database, replace(CONFIG, projects_url=awards.url))


@pytest.fixture
def thomas(accounts: Accounts) -> str:
    """A registered mentor's id."""
    return str(body(accounts.register())["id"])


def stop(accounts: Accounts) -> TestResponse:
    return accounts.client.delete(PATH, headers=accounts.bearer())


def everything(accounts: Accounts) -> dict[str, str]:
    """All that is stored, as text, by collection."""
    return {name: str(rows) for name, rows in stored_in(accounts.database).items()}


# Asking.


def test_leaving_needs_the_password_and_counts_wrong_ones(accounts: Accounts, thomas: str, awards: Awards) -> None:
    headers = accounts.bearer()
    for sent in ({}, {"password": 1}, {"password": PASSWORD, "at": "now"}):
        assert problem(accounts.client.post(PATH, json=sent, headers=headers)) == (422, "invalid")
    assert problem(accounts.client.delete("/api/accounts/me", headers=headers)) == (405, "method-not-allowed")
    for _ in range(10):
        wrong = accounts.client.post(PATH, json={"password": "a guess, a wild guess"}, headers=headers)
        assert problem(wrong) == (401, "bad-credentials")
    right = accounts.client.post(PATH, json={"password": PASSWORD}, headers=headers)
    assert problem(right) == (429, "rate-limited")
    assert awards.asked == []
    assert accounts.database.departures.count_documents({}) == 0


def test_leaving_is_refused_while_projects_says_that_an_award_binds(
    accounts: Accounts, thomas: str, awards: Awards
) -> None:
    awards.bound = {thomas}
    assert problem(accounts.leave()) == (409, "open-commitments")
    assert awards.asked == [thomas]
    assert accounts.database.departures.count_documents({}) == 0
    assert accounts.database.sessions.count_documents({}) == 1
    awards.bound = set()
    assert accounts.leave().status_code == 202


def test_leaving_waits_for_projects_to_answer(accounts: Accounts, thomas: str, awards: Awards) -> None:
    awards.away = True
    answer = accounts.leave()
    assert problem(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    nowhere = Accounts(accounts.database, replace(accounts.config, projects_url="http://127.0.0.1:9"))
    assert problem(nowhere.leave()) == (503, "unavailable")
    assert accounts.database.departures.count_documents({}) == 0


def test_asking_ends_sessions_and_erases_nothing_yet(accounts: Accounts, thomas: str) -> None:
    session = accounts.tokens()
    answer = accounts.leave()
    assert answer.status_code == 202
    assert problem(accounts.refresh(session["refresh_token"])) == (401, "bad-credentials")
    me = body(accounts.client.get("/api/accounts/me", headers=accounts.bearer()))
    assert (me["id"], me["erasure_at"]) == (thomas, body(answer)["at"])
    export = body(accounts.client.get("/api/accounts/export", headers=accounts.bearer()))
    assert export["account"]["erasure_at"] == me["erasure_at"]
    again = accounts.leave()
    assert body(again)["at"] == body(answer)["at"], "asking again postpones nothing"
    assert len(accounts.mails("erasure-asked")) == 1
    accounts.fire(thomas, "departures")
    assert accounts.facts("departure.asked") == [], "before its time"
    assert accounts.facts("account.erased") == []


# Stopping.


def test_link_in_the_mail_stops_the_erasure_once_and_only_by_post(accounts: Accounts, thomas: str) -> None:
    at = body(accounts.leave())["at"]
    mail = body(accounts.internal("POST", f"mails/{accounts.mails('erasure-asked')[0]}"))
    assert (mail["kind"], mail["email"], mail["at"]) == ("erasure-asked", EMAIL, at)
    path = f"{STOP}/{mail['token']}"
    assert accounts.client.get(path).status_code == accounts.client.head(path).status_code == 405
    assert problem(accounts.post(f"{STOP}/{'a' * 43}", {})) == (404, "not-found")
    assert accounts.client.post(path).status_code == 204
    assert problem(accounts.client.post(path)) == (404, "not-found")
    assert len(accounts.mails("erasure-stopped")) == 1
    assert body(accounts.client.get("/api/accounts/me", headers=accounts.bearer()))["erasure_at"] is None
    accounts.fire(thomas, "departures")
    assert accounts.facts("departure.asked") == []


def test_owner_signs_in_and_stops_the_erasure(accounts: Accounts, thomas: str) -> None:
    assert problem(stop(accounts)) == (404, "not-found")
    accounts.leave()
    token = accounts.token("erasure-asked")
    assert stop(accounts).status_code == 204
    assert problem(stop(accounts)) == (404, "not-found")
    assert problem(accounts.post(f"{STOP}/{token}", {})) == (404, "not-found"), "the link ends with the departure"


def test_nobody_stops_an_erasure_that_projects_decides(accounts: Accounts, thomas: str) -> None:
    accounts.leave()
    token = accounts.token("erasure-asked")
    accounts.departure(thomas)
    assert problem(stop(accounts)) == (409, "erasure-begun")
    assert problem(accounts.post(f"{STOP}/{token}", {})) == (404, "not-found")


def test_stop_and_deadline_cannot_both_win(accounts: Accounts, thomas: str) -> None:
    for _ in range(6):
        accounts.leave()
        headers, asked = accounts.bearer(), len(accounts.facts("departure.asked"))
        accounts.database.departures.update_one({}, {"$set": {"at": accounts.now, "due_at": accounts.now}})

        def fire() -> TestResponse | None:
            accounts.fire(thomas, "departures")
            return None

        stopped, _ = together(lambda headers=headers: accounts.client.delete(PATH, headers=headers), fire)  # type: ignore[misc]
        assert stopped is not None
        came = len(accounts.facts("departure.asked")) - asked
        assert (stopped.status_code, came) in [(204, 0), (409, 1)]
        accounts.database.departures.delete_many({})


# Projects decides.


def test_granted_departure_deletes_the_account_and_publishes_only_the_role(accounts: Accounts, thomas: str) -> None:
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    link = accounts.token("password-reset")
    accounts.leave()
    headers, session = accounts.bearer(), accounts.tokens()
    question = accounts.departure(thomas)
    accounts.hear("departure.granted", new_id(), account=thomas)
    assert accounts.facts("account.erased") == [], "the answer to another question"
    accounts.hear("departure.granted", question, account=thomas)
    (fact,) = accounts.facts("account.erased")
    assert (fact["subject"], fact["payload"]) == (thomas, {"role": "mentor"})
    sequences = [row["sequence"] for row in accounts.database.outbox.find({"subject": thomas}).sort("sequence")]
    assert sequences == sorted(set(sequences))
    assert problem(accounts.sign_in()) == (401, "bad-credentials")
    assert problem(accounts.refresh(session["refresh_token"])) == (401, "bad-credentials")
    assert problem(accounts.client.get("/api/accounts/me", headers=headers)) == (401, "unauthenticated")
    assert problem(accounts.client.patch("/api/accounts/me", json={}, headers=headers)) == (401, "unauthenticated")
    assert accounts.client.post(PATH, json={"password": PASSWORD}, headers=headers).status_code in (401, 404)
    reset = accounts.post(f"/api/accounts/password-reset/{link}", {"password": "une phrase de plus"})
    assert problem(reset) == (404, "not-found")
    assert problem(accounts.internal("GET", f"addresses/{thomas}")) == (404, "not-found")
    assert [name for name, text in everything(accounts).items() if EMAIL in text] == ["erasures"]
    assert accounts.database.mails.count_documents({}) == accounts.database.departures.count_documents({}) == 0


def test_refused_departure_keeps_the_account_and_tells_its_owner(accounts: Accounts, thomas: str) -> None:
    accounts.leave()
    accounts.hear("departure.refused", accounts.departure(thomas), account=thomas)
    assert len(accounts.mails("erasure-refused")) == 1
    assert accounts.facts("account.erased") == []
    assert body(accounts.client.get("/api/accounts/me", headers=accounts.bearer()))["erasure_at"] is None
    assert accounts.leave().status_code == 202, "asking again is possible"


def test_account_back_from_a_backup_asks_again_every_day(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="other@example.org")
    accounts.database.departures.insert_one(
        {"_id": thomas, "question": "q", "requested_at": accounts.now, "at": accounts.now, "asked": False,
         "insists": True, "version": 1, "due_at": accounts.now}
    )  # fmt: skip
    assert problem(stop(accounts)) == (409, "erasure-begun")
    first = accounts.departure(thomas)
    accounts.hear("departure.refused", first, account=thomas)
    row = accounts.database.departures.find_one({"_id": thomas}) or {}
    assert timedelta(hours=23) < row["due_at"] - accounts.now < timedelta(hours=25)
    assert accounts.mails("erasure-refused") == []
    second = accounts.departure(thomas)
    assert second != first
    accounts.hear("departure.granted", second, account=thomas)
    assert [fact["subject"] for fact in accounts.facts("account.erased")] == [thomas]


def test_email_can_be_registered_again_after_the_erasure(accounts: Accounts, thomas: str) -> None:
    accounts.erase(thomas)
    again = accounts.register(display_name="Thomas II")
    assert accounts.sign_in().status_code == 201
    me = accounts.client.get("/api/accounts/me", headers=accounts.bearer())
    assert body(me)["id"] == body(again)["id"] != thomas


def test_without_a_wait_projects_is_still_asked(accounts: Accounts, thomas: str) -> None:
    at_once = accounts.fresh(erasure_delay=timedelta(0))
    assert at_once.leave().status_code == 202
    assert accounts.mails("erasure-asked") == []
    assert accounts.facts("account.erased") == []
    accounts.fire(thomas, "departures")
    assert len(accounts.facts("departure.asked")) == 1


# The receipt.


def test_receipt_is_sent_after_all_answers_leaving_only_ids(accounts: Accounts, thomas: str) -> None:
    accounts.erase(thomas)
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


def test_receipt_ends_although_a_service_never_answers(accounts: Accounts, thomas: str) -> None:
    accounts.erase(thomas)
    for service in OTHERS[1:]:
        accounts.hear("erasure.done", thomas, service=service)
    accounts.fire(thomas, "erasures")
    assert accounts.mails("erasure-incomplete") == [], "before its time"
    accounts.database.erasures.update_one({}, {"$set": {"due_at": accounts.now}})
    accounts.fire(thomas, "erasures")
    (mail_id,) = accounts.mails("erasure-incomplete")
    mail = body(accounts.internal("POST", f"mails/{mail_id}"))
    assert (mail["email"], mail["missing"]) == (EMAIL, OTHERS[:1])
    assert mail["confirmed"] == sorted(set(SERVICES) - {OTHERS[0]})
    assert accounts.internal("DELETE", f"mails/{mail_id}").status_code == 204
    assert [name for name, text in everything(accounts).items() if EMAIL in text] == []
    accounts.fire(thomas, "erasures")
    accounts.hear("erasure.done", thomas, service=OTHERS[0])
    assert len(accounts.mails("erasure-incomplete")) == 1
    assert accounts.mails("erasure-done") == [], "there is no address to send it to"
    assert (accounts.database.erasures.find_one() or {})["completed_at"] is not None


def test_operators_read_unfinished_erasures(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="boss@example.org")
    accounts.database.accounts.update_one({"email": "boss@example.org"}, {"$set": {"role": "operator"}})
    accounts.erase(thomas)
    path, headers = "/api/operations/accounts/erasures", accounts.bearer("boss@example.org")
    (item,) = body(accounts.client.get(path, headers=headers))["items"]
    assert (item["id"], item["confirmed"], item["missing"]) == (thomas, ["accounts"], sorted(OTHERS))
    assert item["overdue"] is False
    earlier = [{"$set": {"requested_at": {"$subtract": ["$requested_at", 2 * 86_400_000]}}}]
    accounts.database.erasures.update_one({}, earlier)
    assert body(accounts.client.get(path, headers=headers))["items"][0]["overdue"] is True
    for service in OTHERS:
        accounts.hear("erasure.done", thomas, service=service)
    assert body(accounts.client.get(path, headers=headers))["items"] == []


def test_late_departures_and_unconfirmed_erasures_are_counted(accounts: Accounts, thomas: str) -> None:
    def counted() -> list[float]:
        found = count_departures(accounts.work)
        assert found.keys() == HELPS.keys()
        return [round(value / 60) if "seconds" in name else value for name, value in found.items()]

    assert counted() == [0, 0, 0, 0]
    accounts.leave()
    assert counted() == [1, 0, 0, 0]
    late = accounts.now - timedelta(minutes=7)
    accounts.database.departures.update_one({}, {"$set": {"at": late, "due_at": late}})
    assert counted() == [1, 7, 0, 0]
    accounts.fire(thomas, "departures")
    assert counted() == [1, 7, 0, 0], "asked, and not answered"
    question = accounts.facts("departure.asked")[-1]["payload"]["departure"]
    accounts.hear("departure.granted", question, account=thomas)
    assert counted() == [0, 0, 1, 0]
    accounts.database.erasures.update_one({}, {"$set": {"requested_at": accounts.now - timedelta(hours=25)}})
    assert counted() == [0, 0, 1, 1]
    for service in OTHERS:
        accounts.hear("erasure.done", thomas, service=service)
    assert counted() == [0, 0, 0, 0]


def test_older_erasures_get_a_deadline_and_commitments_are_gone(accounts: Accounts) -> None:
    then, to = accounts.now, {"email": EMAIL, "display_name": "", "locale": "fr"}
    row = {"_id": "a", "requested_at": then, "done": {}, "waits_for": [], "completed_at": None, "to": to, "version": 3}
    accounts.database.erasures.insert_many([row, {**row, "_id": "b", "completed_at": then}])
    accounts.database.commitments.insert_one({"_id": "p", "people": ["a"]})
    for _ in range(2):
        for migration in MIGRATIONS:
            if migration.apply is not None:
                migration.apply(accounts.database)
    assert accounts.database.erasures.find_one({"_id": "a"}, {"due_at": 1})["due_at"] == then + timedelta(days=30)  # type: ignore[index]
    assert "due_at" not in (accounts.database.erasures.find_one({"_id": "b"}) or {})
    assert "commitments" not in accounts.database.list_collection_names()


def test_service_added_later_is_recorded_and_sends_no_second_receipt(
    accounts: Accounts, thomas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.accounts.model.erasures.DATABASES", SERVICES[:-1])
    accounts.erase(thomas)
    for service in OTHERS:
        accounts.hear("erasure.done", thomas, service=service)
    assert len(accounts.mails("erasure-done")) == 1
    (row,) = accounts.database.erasures.find()
    assert row["done"].keys() == set(SERVICES)


def test_answer_about_an_unknown_account_changes_nothing(accounts: Accounts, thomas: str) -> None:
    accounts.hear("erasure.done", thomas, service="quotes")
    accounts.hear("departure.granted", new_id(), account=thomas)
    accounts.hear("departure.refused", new_id(), account="nobody")
    assert accounts.database.erasures.count_documents({}) == 0
    assert accounts.sign_in().status_code == 201


def test_stored_idempotent_answer_is_deleted_with_the_account(accounts: Accounts, thomas: str) -> None:
    rows = accounts.database["idempotency"]
    rows.insert_many([{"_id": f"{who}:/api/x:1", "at": None} for who in (thomas, thomas + "x")])
    accounts.erase(thomas)
    assert [row["_id"] for row in rows.find()] == [f"{thomas}x:/api/x:1"]


def test_caller_can_end_only_their_own_sessions(accounts: Accounts, thomas: str) -> None:
    accounts.register(email="other@example.org")
    other = accounts.tokens("other@example.org")
    accounts.leave()
    assert accounts.refresh(other["refresh_token"]).status_code == 201
