"""Notify on a real MongoDB: events in any order, lists and streams over HTTP, mails to a real SMTP server."""

import itertools
import json
import os
import random
import re
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.events import Event
from chassis.http.app import create_app
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Document, Documents, database_now
from chassis.settings import Settings
from chassis.timers import Timers
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from deploy.local.ports import free_port
from services.notify import api, handlers
from services.notify.api import hub as hubs
from services.notify.api import stream
from services.notify.jobs import handful
from services.notify.jobs.deliveries import Postman, deliver_mails
from services.notify.model.mailing import next_clock
from services.notify.model.moments import moment
from services.notify.store import people, unsubscriptions
from services.notify.store.deliveries import LEASE
from tests.kit.clock import HandClock
from tests.kit.databases import drop, everything
from tests.kit.examples import WINDOW
from tests.kit.notify import TOKENS, Accounts, Letterbox, Post, Story, config_of, smtp_server
from tests.kit.services import Running
from tests.kit.waiting import until


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    with Accounts() as server:
        yield server


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, int]]:
    with smtp_server(enable_SMTPUTF8=True) as server:
        yield server


@pytest.fixture
def plain_box() -> Iterator[tuple[Letterbox, int]]:
    """A server without SMTPUTF8."""
    with smtp_server(enable_SMTPUTF8=False) as server:
        yield server


@pytest.fixture
def work(database: Documents) -> UnitOfWork:
    return Running("notify", database).work


# events


def test_every_order_of_a_short_history_yields_the_same_notifications(work: UnitOfWork) -> None:
    def history(story: Story) -> list[Event]:
        rows = [story.registered("a", "en"), story.posted(), story.invited("a", "b"), story.declined("b")]
        return [*rows, story.closed()]

    in_order = Story(work)
    in_order.happens(*history(in_order))
    notified, mailed, _ = in_order.state()
    assert [row[:2] for row in notified] == [row[:2] for row in mailed]
    assert {row[:2] for row in notified} == {
        ("invited", "-a"),
        ("invited", "-b"),
        ("round-over", "-a"),
        ("project-unfilled", "-client"),
    }
    for order in itertools.permutations(range(5)):
        story = Story(work)
        events = history(story)
        story.happens(*(events[place] for place in order))
        assert story.state() == in_order.state(), order


@pytest.mark.parametrize(("quotes", "told"), [(0, ("choice-reopened", 0)), (1, ("window-ended", 1))])
def test_client_is_told_only_of_quotes_whose_mentors_are_there(
    work: UnitOfWork, quotes: int, told: tuple[str, int]
) -> None:
    def history(story: Story) -> list[Event]:
        left = story.event("project.reopened", account=story.who("b"), quotes=quotes)
        return [story.posted(), story.closed("a", "b"), left]

    for order in itertools.permutations(range(3)):
        story = Story(work)
        events = history(story)
        story.happens(*(events[place] for place in order))
        ((kind, _, data),), mailed, _ = story.state()
        assert (kind, json.loads(data)["quotes"]) == told, order
        assert [row[0] for row in mailed] == [kind], order
        waiting = {"_id": story.id, "due_at": {"$exists": True}}
        assert work.database["projects"].count_documents(waiting) == bool(quotes), "reminders of the choice"


def test_long_history_shuffled_and_repeated_yields_the_same_notifications(work: UnitOfWork) -> None:
    def history(story: Story) -> list[Event]:
        quotes = [story.submitted(name, number) for number, name in enumerate("abcde", start=1)]
        ends = [story.closed(*"abcde", reason="full"), story.awarded("a")]
        outcomes = {"a": "accepted"} | dict.fromkeys("bcde", "not_chosen")
        rows = [story.posted(), story.invited(*"abcdefg"), story.declined("g"), *quotes, *ends]
        return [*rows, story.settled(**outcomes), story.event("project.completed", account=story.who("a"))]

    in_order = Story(work)
    in_order.happens(*history(in_order))
    assert len(in_order.state()[0]) == 7 + 4 + 1 + 1 + 5 + 2
    chance = random.Random(7)
    for _ in range(20):
        story = Story(work)
        events = history(story)
        story.happens(*chance.sample([*events, *events[:4]], len(events) + 4))
        assert story.state() == in_order.state()


def test_questions_and_answers_shuffled_and_repeated_notify_once_each(work: UnitOfWork) -> None:
    def history(story: Story) -> list[Event]:
        asked = [story.asked("q1", "a"), story.asked("q2", "b"), story.asked("q3", "a")]
        rows = [story.posted(), story.invited(*"abc"), story.declined("c"), *asked]
        return [*rows, story.answered("q1"), story.answered("q3")]

    in_order = Story(work)
    in_order.happens(*history(in_order))
    notified, mailed, _ = in_order.state()
    kinds = [row[:2] for row in notified if "question" in row[0]]
    answers = [("question-answered", who) for who in ("-a", "-a", "-b", "-b")]
    assert kinds == [*answers, *[("question-asked", "-client")] * 3]
    assert kinds == [row[:2] for row in mailed if "question" in row[0]]
    chance = random.Random(8)
    for _ in range(12):
        story = Story(work)
        events = history(story)
        story.happens(*chance.sample([*events, *events[2:]], 2 * len(events) - 2))
        assert story.state() == in_order.state()


def test_event_redelivered_under_a_new_id_notifies_once(work: UnitOfWork) -> None:
    story = Story(work)
    story.happens(story.posted(), story.invited("a"), story.invited("a", "b"), story.posted())
    assert [row[:2] for row in story.state()[0]] == [("invited", "-a"), ("invited", "-b")]


def test_late_older_event_withdraws_a_notification_that_was_never_true(work: UnitOfWork) -> None:
    story = Story(work)
    story.happens(story.posted(), story.invited("a"), story.closed())
    assert ("round-over", "-a") in {row[:2] for row in story.state()[0]}
    story.happens(story.declined("a"))
    notified, mailed, _ = story.state()
    assert ("round-over", "-a") not in {row[:2] for row in notified + mailed}


