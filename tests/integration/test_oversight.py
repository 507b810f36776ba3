"""What operators read from each service and do about reports, on a real MongoDB; each access leaves an audit row."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.ids import new_id
from chassis.mongo import Documents
from chassis.places import TRAIL, rows_of
from services.projects.model.reports import MODERATED
from tests.kit.answers import body, problem
from tests.kit.examples import ORGANISATION, PROJECT, card
from tests.kit.services import Running

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Overseen(Running):
    """One service, and an operator's access to it."""

    def __init__(self, name: str, database: Documents) -> None:
        super().__init__(name, database)
        self.began = self.now

    def reads(self, what: str, query: str = "") -> list[dict[str, Any]]:
        """The items that an operator reads."""
        answer = self.call("operator", "GET", f"/api/operations/{what}{query}")
        assert answer.status_code == 200, answer.text
        return list(body(answer)["items"])

    def trail(self) -> list[tuple[str, str, str, str]]:
        """Audit rows (actor, action, subject, reason), oldest first."""
        rows = rows_of(self.database, TRAIL).find().sort([("at", 1), ("_id", 1)])
        return [(row["who"], row["what"], row["whom"], row["reason"]) for row in rows]


@pytest.fixture
def quotes(database: Documents) -> Overseen:
    return Overseen("quotes", database)


@pytest.fixture
def projects(database: Documents) -> Overseen:
    return Overseen("projects", database)


@pytest.fixture
def notify(database: Documents) -> Overseen:
    return Overseen("notify", database)


# rounds


def opened(quotes: Overseen, name: str, left: timedelta, invited: int = 0, received: int = 0, claimed: int = 0) -> None:
    """Stores a round of 48 hours with ``left`` remaining."""
    window = timedelta(hours=48)
    said = {"client": "client-c", "title": "CRM", "brief": "CRM.", "close_early": False, "auto_extend": False}
    quotes.hear("project.posted", name, **said, posted_at=quotes.began - window + left, window=window)
    quotes.hear("mentors.invited", name, wave=1, mentors=[card(f"mentor-{n}") for n in range(invited)])
    slot: dict[str, Any] = {"mentor_id": "card", "expires_at": None, "quote_id": None, "digest": None}
    slots = [slot | {"account": f"q{n}", "quote_id": f"{name}-{n}"} for n in range(received)]
    slots += [slot | {"account": f"c{n}", "expires_at": quotes.began + DAY} for n in range(claimed)]
    slots += [slot | {"account": "late", "expires_at": quotes.began - MINUTE}] if claimed else []
    quotes.database.rounds.update_one({"_id": name}, {"$set": {"slots": slots}})


def test_rounds_short_of_quotes_in_their_last_quarter_are_at_risk(
    quotes: Overseen,
) -> None:
    opened(quotes, "later", timedelta(hours=11), invited=3)
    opened(quotes, "sooner", timedelta(hours=2), invited=2, received=4, claimed=1)
    opened(quotes, "full", timedelta(hours=2), received=5)
    opened(quotes, "young", timedelta(hours=13))
    opened(quotes, "closed", timedelta(hours=2))
    quotes.hear("project.cancelled", "closed", reason="Le budget manque.")
    found = quotes.reads("rounds")
    counts = [{name: value for name, value in row.items() if name != "closes_at"} for row in found]
    assert counts == [
        {"project_id": "sooner", "received": 4, "claimed": 1, "invited": 2},
        {"project_id": "later", "received": 0, "claimed": 0, "invited": 3},
    ]
    assert datetime.fromisoformat(found[0]["closes_at"]) == quotes.began + timedelta(hours=2)
    assert quotes.trail() == [("operator", "rounds.read", "", "")]


