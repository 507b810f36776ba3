"""A pair's life on a real MongoDB: sessions, calendars, nudges, self-assessments, endings, and who sees what."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from icalendar import Calendar
from werkzeug.test import TestResponse

from chassis.events import rfc3339
from chassis.mongo import Document, Documents
from chassis.timers import Deadline, Timers
from services.programmes import store
from services.programmes.commands.beginning import begin
from services.programmes.commands.telling import tell
from services.programmes.model import assessment
from services.programmes.model.pairs import ACCEPTED, ACTIVE, PROPOSED, Pair, pair_id
from services.programmes.model.participants import AGREED, Participant
from tests.kit.answers import body, problem
from tests.kit.clock import HandClock
from tests.kit.programmes import OWNER, STRANGER, Programmes
from tests.kit.threads import running
from tests.kit.waiting import until

DAY = timedelta(days=1)


class Cohort:
    """A running programme with two mentors and two mentees; time passes by hand."""

    def __init__(self, database: Documents) -> None:
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.service = Programmes(database, clock=HandClock(lambda: self.time))
        self.programme = self.service.create()
        self.people: dict[str, Participant] = {}
        for ref, side, name in (
            ("M01", "mentor", "Camille Durand"),
            ("M02", "mentor", "Inès Petit"),
            ("E01", "mentee", "Anne Leroy"),
            ("E02", "mentee", "Hélène Roux"),
        ):
            more: dict[str, Any] = {"state": AGREED, "wants": ["data-literacy"], "timezone": "Europe/Paris"}
            more |= {"account": ref}  # a pass would expire while time passes by hand
            self.people[ref] = self.service.put(self.programme, ref, side, name=name, **more)
        self.state("running")

    def state(self, state: str) -> None:
        self.service.database.programmes.update_one({"_id": self.programme}, {"$set": {"state": state}})

    def pair(self, mentor: str = "M01", mentee: str = "E01", state: str = ACTIVE) -> Pair:
        """A published pair, which begins now if it is active."""
        ids = self.people[mentor].id, self.people[mentee].id
        pair = Pair(pair_id(self.programme, *ids), self.programme, *ids, self.time, state=state, published=True)

        def add(unit: Any) -> None:
            store.add_pairs(unit, [pair])
            if state == ACTIVE:
                kept, programme = store.find_pair(unit, pair.id), store.find_programme(unit, self.programme)
                assert kept
                assert programme
                kept.answers = {"mentor": ACCEPTED, "mentee": ACCEPTED}
                notices = begin(unit, kept, self.service.config.silence)
                store.save_pair(unit, kept, tell(unit, programme, notices))

        self.service.work.run(add)
        return pair

    def row(self, pair: Pair) -> Document:
        """The stored pair."""
        return self.service.database.pairs.find_one({"_id": pair.id}) or {}

    def call(self, who: str, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """A request of somebody, by the ref of a participant or by the name of another account."""
        return self.service.call(who, method, f"/api/programmes/{self.programme}{path}", json, **headers)

    def get(self, who: str, path: str, **headers: str) -> Any:
        answer = self.call(who, "GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return body(answer)

    def plan(self, who: str = "M01", days: float = 7, **more: Any) -> Any:
        """Plans a session of the first pair; its body."""
        given = {"starts_at": rfc3339(self.time + days * DAY), **more}
        answer = self.call(who, "POST", "/pairs/M01/E01/sessions", given)
        assert answer.status_code == 201, answer.text
        return body(answer)

    def change(self, session: Any, who: str = "E01", **changes: Any) -> Any:
        answer = self.call(who, "PATCH", f"/sessions/{session['id']}", changes)
        assert answer.status_code == 200, answer.text
        return body(answer)

    def mails(self, kind: str) -> list[str]:
        """The refs of those to whom a mail of this kind was requested, in order; the owner's is their account."""
        refs = {person.id: ref for ref, person in self.people.items()}
        found = sorted(self.service.messages(kind), key=lambda row: row["created_at"])
        requested = {one["message_id"] for fact in self.service.facts("messages.requested")
                     for one in fact["payload"]["messages"]}  # fmt: skip
        assert {row["_id"] for row in found} <= requested
        return [refs.get(row.get("participant") or "") or str(row["account"]) for row in found]

    def pass_days(self, days: int) -> None:
        """Lets days pass; the deadlines fire on each."""
        for _ in range(days):
            self.time += DAY
            for row in self.service.database.pairs.find(self.deadline.due(self.time), {"_id": 1}):
                self.service.work.run(partial(self._fire, self.deadline.fire, row["_id"]))

    @property
    def deadline(self) -> Deadline:
        """The deadline of pairs."""
        return next(one for one in self.service.service.deadlines if one.collection == "pairs")

    def _fire(self, fire: Any, pair: str, unit: Any) -> None:
        fire(unit, pair, self.service.config)