def test_returning_colleague_is_notified_again_and_mailed_once(work: UnitOfWork) -> None:
    story = Story(work)
    both = [story.who("client"), story.who("colleague")]
    story.happens(story.posted(clients=both), story.closed("a"))
    mine: dict[str, Any] = {"account": story.who("colleague"), "kind": "window-ended"}
    work.database["deliveries"].update_one(mine, {"$set": {"state": "sent"}, "$unset": {"due_at": ""}})
    for clients, notified in ((both[:1], 0), (both, 1)):
        assert story.inbox.apply(story.event("project.shared", clients=clients, ended=False))
        assert work.database["notifications"].count_documents(mine) == notified
    assert [row["state"] for row in work.database["deliveries"].find(mine)] == ["sent"]


def test_newest_event_of_accounts_about_a_person_wins(work: UnitOfWork) -> None:
    story = Story(work)
    for sequence, locale in ((2, "en"), (1, "fr")):
        data = {"role": "mentor", "locale": locale}
        story.inbox.apply(Event(new_id(), "account.registered", story.who("a"), sequence, story.posted_at, data))
    assert people.read_person(work.database, story.who("a")).language == "en"


def test_newer_language_wins_over_a_late_older_event(work: UnitOfWork) -> None:
    for order in ((1, 2), (2, 1)):
        story = Story(work)
        person = story.who("a")
        news = {
            1: Event(new_id(), "account.registered", person, 1, story.posted_at, {"role": "mentor", "locale": "fr"}),
            2: Event(new_id(), "account.changed", person, 2, story.posted_at, {"locale": "en"}),
        }
        story.happens(*(news[place] for place in order))
        known = people.read_person(work.database, person)
        assert (known.language, known.role) == ("en", "mentor"), order


def test_erased_person_leaves_no_data_and_is_never_notified_again(work: UnitOfWork) -> None:
    story = Story(work)
    story.happens(story.registered("a", "en"), story.posted(), story.invited("a", "b"))
    person = story.who("a")
    gone = Event(new_id(), "account.erased", person, 2, story.posted_at, {"role": "mentor"})
    story.happens(gone, story.registered("a", "en"), story.closed())
    for name in ("people", "notifications", "deliveries"):
        assert work.database[name].count_documents({"$or": [{"account": person}, {"_id": person}]}) == 0, name
    notified = {row["kind"] for row in work.database["notifications"].find({"account": story.who("b")})}
    assert notified == {"invited", "round-over"}
    (row,) = work.database["outbox"].find({"name": "erasure.done"})
    assert (row["subject"], row["payload"], row["topic"]) == (person, {"service": "notify"}, "releve.notify.v1")


def test_reminder_fires_once_for_mentors_who_can_still_quote(work: UnitOfWork) -> None:
    story = Story(work, database_now(work.database), timedelta(seconds=1.2))
    story.happens(story.posted(), story.invited(*"abc"), story.submitted("a", 1), story.declined("b"))
    stop = threading.Event()
    threads = [
        threading.Thread(target=Timers(work, deadline, None, stop).run) for deadline in handlers.DEADLINES for _ in "12"
    ]
    for thread in threads:
        thread.start()
    try:
        until(lambda: work.database["projects"].count_documents({"due_at": {"$exists": True}}) == 0)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    near = work.database["notifications"].find({"kind": "deadline-near"})
    assert [row["account"] for row in near] == [story.who("c")]


def test_claim_is_reminded_of_once_by_two_workers_and_never_after_a_quote(work: UnitOfWork) -> None:
    life = timedelta(seconds=80)
    story = Story(work, database_now(work.database) - life * 3 / 4 + timedelta(seconds=1), timedelta(hours=1))
    story.happens(story.posted(), story.invited(*"abcd"), *(story.claimed(name, life) for name in "abc"))
    story.happens(story.submitted("a", 1), story.event("slot.released", account=story.who("b")), story.claimed("a"))
    (deadline,) = handlers.DEADLINES
    stop = threading.Event()
    threads = [threading.Thread(target=Timers(work, deadline, None, stop).run) for _ in "12"]
    for thread in threads:
        thread.start()
    try:
        until(lambda: work.database["notifications"].count_documents({"kind": "claim-ending"}))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    [row] = work.database["notifications"].find({"kind": "claim-ending"})
    assert (row["account"], row["data"]["until"]) == (story.who("c"), story.posted_at + life)
    assert row["created_at"] >= story.posted_at + life * 3 / 4
    late = Event(new_id(), "quote.submitted", story.id, 1, story.posted_at + life / 2, {
        "quote_id": "q", "account": story.who("c"), "received": 2,
    })  # fmt: skip
    story.happens(late)
    gone = {"kind": "claim-ending"}
    assert work.database["notifications"].count_documents(gone) == 0, "the quote was on its way"
    assert work.database["deliveries"].count_documents(gone) == 0


def test_both_sides_hear_of_completion_and_reviews_in_any_order(work: UnitOfWork) -> None:
    def history(story: Story) -> list[Event]:
        shown = story.event("reviews.shown", account=story.who("a"), reviews=2)
        return [story.posted(), story.awarded("a"), story.event("project.completed", account=story.who("a")), shown]

    for order in itertools.permutations(range(4)):
        story = Story(work)
        events = history(story)
        story.happens(*(events[place] for place in order))
        notified, mailed, _ = story.state()
        kinds = [(kind, who) for kind in ("project-completed", "review-shown") for who in ("-a", "-client")]
        assert [row[:2] for row in notified] == [("chosen", "-a"), *kinds] == [row[:2] for row in mailed], order