def test_rounds_at_risk_are_paged_soonest_first(quotes: Overseen) -> None:
    for hours in (3, 1, 2, 2, 2):
        opened(quotes, f"r{hours}-{new_id()}", timedelta(hours=hours))
    seen, query = [], "?limit=2"
    while query:
        page = body(quotes.call("operator", "GET", f"/api/operations/rounds{query}"))
        seen += [row["project_id"] for row in page["items"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(set(seen)) == 5
    assert [name[:2] for name in seen] == ["r1", "r2", "r2", "r2", "r3"]


# projects


def posted(projects: Overseen) -> str:
    projects.call("client-c", "PUT", "/api/organisations/me", ORGANISATION)
    answer = projects.call("client-c", "POST", "/api/projects", PROJECT)
    assert answer.status_code == 201, answer.text
    return str(body(answer)["id"])


def made(projects: Overseen, state: str, **fields: Any) -> str:
    """A project that has reached this state."""
    project_id = posted(projects)
    projects.database.projects.update_one({"_id": project_id}, {"$set": {"state": state, **fields}})
    return project_id


def test_stuck_projects_are_listed_with_what_they_wait_for(projects: Overseen) -> None:
    def ended(at: datetime) -> dict[str, Any]:
        return {"at": at, "reason": "full", "quotes": 5}

    now = projects.began
    stuck = [
        (made(projects, "collecting", closes_at=now - 2 * MINUTE), "window-not-closed", now - 2 * MINUTE),
        (made(projects, "choosing", ended=ended(now - 3 * DAY)), "not-chosen", now - 3 * DAY),
        (made(projects, "awarded", awarded_at=now - 31 * DAY), "not-completed", now - 31 * DAY),
    ]
    made(projects, "collecting", closes_at=now - MINUTE / 2)
    made(projects, "choosing", ended=ended(now - DAY))
    made(projects, "awarded", awarded_at=now - 29 * DAY)
    made(projects, "completed", awarded_at=now - 60 * DAY)
    made(projects, "awarded", awarded_at=now - 60 * DAY, abandoned=True)
    found = projects.reads("projects")
    assert [(row["id"], row["reason"], datetime.fromisoformat(row["since"])) for row in found] == stuck
    assert {frozenset(row) for row in found} == {frozenset({"id", "state", "since", "reason"})}
    assert projects.trail() == [("operator", "projects.read", "", "")]


# reports


@pytest.fixture
def project_id(projects: Overseen) -> str:
    """A project with one invited mentor, "mentor-a"."""
    project_id = posted(projects)
    projects.hear("mentors.invited", project_id, wave=1, mentors=[card("mentor-a")])
    return project_id


def report(projects: Overseen, who: str, project_id: str, reason: str = "Insultant.", **headers: str) -> TestResponse:
    return projects.call(who, "POST", f"/api/projects/{project_id}/reports", {"reason": reason}, **headers)


def resolve(projects: Overseen, report_id: str, action: str, who: str = "operator") -> TestResponse:
    path = f"/api/operations/reports/{report_id}/resolution"
    return projects.call(who, "POST", path, {"action": action, "note": "Vu."})


def test_client_and_mentor_report_and_operators_read_no_names(projects: Overseen, project_id: str) -> None:
    for who in ("client-c", "mentor-a"):
        assert report(projects, who, project_id).status_code == 202
    found = projects.reads("reports")
    assert [(row["account"], row["side"], row["state"]) for row in found] == [
        ("mentor-a", "mentor", "open"),
        ("client-c", "client", "open"),
    ]
    assert {row["brief"] for row in found} == {PROJECT["brief"]}
    assert "Nestl" not in str(found)
    whom = [row[1:3] for row in projects.trail()]
    assert sorted(whom) == [("reports.read", "client-c"), ("reports.read", "mentor-a")]
    assert projects.reads("reports", "?state=resolved") == []


def test_person_who_cannot_see_the_project_cannot_report_it(projects: Overseen, project_id: str) -> None:
    for who in ("mentor-b", "client-d"):
        assert problem(report(projects, who, project_id)) == (404, "not-found")
    assert problem(report(projects, "mentor-a", "nothing")) == (404, "not-found")
    assert problem(report(projects, "operator", project_id)) == (403, "forbidden")
    for reason in ("", " ", "x" * 2001):
        assert problem(report(projects, "mentor-a", project_id, reason)) == (422, "invalid")
    assert projects.database.reports.count_documents({}) == 0


def test_five_reports_per_person_and_day_are_accepted_even_concurrently(projects: Overseen, project_id: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: report(projects, "mentor-a", project_id), range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [409] * 3
    assert problem(report(projects, "mentor-a", project_id)) == (409, "too-many-reports")
    assert report(projects, "client-c", project_id).status_code == 202
    before = (projects.now - timedelta(days=30)).date()
    moved = {"$set": {"place": f"mentor-a:{before}:1"}}
    projects.database.reports.update_one({"place": {"$regex": "^mentor-a:.*:5$"}}, moved)
    assert report(projects, "mentor-a", project_id).status_code == 202


def test_report_repeated_with_its_key_is_stored_once(projects: Overseen, project_id: str) -> None:
    answers = [report(projects, "mentor-a", project_id, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert body(answers[0])["id"] == body(answers[1])["id"]
    assert projects.database.reports.count_documents({}) == 1


def test_dismissing_a_report_changes_only_the_report_and_happens_once(projects: Overseen, project_id: str) -> None:
    report_id = body(report(projects, "mentor-a", project_id))["id"]
    answer = resolve(projects, report_id, "dismissed")
    assert answer.status_code == 200, answer.text
    assert (body(answer)["state"], body(answer)["resolution"]["note"]) == ("resolved", "Vu.")
    assert problem(resolve(projects, report_id, "project-cancelled")) == (409, "already-resolved")
    assert body(projects.call("client-c", "GET", f"/api/projects/{project_id}"))["state"] == "collecting"
    assert set(projects.trail()) == {
        ("operator", "report.dismissed", project_id, "Vu."),
        ("operator", "report.read", "mentor-a", "Vu."),
    }, "the answer names who reported"


def test_moderation_cancels_a_collecting_project_as_its_client_would(projects: Overseen, project_id: str) -> None:
    report_id = body(report(projects, "mentor-a", project_id))["id"]
    assert body(resolve(projects, report_id, "project-cancelled"))["project_state"] == "cancelled"
    (row,) = projects.database.outbox.find({"name": "project.cancelled"})
    assert (row["subject"], row["payload"]) == (project_id, {"reason": MODERATED, "by": "moderation"})
    assert ("operator", "report.project-cancelled", project_id, "Vu.") in projects.trail()


def test_moderation_does_not_cancel_an_ended_project(projects: Overseen, project_id: str) -> None:
    report_id = body(report(projects, "mentor-a", project_id))["id"]
    one = {"_id": project_id}
    projects.database.projects.update_one(one, {"$set": {"closes_at": projects.began - MINUTE}})
    assert problem(resolve(projects, report_id, "project-cancelled")) == (409, "window-ended")
    projects.database.projects.update_one(one, {"$set": {"state": "awarded"}})
    assert problem(resolve(projects, report_id, "project-cancelled")) == (409, "already-awarded")
    assert [row["state"] for row in projects.reads("reports", "?state=open")] == ["open"]
    assert problem(resolve(projects, "nothing", "dismissed")) == (404, "not-found")
    assert problem(resolve(projects, report_id, "hanged")) == (422, "invalid")
    assert [row[1] for row in projects.trail()] == ["reports.read"]


def test_reports_that_wait_come_oldest_first_and_all_newest_first(projects: Overseen, project_id: str) -> None:
    made = [body(report(projects, who, project_id))["id"] for who in ("client-c", "mentor-a")]
    for age, one in enumerate(reversed(made)):
        at = {"created_at": projects.began - age * MINUTE}
        projects.database.reports.update_one({"_id": one}, {"$set": at})
    assert [row["id"] for row in projects.reads("reports", "?state=open")] == made
    assert [row["id"] for row in projects.reads("reports")] == made[::-1]


def test_reports_are_exported_and_lose_their_text_on_erasure(projects: Overseen, project_id: str) -> None:
    for _ in range(2):
        report(projects, "mentor-a", project_id, "Grossier.")
    exported = body(projects.call("mentor-a", "GET", "/api/projects/export"))["reports"]
    assert [row["reason"] for row in exported] == ["Grossier."] * 2
    projects.hear("account.erased", "mentor-a", role="mentor")
    assert [(row["account"], row["reason"]) for row in projects.reads("reports")] == [("", "[…]")] * 2
    assert "mentor-a" not in str(list(projects.database.reports.find()))
    (first, *_) = projects.reads("reports")
    assert resolve(projects, first["id"], "dismissed").status_code == 200


# deliveries


def test_undelivered_mails_are_listed_with_their_errors(notify: Overseen) -> None:
    kept = {"kind": "chosen", "channel": "email", "notification_id": "n", "project_id": "p", "news_at": notify.began}
    rows = [
        {"_id": "dead", "state": "dead", "tries": 16, "reason": "exhausted", "error": "builtins.TimeoutError"},
        {"_id": "bad", "state": "dead", "tries": 0, "reason": "bad-address"},
        {"_id": "failing", "state": "retrying", "tries": 6, "error": "builtins.TimeoutError"},
        {"_id": "hoping", "state": "retrying", "tries": 5, "error": "builtins.TimeoutError"},
        {"_id": "late", "state": "sent", "tries": 7},
        {"_id": "fresh", "state": "pending", "tries": 0},
    ]
    for age, row in enumerate(rows):
        made_at = {"account": f"mentor-{age}", "created_at": notify.began - age * MINUTE}
        notify.database.deliveries.insert_one(kept | made_at | row)
    found = notify.reads("deliveries")
    assert [(row["id"], row["tries"], row["error"]) for row in found] == [
        ("failing", 6, "builtins.TimeoutError"),
        ("bad", 0, "bad-address"),
        ("dead", 16, "builtins.TimeoutError"),
    ]
    assert {frozenset(row) for row in found} == {
        frozenset({"id", "account", "kind", "state", "tries", "error", "since"})
    }
    assert sorted(row[1:3] for row in notify.trail()) == [("deliveries.read", f"mentor-{n}") for n in range(3)]


# all services


@pytest.mark.parametrize(
    ("service", "what"),
    [
        ("quotes", "rounds"),
        ("projects", "projects"),
        ("projects", "reports"),
        ("notify", "deliveries"),
    ],
)
def test_only_operators_read_and_nothing_is_shown_without_an_audit_row(
    database: Documents, service: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Overseen(service, database)
    path = f"/api/operations/{what}"
    for who in ("client-c", "mentor-a"):
        assert problem(world.call(who, "GET", path)) == (403, "forbidden")
    assert problem(world.call("operator", "GET", f"{path}?cursor=$")) == (422, "invalid")
    assert world.trail() == []
    assert world.reads(what) == []
    assert world.trail() == [("operator", f"{what}.read", "", "")]
    monkeypatch.setattr("chassis.audit.record", lambda *_: 1 / 0)
    assert problem(world.send("operator", "GET", path)) == (500, "internal")