@pytest.fixture
def cohort(database: Documents) -> Cohort:
    return Cohort(database)


# Sessions.


def test_participant_without_an_account_uses_their_pass(cohort: Cohort) -> None:
    cohort.pair()
    token = cohort.service.pass_of(cohort.people["M01"])
    path = f"/api/programmes/{cohort.programme}/pairs/M01/E01/sessions"
    given = {"starts_at": rfc3339(cohort.time + DAY)}
    assert cohort.service.by_pass(token, "POST", path, given).status_code == 201
    assert len(body(cohort.service.by_pass(token, "GET", path))["items"]) == 1


def test_either_side_plans_and_the_other_is_told(cohort: Cohort) -> None:
    cohort.pair()
    planned = cohort.plan("E01", agenda="data", place="Salle Éole", note="Apporter un tableau.")
    assert (planned["state"], planned["timezone"]) == ("planned", "Europe/Paris")
    assert planned["note"] == "Apporter un tableau."
    assert planned["starts_locally"][-6:] in ("+01:00", "+02:00")
    assert cohort.mails("session-planned") == ["M01"]
    moved = cohort.change(planned, "M01", starts_at=rfc3339(cohort.time + 9 * DAY))
    assert (moved["state"], moved["moved_from"]) == ("moved", [planned["starts_at"]])
    cohort.change(planned, "E01", state="cancelled")
    assert cohort.mails("session-moved") == ["E01"]
    assert cohort.mails("session-cancelled") == ["M01"]
    message = cohort.service.messages("session-moved")[0]
    values = body(cohort.service.read(message["_id"]))["values"]
    assert (values["partner"], values["starts_at"]) == ("Camille Durand", moved["starts_at"])


def test_owner_plans_for_both_and_reads_no_note(cohort: Cohort) -> None:
    cohort.pair()
    planned = cohort.plan(OWNER)
    assert sorted(cohort.mails("session-planned")) == ["E01", "M01"]
    cohort.change(planned, "M01", note="Entre nous.")
    assert cohort.mails("session-moved") == []
    for path in ("/pairs/M01/E01/sessions", "/sessions"):
        assert "Entre nous" not in cohort.call(OWNER, "GET", path).text
        assert "Entre nous" in cohort.call("E01", "GET", path).text
    refused = cohort.call(OWNER, "PATCH", f"/sessions/{planned['id']}", {"note": "Lu."})
    assert problem(refused) == (422, "invalid")


def test_session_needs_an_active_pair_and_its_current_version(cohort: Cohort) -> None:
    cohort.pair(state=PROPOSED)
    given = {"starts_at": rfc3339(cohort.time + DAY)}
    assert problem(cohort.call("M01", "POST", "/pairs/M01/E01/sessions", given)) == (409, "pair-not-active")
    cohort.pair("M02", "E02")
    answer = cohort.call("M02", "POST", "/pairs/M02/E02/sessions", given)
    path = f"/sessions/{body(answer)['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert problem(cohort.call("E02", "PATCH", path, {"state": "cancelled"}, If_Match='"7"')) == (412, "stale")
    assert cohort.call("E02", "PATCH", path, {"state": "cancelled"}, If_Match='"1"').headers["ETag"] == '"2"'
    assert problem(cohort.call("E02", "PATCH", path, {"state": "held"})) == (409, "session-over")