def test_reminder_of_an_ended_window_is_dropped(work: UnitOfWork) -> None:
    story = Story(work, database_now(work.database) - WINDOW)
    story.happens(story.posted(), story.invited("a"))
    work.run(lambda unit: handlers.remind_people(unit, story.id, None))
    assert {row[0] for row in story.state()[0]} == {"invited"}
    assert work.database["projects"].count_documents({"due_at": {"$exists": True}}) == 0


def test_reminder_called_too_early_waits_for_its_time(work: UnitOfWork) -> None:
    story = Story(work)
    story.happens(story.posted(), story.invited("a"))
    work.run(lambda unit: handlers.remind_people(unit, story.id, None))
    assert {row[0] for row in story.state()[0]} == {"invited"}
    assert work.database["projects"].count_documents({"due_at": {"$exists": True}}) == 1


def test_notification_numbers_have_no_gap_or_repeat_under_concurrent_writers(work: UnitOfWork) -> None:
    stories = [Story(work) for _ in range(24)]
    events = [(one, [one.posted(client="the-client"), one.submitted("a", 1), one.closed("a")]) for one in stories]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: pair[0].happens(*pair[1]), events))
    rows = work.database["notifications"].find({"account": "the-client"}).sort("counter")
    assert [row["counter"] for row in rows] == list(range(1, 49))


# over HTTP


@pytest.fixture
def app(work: UnitOfWork, accounts: Accounts) -> Flask:
    said = TOKENS | {"RELEVE_MONGO_URI": "-", "RELEVE_KAFKA": "-"}
    settings = Settings.read("notify", said | {"RELEVE_ACCOUNTS_URL": accounts.url})
    return create_app(settings, work.database, api.blueprints(work, config_of(accounts.url)))


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


def body(answer: TestResponse) -> Any:
    return json.loads(answer.data)


