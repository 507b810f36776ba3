"""While one service is down, the others keep working; it catches up afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.system import System
from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import Person, about, client, mentor, offer, pause
from stories.timeline import Watcher
from tests.kit.waiting import until
from tests.stories.mails import mails_to

TOPICS = ["thought-leadership", "online-discussion"]


@contextmanager
def away(system: System, name: str) -> Iterator[None]:
    system.stop(name)
    try:
        yield
    finally:
        system.start(name)


def post(company: Person, window: str) -> str:
    body = {"title": "Prendre part aux discussions", **about(TOPICS), "languages": ["fr"]}
    project_id: str = expect(company.post("/api/projects", body | {"window": window}), 201)["id"]
    return project_id


def test_client_is_notified_of_the_end_without_matching(system: System, watcher: Watcher) -> None:
    person = mentor(system.url, "Lila", TOPICS)
    company = client(system.url, ORGANISATION)
    with away(system, "matching"):
        project_id = post(company, "PT3S")
        told = company.notification("project-unfilled", project_id)
        assert told["project_id"] == project_id
        company.until(f"/api/projects/{project_id}", lambda project: project["state"] == "unfilled")
    second = post(company, "PT1M")
    assert person.invitation(second)["state"] == "sent"
    projects = [item["project_id"] for item in expect(person.get("/api/invitations"), 200)["items"]]
    assert project_id not in projects, "an ended window has no invitations"
    pause([person])


def test_posting_works_without_quotes_and_the_round_opens_later(system: System) -> None:
    person = mentor(system.url, "Noé", TOPICS)
    company = client(system.url, ORGANISATION)
    with away(system, "quotes"):
        project_id = post(company, "PT2M")
        person.invitation(project_id)
        refused = person.post("/api/quotes", offer(project_id, 900, SOLUTION))
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) > 0
    answer = company.until(f"/api/rounds/{project_id}", lambda round: round)
    assert answer["state"] == "open"
    expect(person.quote(project_id, 900, SOLUTION), 201)
    pause([person])


def test_notify_catches_up_after_an_outage(system: System, watcher: Watcher, mails: Path) -> None:
    people = [mentor(system.url, f"Zoé {n}", TOPICS) for n in range(5)]
    company = client(system.url, ORGANISATION)
    with away(system, "notify"):
        project_id = post(company, "PT1M")
        for person in people:
            person.invitation(project_id)
            expect(person.quote(project_id, 1200, SOLUTION), 201)
        assert watcher.wait_for(project_id, ["window.closed"])
    title = company.notification("window-ended", project_id)["title"]
    assert "5 devis" in title
    until(lambda: [m["Subject"] for m in mails_to(mails, company.email)] == [title])
    for person in people:
        person.notification("invited", project_id)
    kinds = [n["kind"] for n in expect(company.get("/api/notifications"), 200)["items"]]
    assert kinds.count("window-ended") == 1
    pause(people)


def test_projects_handles_the_end_after_its_worker_restarts(system: System) -> None:
    people = [mentor(system.url, f"Yann {n}", TOPICS) for n in range(2)]
    company = client(system.url, ORGANISATION)
    project_id = post(company, "PT4S")
    quote_ids = [expect(person.quote(project_id, 1500, SOLUTION), 201)["id"] for person in people]
    with away(system, "projects-worker"):
        company.notification("window-ended", project_id)
        waiting = company.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quote_ids[0]})
        assert waiting.status_code == 503
        assert waiting.headers["retry-after"] == "1"
    company.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
    expect(company.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quote_ids[1]}), 200)
    expect(people[1].get(f"/api/projects/{project_id}/client"), 200)
    expect(people[0].get(f"/api/projects/{project_id}/client"), 404)
    pause(people)


def test_killed_service_is_restarted_without_loss(system: System) -> None:
    person = mentor(system.url, "Maël", TOPICS)
    company = client(system.url, ORGANISATION)
    system.stop("quotes-worker", kill=True)
    system.stop("matching-worker", kill=True)
    project_id = post(company, "PT2M")
    system.start("quotes-worker")
    system.start("matching-worker")
    person.invitation(project_id)
    expect(person.quote(project_id, 700, SOLUTION), 201)
    assert company.until(f"/api/rounds/{project_id}", lambda round: round["received"]) == 1
    pause([person])