def test_pair_of_others_is_not_there(cohort: Cohort) -> None:
    cohort.pair()
    session = cohort.plan()
    for who in ("M02", "E02", STRANGER, "thomas"):
        for method, path, given in (
            ("GET", "/pairs/M01/E01/sessions", None),
            ("GET", "/pairs/M01/E01/agendas", None),
            ("GET", f"/sessions/{session['id']}/calendar", None),
            ("POST", "/pairs/M01/E01/sessions", {"starts_at": rfc3339(cohort.time + DAY)}),
            ("PATCH", f"/sessions/{session['id']}", {"state": "cancelled"}),
            ("POST", "/pairs/M01/E01/end", {}),
        ):
            assert problem(cohort.call(who, method, path, given)) == (404, "not-found"), (who, method, path)
    assert cohort.get("M02", "/sessions")["items"] == []
    assert problem(cohort.call(STRANGER, "GET", "/sessions"))[0] == 404
    assert problem(cohort.call("M01", "GET", "/pairs/M01/E09/sessions"))[0] == 404


def test_organiser_reads_counts_of_own_people_only(cohort: Cohort) -> None:
    cohort.pair()
    cohort.pair("M02", "E02")
    cohort.plan()
    rows = cohort.service.database
    rows.participants.update_one({"_id": cohort.people["E01"].id}, {"$set": {"organisation": "AXA"}})
    organiser = {"account": "client-axa", "organisation": "AXA"}
    rows.programmes.update_one({"_id": cohort.programme}, {"$set": {"organisers": [organiser]}})
    [found] = cohort.get("client-axa", "/sessions")["items"]
    assert (found["mentee"], found["ahead"], "sessions" in found) == ("E01", 1, False)
    assert problem(cohort.call("client-axa", "GET", "/pairs/M01/E01/sessions"))[0] == 404


def test_counts_of_sessions_are_paged(cohort: Cohort) -> None:
    cohort.pair()
    cohort.pair("M02", "E02")
    held = cohort.plan("M01", days=-2, state="held")
    cohort.plan("M01")
    first = cohort.get(OWNER, "/sessions?limit=1")
    second = cohort.get(OWNER, f"/sessions?limit=1&cursor={first['next_cursor']}")
    assert second["next_cursor"] is None
    found = {one["mentor"]: one for one in (*first["items"], *second["items"])}
    assert (found["M01"]["held"], found["M01"]["ahead"], found["M01"]["last_held_at"]) == (1, 1, held["starts_at"])
    assert (found["M02"]["held"], found["M02"]["next_at"]) == (0, None)


def test_repeated_request_plans_one_session(cohort: Cohort) -> None:
    cohort.pair()
    given = {"starts_at": rfc3339(cohort.time + DAY)}
    both = [cohort.call("M01", "POST", "/pairs/M01/E01/sessions", given, Idempotency_Key="k1") for _ in range(2)]
    assert body(both[0]) == body(both[1])
    assert cohort.mails("session-planned") == ["E01"]


# Calendars.


def event_in(answer: TestResponse) -> Any:
    return Calendar.from_ical(answer.data).walk("VEVENT")[0]