def items(http: FlaskClient, header: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    answer = http.get(f"/api/notifications{query}", headers=header)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = body(answer)["items"]
    return found


def test_person_reads_their_own_notifications_in_their_language(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work, datetime.now(UTC))
    story.happens(story.posted("Web & CRM"), story.invited("a", "b"))
    mentor = accounts.token(story.who("a"))
    [item] = items(http, mentor)
    assert item["title"] == "Un projet vous attend : « Web & CRM »"
    assert moment(story.posted_at + story.window, "fr", "Europe/Paris") in item["body"]
    assert set(item) == {"id", "kind", "title", "body", "project_id", "programme_id", "created_at", "read_at"}
    assert (item["kind"], item["project_id"], item["read_at"]) == ("invited", story.id, None)
    story.happens(story.registered("a", "en"))
    assert items(http, mentor)[0]["title"] == "A project is waiting for you: “Web & CRM”"
    assert items(http, accounts.token(story.who("client"))) == []
    assert story.who("client") not in json.dumps(items(http, mentor))


def test_questions_and_answers_are_in_the_readers_language(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work)
    story.happens(story.posted("CRM"), story.invited("a", "b"), story.registered("a", "en"))
    story.happens(story.asked("q", "b"), story.answered("q"))
    notified = {who: items(http, accounts.token(story.who(who)))[0] for who in ("a", "b", "client")}
    assert notified["a"]["title"] == "An answer about “CRM”"
    assert notified["b"]["title"] == "Une réponse sur « CRM »"
    assert notified["client"]["title"] == "Une question sur « CRM »"
    story.happens(story.registered("client", "en"))
    assert items(http, accounts.token(story.who("client")))[0]["title"] == "A question about “CRM”"


def test_notification_is_marked_read_once_and_only_by_its_recipient(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work)
    story.happens(story.posted(), story.invited("a", "b"))
    mine, other = accounts.token(story.who("a")), accounts.token(story.who("b"))
    path = f"/api/notifications/{items(http, mine)[0]['id']}/read"
    assert http.post(path, headers=other).status_code == 404
    first, again = http.post(path, headers=mine), http.post(path, headers=mine | {"Idempotency-Key": "x"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert body(first) == body(again) == body(http.post(path, headers=mine | {"Idempotency-Key": "x"}))
    assert body(first)["read_at"]
    assert items(http, mine, "?unread=true") == []
    assert len(items(http, mine)) == len(items(http, other, "?unread=true")) == 1
    assert http.post("/api/notifications/../read", headers=mine).status_code == 404
    assert http.get("/api/notifications").status_code == 401
    assert http.get("/api/notifications?unread=perhaps", headers=mine).status_code == 422


def test_all_notifications_up_to_one_are_read_at_once(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    mine, other = accounts.token("boss-of-three"), accounts.token("somebody-else")
    for _ in range(3):
        story = Story(work)
        story.happens(story.posted(client="boss-of-three"), story.submitted("a", 1))
    newest, middle, oldest = (item["id"] for item in items(http, mine))
    assert body(http.get("/api/notifications/unread", headers=mine)) == {"unread": 3}
    assert body(http.get("/api/notifications/unread", headers=other)) == {"unread": 0}
    assert http.post("/api/notifications/read", json={"until": middle}, headers=other).status_code == 404
    assert body(http.post("/api/notifications/read", json={"until": middle}, headers=mine)) == {"read": 2, "unread": 1}
    assert body(http.post("/api/notifications/read", json={"until": middle}, headers=mine)) == {"read": 0, "unread": 1}
    assert [item["id"] for item in items(http, mine, "?unread=true")] == [newest]
    assert body(http.get(f"/api/notifications/{oldest}", headers=mine)) == items(http, mine)[2]
    assert body(http.get(f"/api/notifications/{newest}", headers=mine))["read_at"] is None, "reading one marks nothing"
    assert http.get(f"/api/notifications/{oldest}", headers=other).status_code == 404


def test_list_is_paged_newest_first(work: UnitOfWork, http: FlaskClient, accounts: Accounts) -> None:
    for number in range(5):
        story = Story(work)
        story.happens(story.posted(f"P{number}", client="boss"), story.closed())
    header, cursor, seen = accounts.token("boss"), "", []
    while cursor is not None:
        answer = body(http.get(f"/api/notifications?limit=2{cursor and '&cursor=' + cursor}", headers=header))
        seen += [item["title"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert [title.split("P")[1][0] for title in seen] == list("43210")


def test_preferences_are_stored_and_invalid_ones_are_refused(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work)
    path, header = "/api/notifications/preferences", accounts.token(story.who("a"))
    wish: dict[str, Any] = {
        "kinds": {"not-chosen": {"in_app": False, "email": False}, "invited": {"email": False}},
        "quiet_hours": {"on": True, "start": "21:00", "end": "07:00"},
        "timezone": "Indian/Reunion",
    }
    assert body(http.get(path, headers=header))["quiet_hours"]["on"] is False
    put = http.put(path, headers=header, json=wish)
    assert put.status_code == 200
    assert body(put) == body(http.get(path, headers=header))
    assert body(put)["kinds"]["invited"] == {"in_app": True, "email": False}
    for wrong in (
        {"kinds": {"gossip": {"email": True}}},
        {"kinds": {"invited": {"sms": True}}},
        {"kinds": {"invited": {"in_app": False}}},
        {"quiet_hours": {"on": True, "start": "25:00", "end": "07:00"}},
        {"timezone": "Mars/Olympus"},
        {"digest": "hourly"},
    ):
        answer = http.put(path, headers=header, json=wrong)
        assert answer.status_code == 422, wrong
        assert body(answer)["errors"], wrong
    story.happens(story.posted(), story.invited("a"), story.settled(a="not_chosen"))
    [item] = items(http, header)
    assert item["kind"] == "invited"
    assert "(heure de La Réunion)" in item["body"]


def test_mentors_profile_sets_the_time_zone_unless_preferences_do(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work)
    path, header = "/api/notifications/preferences", accounts.token(story.who("a"))
    story.happens(story.posted(), story.invited("a"), story.lives("a", "Asia/Tokyo", 2))
    assert body(http.get(path, headers=header))["timezone"] == "Asia/Tokyo"
    assert "(heure de Tokyo)" in items(http, header)[0]["body"]
    assert body(http.put(path, headers=header, json={"timezone": "Indian/Reunion"}))["timezone"] == "Indian/Reunion"
    story.happens(story.lives("a", "America/Montreal", 3))
    assert "(heure de La Réunion)" in items(http, header)[0]["body"]
    assert body(http.get("/api/notifications/export", headers=header))["profile_timezone"] == "America/Montreal"
    assert body(http.put(path, headers=header, json={}))["timezone"] == "America/Montreal"
    assert "(heure de Montreal)" in items(http, header)[0]["body"]


def test_time_zone_events_in_any_order_leave_the_newest(work: UnitOfWork) -> None:
    zones = {2: "Asia/Tokyo", 3: "Europe/Paris", 7: "Indian/Reunion"}
    for order in itertools.permutations([*zones, 0]):
        story = Story(work)
        events = {sequence: story.lives("a", zone, sequence) for sequence, zone in zones.items()}
        events[0] = story.registered("a", "en")
        story.happens(*(events[place] for place in order), *(events[place] for place in order[:2]))
        person = people.read_person(work.database, story.who("a"))
        assert (person.zone, person.language, person.role) == ("Indian/Reunion", "en", "mentor"), order


def test_time_zone_of_an_erased_person_is_not_stored(work: UnitOfWork) -> None:
    for late in (False, True):
        story = Story(work)
        events = [story.lives("a", "Asia/Tokyo", 1), story.event("account.erased", story.who("a"), role="mentor")]
        story.happens(*(reversed(events) if late else events))
        assert work.database["people"].count_documents({"_id": story.who("a")}) == 0
        story.happens(story.lives("a", "Indian/Reunion", 2))
        assert work.database["people"].count_documents({"_id": story.who("a")}) == 0


@pytest.mark.parametrize(("zone", "sent"), [(None, False), ("America/Montreal", True), ("Asia/Tokyo", False)])
def test_quiet_hours_follow_the_time_zone_of_the_profile(post: "Post", zone: str | None, sent: bool) -> None:
    """At 10 p.m. in Paris it is 4 p.m. in Montreal and 6 a.m. in Tokyo."""
    story = post.invite()
    tonight = next_clock(clock(22), "Europe/Paris", story.posted_at)
    if zone:
        story.happens(story.lives("a", zone, 1))
    config = config_of(post.accounts.url, post.port, "20:00-08:00")
    late = UnitOfWork(post.work.database, "notify", CONTRACT, clock=HandClock(lambda: tonight))
    assert Postman(late, config, lambda: 0.5).deliver_some()
    assert post.delivery(story)["state"] == ("sent" if sent else "pending")
    texts = [next(mail.iter_parts()).get_content() for mail in post.box.mails]
    assert ["(heure de Montreal)" in text for text in texts] == ([True] if sent else [])


def test_export_holds_everything_stored_about_the_caller(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work)
    story.happens(story.registered("a", "en"), story.posted(), story.invited("a", "b"), story.closed("a"))
    export = body(http.get("/api/notifications/export", headers=accounts.token(story.who("a"))))
    assert (export["id"], export["role"], export["locale"]) == (story.who("a"), "mentor", "en")
    assert [row["kind"] for row in export["notifications"]] == ["invited"]
    assert [row["state"] for row in export["deliveries"]] == ["pending"]
    assert export["preferences"]["timezone"] == "Europe/Paris"
    assert export["profile_timezone"] is None


# the stream


SOON_S = stream.POLL_S - 0.5
"""Less than the polling interval: only a wake-up ends a stream so early."""


class Reader:
    """A stream read in a thread, as a browser would."""

    def __init__(self, http: FlaskClient, header: dict[str, str], last: str | None = None) -> None:
        self.response = http.get(
            "/api/notifications/stream", headers=header | ({"Last-Event-ID": last} if last else {}), buffered=False
        )
        assert self.response.status_code == 200, self.response.text
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.hints: list[tuple[str, dict[str, Any]]] = []
        self.last = last
        """The id that a browser would send as ``Last-Event-ID``."""
        self.ended = threading.Event()
        self.began = threading.Event()
        self.leaves = False
        """If true, the reader closes the stream at the next line it receives."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for chunk in self.response.iter_encoded():
            self.began.set()
            lines = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if ": " in line)
            self.last = lines.get("id", self.last)
            if lines.get("event") == "notification":
                self.ids.append(lines["id"])
                self.events.append(json.loads(lines["data"]))
            elif "event" in lines:
                self.hints.append((lines["event"], json.loads(lines["data"])))
            if self.leaves:
                break
        self.response.close()
        self.ended.set()


def test_stream_sends_new_notifications_and_resumes_without_a_gap(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    header = accounts.token("boss")
    before = Story(work)
    before.happens(before.posted("old", client="boss"), before.closed("a"))
    fresh = Reader(http, header)
    headers = fresh.response.headers
    assert headers["Content-Type"].startswith("text/event-stream")
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")
    stories = [Story(work) for _ in range(3)]
    for number, story in enumerate(stories):
        story.happens(story.posted(f"P{number}", client="boss"), story.closed("a"))
    until(lambda: len(fresh.events) == 3)
    assert fresh.events == list(reversed(items(http, header)))[1:]
    assert fresh.ids == [event["id"] for event in fresh.events]
    resumed, lost = Reader(http, header, fresh.ids[0]), Reader(http, header, "unknown")
    until(lambda: len(resumed.ids) == 2 and len(lost.ids) == 4)
    assert resumed.ids == fresh.ids[1:]
    assert lost.ids[1:] == fresh.ids


def test_notification_reaches_an_open_stream_without_polling(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("POLL_S", "BEAT_S"):
        monkeypatch.setattr(stream, pause, 600.0)  # so that only the change stream can deliver it
    first = Story(work)
    first.happens(first.posted(client="boss"))
    reader = Reader(http, accounts.token("boss"))
    until(lambda: first.happens(first.submitted("a", 1), first.submitted("b", 2)) and reader.ids)
    first.happens(first.submitted("c", 3))
    until(lambda: len(reader.ids) == 3)


def test_streams_hint_at_changes_to_whom_they_are_news(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "POLL_S", 60.0)
    story = Story(work)
    story.happens(story.posted(), story.invited("a", "b"))
    tokens = {name: accounts.token(story.who(name)) for name in ("client", "a", "b")}
    client, a, b = (Reader(http, token) for token in tokens.values())
    changed = ("changed", {"project_id": story.id})

    def asks() -> bool:
        story.happens(story.asked(new_id(), "a"))
        return changed in client.hints

    until(asks)  # the watch may begin late
    claim = story.event("slot.claimed", account=story.who("a"), expires_at=story.posted_at)
    story.happens(claim)
    until(lambda: a.hints == [changed])
    story.happens(story.answered("q"))
    until(lambda: (a.hints, b.hints) == ([changed, changed], [changed]))
    unread = items(http, tokens["client"])[0]["id"]
    http.post(f"/api/notifications/{unread}/read", headers=tokens["client"])
    left = len(items(http, tokens["client"], "?unread=true"))
    until(lambda: client.hints[-1] == ("read", {"unread": left}))
    assert ("read", {"unread": left}) not in a.hints + b.hints


def test_without_the_change_stream_polling_delivers_notifications(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "POLL_S", 0.2)
    monkeypatch.setattr(hubs.Hub, "_watch", lambda _hub: None)
    story = Story(work)
    reader = Reader(http, accounts.token(story.who("client")))
    until(reader.began.is_set)
    story.happens(story.posted(), story.submitted("a", 1))
    until(lambda: reader.ids)


def test_stream_of_another_person_is_neither_visible_nor_resumable(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    story = Story(work)
    story.happens(story.posted(), story.invited("a"), story.submitted("a", 1))
    foreign = items(http, accounts.token(story.who("a")))[0]["id"]
    reader = Reader(http, accounts.token(story.who("client")), foreign)
    until(lambda: reader.ids)
    assert [event["kind"] for event in reader.events] == ["quote-received"]


def test_fourth_stream_ends_the_oldest(http: FlaskClient, accounts: Accounts) -> None:
    readers = [Reader(http, accounts.token("p")) for _ in range(4)]
    until(readers[0].ended.is_set, SOON_S)
    assert not any(reader.ended.is_set() for reader in readers[1:])


def test_replaced_stream_must_not_reconnect(http: FlaskClient, accounts: Accounts) -> None:
    header = accounts.token("p")
    readers = [Reader(http, header) for _ in range(4)]
    until(readers[0].ended.is_set, SOON_S)
    assert readers[0].last is not None
    again = header | {"Last-Event-ID": readers[0].last}
    answer = http.get("/api/notifications/stream", headers=again, buffered=False)
    assert answer.status_code == 204
    assert answer.data == b""
    assert not any(reader.ended.is_set() for reader in readers[1:])


def test_replaced_stream_resumes_once_a_place_is_free(work: UnitOfWork, http: FlaskClient, accounts: Accounts) -> None:
    header = accounts.token("p")
    readers = [Reader(http, header) for _ in range(4)]
    until(readers[0].ended.is_set, SOON_S)
    readers[1].leaves = True
    story = Story(work)
    story.happens(story.posted(client="p"), story.closed("a"))
    until(readers[1].ended.is_set)
    back = Reader(http, header, readers[0].last)
    until(lambda: back.ids and readers[2].ids)
    assert back.ids == readers[2].ids


def test_reader_cut_off_before_its_first_notification_misses_none(
    work: UnitOfWork, http: FlaskClient, accounts: Accounts
) -> None:
    header = accounts.token("boss")
    before, story = Story(work), Story(work)
    before.happens(before.posted("old", client="boss"), before.closed("a"))
    cut = http.get("/api/notifications/stream", headers=header, buffered=False)
    first = next(cut.iter_encoded()).decode()
    cut.close()
    story.happens(story.posted("new", client="boss"), story.closed("a"))
    back = Reader(http, header, first.partition("id: ")[2].strip())
    until(lambda: back.ids)
    assert [event["project_id"] for event in back.events] == [story.id]


def test_expired_token_ends_its_stream(http: FlaskClient, accounts: Accounts) -> None:
    short = Reader(http, accounts.token("q", life=1.5))
    until(short.began.is_set)
    until(short.ended.is_set)


def test_process_at_its_stream_limit_refuses_one_more(work: UnitOfWork) -> None:
    hub = hubs.Hub(work.database, 2)
    first = hub.join("a")
    assert first is not None
    assert hub.join("b") is not None
    with pytest.raises(Exception, match="unavailable"):
        hub.join("c")
    hub.leave(first)
    hub.join("c")


def test_many_accounts_of_one_network_keep_nobody_out(work: UnitOfWork) -> None:
    hub = hubs.Hub(work.database, 12)
    crowd = [hub.join(f"sock-{n % 4}", "203.0.113.9") for n in range(12)]
    others = [hub.join(f"person-{n}", f"198.51.100.{n}") for n in range(6)]
    assert not any(stream is None or stream.closed for stream in others)
    assert sum(stream is not None and stream.closed for stream in crowd) == 6
    hub.join("sock-9", "203.0.113.9")
    assert not any(stream is None or stream.closed for stream in others), "it takes the place of its own kind"


def test_person_with_many_streams_makes_room_for_one_with_none(work: UnitOfWork) -> None:
    hub = hubs.Hub(work.database, 4)
    mine = [hub.join("a") for _ in range(3)]
    other = hub.join("b")
    assert hub.join("c") is not None
    assert other is not None
    assert not other.closed
    assert [stream is not None and stream.closed for stream in mine] == [True, False, False]


def test_idle_stream_sends_keepalives(http: FlaskClient, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_S", 0.1)
    response = http.get("/api/notifications/stream", headers=accounts.token("p"), buffered=False)
    chunks = response.iter_encoded()
    assert next(chunks) == b"retry: 2000\nid: at-0\n\n"
    assert next(chunks) == b": still here\n\n"
    response.close()


# mails


@pytest.fixture
def post(work: UnitOfWork, accounts: Accounts, letterbox: tuple[Letterbox, int]) -> Post:
    return Post(work, accounts, letterbox)


def test_invitation_is_mailed_once_without_the_clients_name(post: Post) -> None:
    story = post.invite()
    assert post.postman.deliver_some()
    assert not post.postman.deliver_some()
    [mail] = post.box.mails
    delivery = post.delivery(story)
    assert (delivery["state"], "due_at" in delivery) == ("sent", False)
    address = post.accounts.people[story.who("a")]["email"]
    assert post.box.recipients == [[address]]
    assert mail["To"] == address
    assert mail["Subject"] == "Un projet vous attend : « CRM Bcc: x@example.org »"
    assert mail["Bcc"] is None
    assert mail["Message-ID"].startswith(f"<{delivery['_id']}@")
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert "Bonjour Inès," in plain
    assert f"/notifications/{delivery['notification_id']}" in html
    assert story.who("client") not in mail.as_string()


def test_mail_is_in_the_language_known_to_accounts(post: Post) -> None:
    post.invite(locale="en")
    post.postman.deliver_some()
    assert post.box.mails[0]["Subject"].startswith("A project is waiting for you")


def test_address_with_accents_receives_mail(post: Post) -> None:
    story = post.invite()
    post.accounts.people[story.who("a")]["email"] = "zoé@example.org"
    post.postman.deliver_some()
    assert post.box.recipients == [["zoé@example.org"]]


@pytest.mark.parametrize("trouble", ["accounts", "smtp"])
def test_mail_is_retried_after_an_outage_with_the_same_message_id(post: Post, trouble: str) -> None:
    story = post.invite()
    post.accounts.away, post.box.answer = trouble == "accounts", "451 later" if trouble == "smtp" else "250 OK"
    assert post.postman.deliver_some()
    waiting = post.delivery(story)
    assert (waiting["state"], waiting["tries"]) == ("retrying", 1)
    assert timedelta(seconds=20) < waiting["due_at"] - database_now(post.work.database) <= timedelta(seconds=30)
    assert not post.postman.deliver_some()
    post.accounts.away, post.box.answer = False, "250 OK"
    post.hurry()
    assert post.postman.deliver_some()
    assert post.delivery(story)["state"] == "sent"
    assert post.box.mails[0]["Message-ID"].startswith(f"<{waiting['_id']}@")


def test_unreachable_server_costs_attempts_until_the_mail_is_dead(post: Post) -> None:
    story = post.invite()
    nobody = Postman(post.work, config_of(post.accounts.url, free_port()), lambda: 0.5)
    for _ in range(16):
        post.hurry()
        assert nobody.deliver_some()
    assert (post.delivery(story)["state"], post.delivery(story)["reason"]) == ("dead", "exhausted")
    post.hurry()
    assert not nobody.deliver_some()


def test_permanently_refused_mail_is_dead_without_retries(post: Post) -> None:
    story = post.invite()
    post.box.answer = "550 no such mailbox"
    post.postman.deliver_some()
    assert (post.delivery(story)["state"], post.delivery(story)["reason"]) == ("dead", "refused")


def test_person_unknown_to_accounts_gets_no_mail(post: Post) -> None:
    story = post.invite()
    post.accounts.people.clear()
    post.postman.deliver_some()
    assert (post.delivery(story)["state"], post.delivery(story)["reason"]) == ("suppressed", "no-address")


class Letter:
    """A mail that accounts asks for."""

    def __init__(self, post: Post, kind: str, token: str | None = "t0k3n", locale: str = "fr") -> None:
        self.post, self.id = post, new_id()
        to = {"email": f"{self.id[:6].lower()}@example.org", "display_name": "Inès", "locale": locale}
        post.accounts.mails[self.id] = {**to, "kind": kind, "token": token}
        self.email, self.kind = to["email"], kind
        self.inbox = Inbox(post.work, "notify", handlers.HANDLERS, None)

    def ordered(self) -> "Letter":
        data = {"mail_id": self.id, "kind": self.kind}
        self.inbox.apply(Event(new_id(), "mail.requested", "a", 2, database_now(self.post.work.database), data))
        return self

    def delivery(self) -> Document:
        return self.post.work.database["deliveries"].find_one({"_id": f"{self.id}.email"}) or {}


@pytest.mark.parametrize(
    ("kind", "token", "link"),
    [
        ("verify-email", "t0k3n", "http://localhost:8080/verify#t0k3n"),
        ("password-reset", "t0k3n", "http://localhost:8080/reset#t0k3n"),
        ("already-registered", None, "http://localhost:8080/sign-in"),
        ("erasure-done", None, None),
    ],
)
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_mail_of_accounts_carries_its_token_in_the_fragment(
    post: Post, kind: str, token: str | None, link: str | None, locale: str
) -> None:
    letter = Letter(post, kind, token, locale).ordered()
    assert post.hired(quiet="00:00-23:59").deliver_some()
    [mail] = post.box.mails
    assert post.box.recipients == [[letter.email]]
    assert mail["Content-Language"] == locale
    assert mail["List-Unsubscribe"] is None, "mails about the account have no opt-out"
    plain, html = (part.get_content() for part in mail.iter_parts())
    for text in (plain, html):
        assert "Inès" in text
        assert re.findall(r"http[^\s\"<]*", text) == ([link] if link else [])
    assert "{" not in plain
    assert letter.delivery()["state"] == "sent"
    assert post.accounts.forgotten == [f"/internal/mails/{letter.id}"]
    rows = everything(post.work.database)
    assert "t0k3n" not in str(rows)
    assert letter.email not in str(rows)


def test_mail_requested_twice_is_sent_once(post: Post) -> None:
    Letter(post, "verify-email").ordered().ordered()
    while post.postman.deliver_some():
        pass
    assert len(post.box.mails) == 1


def test_link_that_is_no_longer_valid_is_not_mailed(post: Post) -> None:
    letter = Letter(post, "verify-email").ordered()
    post.accounts.mails.clear()
    post.postman.deliver_some()
    assert (letter.delivery()["state"], letter.delivery()["reason"]) == ("suppressed", "outdated")


def test_wrong_internal_token_delays_mails_and_drops_none(post: Post) -> None:
    letter, story = Letter(post, "password-reset").ordered(), post.invite()
    wrong = config_of(post.accounts.url, post.port)
    postman = Postman(post.work, replace(wrong, to_accounts="of-last-year"), lambda: 0.5)
    while postman.deliver_some():
        pass
    assert {letter.delivery()["state"], post.delivery(story)["state"]} == {"retrying"}
    post.hurry()
    while post.postman.deliver_some():
        pass
    assert {letter.delivery()["state"], post.delivery(story)["state"]} == {"sent"}


def test_mail_is_sent_even_when_accounts_cannot_be_notified(post: Post) -> None:
    letter = Letter(post, "erasure-done", None).ordered()
    post.accounts.keeps_mails = True
    post.postman.deliver_some()
    assert letter.delivery()["state"] == "sent"
    assert post.accounts.forgotten
    assert not post.postman.deliver_some()


def test_invitation_whose_window_has_ended_is_not_mailed(post: Post) -> None:
    story = post.invite()
    story.happens(story.cancelled())
    while post.postman.deliver_some():
        pass
    states = {row["kind"]: row["state"] for row in post.work.database["deliveries"].find()}
    assert states == {"invited": "suppressed", "project-cancelled": "sent"}
    [mail] = post.box.mails
    assert "« Le budget manque. »" in next(mail.iter_parts()).get_content()


def test_mail_the_person_opted_out_of_is_suppressed(post: Post) -> None:
    story = post.invite()
    person = people.read_person(post.work.database, story.who("a")).preferring({"kinds": {"invited": {"email": False}}})
    post.work.run(lambda unit: people.save_preferences(unit, person))
    post.postman.deliver_some()
    assert post.delivery(story)["reason"] == "unwanted"


def test_one_click_stops_a_kind_of_mail_without_an_account(
    post: Post, http: FlaskClient, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: list[str] = []

    def made(*args: Any) -> list[str]:
        tokens.extend(unsubscriptions.new_tokens(*args))
        return tokens

    monkeypatch.setattr(handful, "new_tokens", made)
    story = post.invite()
    post.postman.deliver_some()
    path = f"/api/notifications/unsubscribe/{tokens[0]}"
    assert http.get(path).status_code == 405, "scanners follow links"
    assert http.post(f"{path}x").status_code == 404
    answer = http.post(path, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, body(answer)) == (200, {"kinds": ["invited"]})
    assert body(http.post(path)) == {"kinds": ["invited"]}, "again"
    shown = body(http.get("/api/notifications/preferences", headers=accounts.token(story.who("a"))))
    assert shown["kinds"]["invited"] == {"in_app": True, "email": False}
    assert shown["kinds"]["chosen"]["email"]
    assert tokens[0] not in str(everything(post.work.database)), "only a digest is stored"
    story.happens(story.event("account.erased", story.who("a"), role="mentor"))
    assert http.post(path).status_code == 404


def test_quiet_hours_delay_the_mail_but_not_the_notification(post: Post, http: FlaskClient) -> None:
    story = post.invite()
    now = database_now(post.work.database)
    wide = f"{(now - timedelta(hours=5)):%H:%M}-{(now + timedelta(hours=5)):%H:%M}"
    assert post.hired(wide).deliver_some()
    delivery = post.delivery(story)
    assert (delivery["state"], post.box.mails) == ("pending", [])
    assert delivery["due_at"] - now > timedelta(hours=1)
    assert len(items(http, post.accounts.token(story.who("a")))) == 1


def test_job_sends_due_mails_until_it_is_stopped(post: Post) -> None:
    stop = threading.Event()
    config = config_of(post.accounts.url, post.port)
    job = threading.Thread(target=deliver_mails, args=(post.work, config, stop))
    job.start()
    try:
        post.invite()
        until(lambda: post.box.mails)
    finally:
        stop.set()
        job.join(60)
    assert not job.is_alive()


def test_several_workers_send_each_mail_once(post: Post) -> None:
    stories = [post.invite() for _ in range(20)]
    with ThreadPoolExecutor(4) as pool:
        workers = [post.hired() for _ in range(4)]
        list(pool.map(lambda worker: [None for _ in iter(worker.deliver_some, False)], workers))
    assert sorted(rcpt for [rcpt] in post.box.recipients) == sorted(
        post.accounts.people[story.who("a")]["email"] for story in stories
    )


def test_next_worker_sends_a_dead_workers_mail_after_the_lease(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    story = post.invite()

    def die(_message: object) -> None:
        raise SystemExit

    dying = post.hired()
    monkeypatch.setattr(dying._mailer, "send", die)
    with pytest.raises(SystemExit):
        dying.deliver_some()
    assert not post.postman.deliver_some()
    left = post.delivery(story)["due_at"] - database_now(post.work.database)
    assert timedelta(0) < left <= LEASE
    post.hurry()
    assert post.postman.deliver_some()
    assert len(post.box.mails) == 1


def test_connection_closed_by_the_server_is_reopened(post: Post) -> None:
    post.invite()
    post.postman.deliver_some()
    kept = post.postman._mailer._connection
    assert isinstance(kept, smtplib.SMTP)
    assert kept.sock
    kept.sock.shutdown(2)
    post.invite()
    post.postman.deliver_some()
    assert len(post.box.mails) == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_conversation_ended_by_421_costs_no_attempt(post: Post, command: str) -> None:
    post.invite()
    post.postman.deliver_some()
    story = post.invite()
    post.box.once[command] = "421 4.7.0 Too many messages, try again in another connection"
    post.postman.deliver_some()
    assert len(post.box.mails) == 2
    assert (post.delivery(story)["state"], post.delivery(story)["tries"]) == ("sent", 0)


def test_421_on_a_new_connection_is_a_failed_attempt(post: Post) -> None:
    story = post.invite()
    post.box.once["MAIL"] = "421 4.3.2 Shutting down"
    post.postman.deliver_some()
    assert (post.delivery(story)["state"], post.delivery(story)["tries"]) == ("retrying", 1)


def test_other_refusals_on_a_kept_connection_are_failed_attempts(post: Post) -> None:
    post.invite()
    post.postman.deliver_some()
    story = post.invite()
    post.box.once["RCPT"] = "450 4.2.1 Mailbox busy"
    post.postman.deliver_some()
    assert (post.delivery(story)["state"], post.delivery(story)["tries"]) == ("retrying", 1)


@pytest.mark.parametrize("domain", ["bücher.example", "xn--bcher-kva.example"])
def test_international_domain_is_reached_by_any_server(
    post: Post, plain_box: tuple[Letterbox, int], domain: str
) -> None:
    box, port = plain_box
    story = post.invite()
    post.accounts.people[story.who("a")]["email"] = f"lea@{domain}"
    Postman(post.work, config_of(post.accounts.url, port)).deliver_some()
    assert box.recipients == [["lea@xn--bcher-kva.example"]]


def test_address_that_the_server_cannot_handle_is_dead_without_retries(
    post: Post, plain_box: tuple[Letterbox, int]
) -> None:
    story = post.invite()
    post.accounts.people[story.who("a")]["email"] = "zoé@example.org"
    Postman(post.work, config_of(post.accounts.url, plain_box[1])).deliver_some()
    assert (post.delivery(story)["state"], post.delivery(story)["reason"]) == ("dead", "bad-address")


# the process


def test_hundred_streams_leave_room_for_others_and_end_with_the_process(
    database: Documents, mongo_uri: str, accounts: Accounts, root: Path, tmp_path: Path
) -> None:
    port = free_port()
    said = TOKENS | {"RELEVE_MONGO_URI": mongo_uri, "RELEVE_KAFKA": "127.0.0.1:1"}
    said |= {"RELEVE_HTTP_PORT": str(port), "RELEVE_ACCOUNTS_URL": accounts.url, "RELEVE_DB_PREFIX": database.name}
    command = [sys.executable, "-m", "services.notify.app", "http"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=root, env=os.environ | said, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    limits = httpx.Limits(max_connections=200)
    with httpx.Client(base_url=url, timeout=20, limits=limits) as client:
        try:
            until(lambda: _answers(client), 30)
            header = accounts.token("calm")
            streams = []
            for number in range(100):
                request = client.build_request("GET", "/api/notifications/stream", headers=accounts.token(f"p{number}"))
                streams.append(client.send(request, stream=True))
            texts = [stream.iter_raw() for stream in streams]
            assert all(next(text) == b"retry: 2000\nid: at-0\n\n" for text in texts)
            assert {client.get("/api/notifications", headers=header).status_code for _ in range(60)} == {200}
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
            drop(database.client.get_database(database.name + "notify"))


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
