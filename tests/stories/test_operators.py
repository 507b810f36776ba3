"""Operators monitor the market: rounds at risk, stuck items, reports, and moderation."""

from collections.abc import Iterator
from typing import Any

import pytest

from stories.nestle_waters import ORGANISATION, expect
from stories.people import Person, about, client, mentor, pause
from tests.stories.running import Running

TOPICS = ["canva"]
MODERATED = "Annulé par la modération / Cancelled by moderation"
LISTS = ("rounds", "projects", "deliveries", "reports", "audit")


@pytest.fixture
def ines(system: Running) -> Iterator[Person]:
    person = mentor(system.url, "Inès", TOPICS)
    yield person
    pause([person])


def post(person: Person, window: str) -> str:
    body = {"title": "Écrire ensemble", **about(TOPICS), "languages": ["fr"], "window": window}
    return str(expect(person.post("/api/projects", body), 201)["id"])


def test_reported_brief_is_cancelled_with_the_reason_for_mentors(system: Running, boss: Person, ines: Person) -> None:
    company = client(system.url, ORGANISATION)
    project_id = post(company, "PT1H")
    ines.invitation(project_id)
    ines.until(f"/api/projects/{project_id}/questions", lambda page: "items" in page)
    report_id = expect(ines.post(f"/api/projects/{project_id}/reports", {"reason": "Ce projet insulte."}), 202)["id"]

    def mine(page: Any) -> Any:
        return next((row for row in page["items"] if row["id"] == report_id), None)

    found = boss.until("/api/operations/reports?state=open", mine)
    assert (found["side"], found["reason"], found["brief"]) == ("mentor", "Ce projet insulte.", about(TOPICS)["brief"])
    path = f"/api/operations/reports/{report_id}/resolution"
    assert company.post(path, {"action": "dismissed", "note": "Non."}).status_code == 403
    why = {"explanation": "Le brief blesse les personnes qu'il décrit."}
    resolved = expect(boss.post(path, {"action": "project-cancelled", "note": "Insultes.", **why}), 200)
    assert (resolved["state"], resolved["project_state"]) == ("resolved", "cancelled")
    assert MODERATED in ines.notification("project-cancelled", project_id)["body"]
    assert "modération" in company.notification("cancelled-by-moderation", project_id)["title"]
    shown = expect(company.get(f"/api/projects/{project_id}"), 200)
    assert (shown["state"], shown["ended_for"]) == ("cancelled", why["explanation"])
    assert expect(ines.get(f"/api/rounds/{project_id}"), 200)["state"] in ("open", "closed")
    assert not [text for text in ines.heard if why["explanation"] in text], "mentors read the usual reason"
    assert not [text for text in boss.heard if "Nestl" in text or ines.email in text or company.email in text]


def test_round_without_quotes_is_at_risk_in_its_last_quarter(system: Running, boss: Person, ines: Person) -> None:
    project_id = post(client(system.url, ORGANISATION), "PT8S")
    ines.invitation(project_id)

    def at_risk(page: Any) -> Any:
        return next((row for row in page["items"] if row["project_id"] == project_id), None)

    found = boss.until("/api/operations/rounds?limit=200", at_risk)
    assert (found["received"], found["claimed"], found["invited"] >= 1) == (0, 0, True)


@pytest.mark.parametrize("what", LISTS)
def test_every_operators_list_is_reachable_by_operators_only(
    system: Running, boss: Person, ines: Person, what: str
) -> None:
    assert "items" in expect(boss.get(f"/api/operations/{what}"), 200)
    assert ines.get(f"/api/operations/{what}").status_code == 403
    assert Person(system.url, "mentor", "Eve").get(f"/api/operations/{what}").status_code == 401