def test_calendar_file_follows_the_session(cohort: Cohort) -> None:
    cohort.pair()
    session = cohort.plan(agenda="data", note="Entre nous.")
    path = f"/sessions/{session['id']}/calendar"
    answer = cohort.call("E01", "GET", path, Accept_Language="fr-FR,fr;q=0.9")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Language"] == "fr"
    event = event_in(answer)
    assert event["SUMMARY"] == "Mentorat avec Camille Durand"
    assert "Les données" in event["DESCRIPTION"]
    assert "Entre nous" not in answer.text
    assert "@people.example" not in answer.text
    cohort.change(session, "M01", starts_at=rfc3339(cohort.time + 9 * DAY))
    moved = event_in(cohort.call("E01", "GET", path))
    assert (moved["UID"], moved["SEQUENCE"]) == (event["UID"], event["SEQUENCE"] + 1)
    cohort.change(session, "M01", state="cancelled")
    assert b"METHOD:CANCEL" in cohort.call("E01", "GET", path).data
    assert problem(cohort.call(OWNER, "GET", path))[0] == 404


# Agendas.


def test_agendas_follow_the_wants_and_the_language(cohort: Cohort) -> None:
    cohort.pair()
    found = cohort.get("M01", "/pairs/M01/E01/agendas", Accept_Language="en")
    assert (found["language"], len(found["items"])) == ("en", 6)
    assert found["items"][0]["title"] == "What data is, and what to ask of it"
    assert "mentor_note" in found["items"][0]
    mine = cohort.get("E01", "/pairs/M01/E01/agendas", Accept_Language="de")
    assert (mine["language"], "mentor_note" in mine["items"][0]) == ("fr", False)


# Silence.


def test_silent_weeks_reach_mentor_then_mentee_then_owner(cohort: Cohort) -> None:
    cohort.pair()
    cohort.pair("M02", "E02")
    cohort.pass_days(20)
    assert cohort.mails("nudge") == []
    cohort.pass_days(1)
    assert sorted(cohort.mails("nudge")) == ["M01", "M02"]
    cohort.plan(days=-1, state="held")
    cohort.pass_days(7)
    assert sorted(cohort.mails("nudge")) == ["E02", "M01", "M02"]
    cohort.pass_days(7)
    assert cohort.mails("pairs-quiet") == [OWNER]
    [message] = cohort.service.messages("pairs-quiet")
    assert message["data"] == {"count": 1}
    cohort.pass_days(6)
    assert len(cohort.mails("nudge")) == 3


def test_owner_learns_one_number_of_all_quiet_pairs(cohort: Cohort) -> None:
    cohort.pair()
    cohort.pair("M02", "E02")
    cohort.pass_days(60)
    assert sorted(cohort.mails("nudge")) == ["E01", "E02", "M01", "M02"]
    assert [row["data"] for row in cohort.service.messages("pairs-quiet")] == [{"count": 2}]


def test_two_workers_tell_nobody_twice(cohort: Cohort) -> None:
    cohort.pair()
    cohort.pair("M02", "E02")
    deadline, stop = cohort.deadline, threading.Event()
    workers = [Timers(cohort.service.work, deadline, cohort.service.config, stop) for _ in range(2)]
    due = deadline.due(cohort.time + 400 * DAY)
    with running(*(worker.run for worker in workers), stop=stop):
        for days in (21, 7, 7):
            cohort.time += days * DAY
            pairs, due_now = cohort.service.database.pairs, deadline.due(cohort.time)
            until(partial(pairs.count_documents, due_now), good=lambda left: left == 0)
    assert sorted(cohort.mails("nudge")) == ["E01", "E02", "M01", "M02"]
    assert [row["data"] for row in cohort.service.messages("pairs-quiet")] == [{"count": 2}]
    assert cohort.service.database.pairs.count_documents(due) == 0


def test_two_cancelled_sessions_nudge_the_mentor(cohort: Cohort) -> None:
    cohort.pair()
    cohort.pass_days(7)
    first, second = cohort.plan(days=2), cohort.plan(days=4)
    cohort.change(first, state="cancelled")
    cohort.pass_days(1)
    assert cohort.mails("nudge") == []
    cohort.change(second, state="cancelled")
    cohort.pass_days(1)
    assert cohort.mails("nudge") == ["M01"]


# Endings.


def test_ended_pair_tells_the_other_half_nothing_but_the_end(cohort: Cohort) -> None:
    pair = cohort.pair()
    session = cohort.plan()
    answer = cohort.call("E01", "POST", "/pairs/M01/E01/end", {"reason": "no-fit", "never_again": True})
    assert (answer.status_code, body(answer)["state"], body(answer)["rematch"]) == (200, "ended_early", True)
    assert cohort.mails("pair-ended") == ["M01"]
    row = cohort.row(pair)
    assert row["ended"] == {"at": cohort.time}
    assert sorted(row["waiting"]) == sorted([cohort.people["M01"].id, cohort.people["E01"].id])
    assert "due_at" not in row
    assert cohort.service.database.solves.count_documents({"programme": cohort.programme, "kind": "rematch"}) == 1
    calendar = cohort.call("M01", "GET", f"/sessions/{session['id']}/calendar")
    assert b"METHOD:CANCEL" in calendar.data
    for who in ("M01", OWNER):
        for path in ("", "/sessions", "/pairs/M01/E01/sessions"):
            text = cohort.call(who, "GET", path).text
            assert "no-fit" not in text
            assert "never" not in text
    message = cohort.service.messages("pair-ended")[0]
    told = cohort.service.read(message["_id"])
    assert (body(told)["values"]["partner"], "no-fit" in told.text) == ("Anne Leroy", False)
    facts = str(list(cohort.service.database.outbox.find()))
    assert "no-fit" not in facts
    assert problem(cohort.call("M01", "POST", "/pairs/M01/E01/end", {})) == (409, "pair-not-active")


def test_never_again_outlives_the_programme_as_digests_only(cohort: Cohort) -> None:
    cohort.pair()
    cohort.call("E01", "POST", "/pairs/M01/E01/end", {"never_again": True})
    rows = cohort.service.database
    assert "people.example" not in str(list(rows.bans.find()))
    later = cohort.service.create()
    again = [cohort.service.put(later, ref, side, email=f"{ref}@People.example ") for ref, side in
             (("M01", "mentor"), ("E01", "mentee"), ("E02", "mentee"))]  # fmt: skip
    secret = cohort.service.config.blind_secret
    banned = store.banned_pairs(rows, secret, [OWNER], again)
    assert banned == {(again[0].id, again[1].id), (again[1].id, again[0].id)}
    assert store.banned_pairs(rows, secret, ["another organisation"], again) == set()


def test_person_who_leaves_frees_their_partner(cohort: Cohort) -> None:
    pair = cohort.pair()
    left = cohort.call("M01", "POST", "/leaving")
    assert (left.status_code, body(left)) == (200, {"ref": "M01", "state": "left"})
    assert cohort.mails("pair-ended") == ["E01"]
    row = cohort.row(pair)
    assert (row["state"], row["waiting"]) == ("ended_early", [cohort.people["E01"].id])
    assert cohort.service.database.solves.count_documents({}) == 1
    assert cohort.call("M01", "POST", "/leaving").status_code == 200
    assert cohort.mails("pair-ended") == ["E01"]
    assert problem(cohort.call(OWNER, "POST", "/leaving"))[0] == 404


def test_person_whom_the_owner_takes_out_has_left(cohort: Cohort) -> None:
    pair = cohort.pair()
    assert cohort.call(OWNER, "DELETE", "/participants/E01").status_code == 204
    kept = cohort.service.database.participants.find_one({"_id": cohort.people["E01"].id}) or {}
    assert kept["state"] == "left"
    assert (cohort.row(pair)["state"], cohort.mails("pair-ended")) == ("ended_early", ["M01"])
    assert cohort.call(OWNER, "DELETE", "/participants/E01").status_code == 204
    assert cohort.mails("pair-ended") == ["M01"]


def test_person_who_leaves_is_in_no_team_any_more(cohort: Cohort) -> None:
    one, other = cohort.people["M01"].id, cohort.people["E01"].id
    teams = cohort.service.database.teams
    teams.insert_one({"_id": "t1", "programme": cohort.programme, "members": [one, other]})
    assert cohort.call("M01", "POST", "/leaving").status_code == 200
    assert (teams.find_one({}) or {})["members"] == [other]


def test_nobody_leaves_before_the_publication(cohort: Cohort) -> None:
    cohort.state("enrolling")
    assert problem(cohort.call("M01", "POST", "/leaving")) == (409, "wrong-state")


# The end, and self-assessments.


def answers(side: str, value: int) -> dict[str, Any]:
    return {"answers": {one.id: value for one in assessment.statements(side, "fr")}}


def test_beginning_pair_is_asked_for_its_self_assessment_once(cohort: Cohort) -> None:
    cohort.pair()
    assert sorted(cohort.mails("assessment")) == ["E01", "M01"]
    cohort.pair("M01", "E02")
    assert sorted(cohort.mails("assessment")) == ["E01", "E02", "M01"]


def test_closing_completes_pairs_and_tells_everybody(cohort: Cohort) -> None:
    active, waiting = cohort.pair(), cohort.pair("M02", "E02", PROPOSED)
    cohort.call("M02", "POST", "/leaving")
    closed = cohort.call(OWNER, "POST", "/closing")
    assert (closed.status_code, body(closed)["state"]) == (200, "closed")
    assert closed.headers["ETag"] == f'"{cohort.service.database.programmes.find_one({})["version"]}"'  # type: ignore[index]
    assert (cohort.row(active)["state"], cohort.row(waiting)["state"]) == ("completed", "ended_early")
    assert "due_at" not in cohort.row(active)
    assert sorted(cohort.mails("programme-closed")) == ["E01", "E02", "M01"]
    moments = [row["data"]["moment"] for row in cohort.service.messages("assessment")]
    assert moments.count("end") == 3
    assert [fact["payload"] for fact in cohort.service.facts("programme.closed")] == [{}]
    assert problem(cohort.call(OWNER, "POST", "/closing")) == (409, "wrong-state")
    assert problem(cohort.call("M01", "POST", "/closing"))[0] in (401, 403)
    cohort.pass_days(30)
    assert cohort.mails("nudge") == []


def test_person_compares_their_own_answers_and_nobody_else_does(cohort: Cohort) -> None:
    cohort.pair()
    asked = cohort.get("E01", "/assessment", Accept_Language="en")
    assert (asked["side"], asked["open"], len(asked["scale"])) == ("mentee", ["start"], 5)
    assert problem(cohort.call("E01", "PUT", "/assessment/end", answers("mentee", 4))) == (409, "assessment-closed")
    assert cohort.call("E01", "PUT", "/assessment/start", answers("mentee", 2)).status_code == 200
    cohort.call(OWNER, "POST", "/closing")
    cohort.pass_days(29)
    assert cohort.call("E01", "PUT", "/assessment/end", answers("mentee", 4)).status_code == 200
    mine = cohort.get("E01", "/assessment/mine")
    assert mine["answered"] == ["start", "end"]
    assert {(one["before"], one["after"], one["change"]) for one in mine["items"]} == {(2, 4, 2)}
    cohort.pass_days(1)
    assert problem(cohort.call("E01", "PUT", "/assessment/end", answers("mentee", 5))) == (409, "assessment-closed")
    for who in (OWNER, STRANGER):
        assert problem(cohort.call(who, "GET", "/assessment/mine"))[0] == 404
    assert cohort.get("M01", "/assessment/mine")["answered"] == []


def test_unknown_moment_and_wrong_answers_are_refused(cohort: Cohort) -> None:
    assert problem(cohort.call("E01", "PUT", "/assessment/middle", answers("mentee", 2)))[0] == 404
    wrong = cohort.call("E01", "PUT", "/assessment/start", answers("mentor", 2))
    assert problem(wrong) == (422, "invalid")
