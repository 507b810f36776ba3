"""A system is stopped and restarted on the same folder while a second system runs beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.system import System
from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import PASSWORD, Person, about, client, mentor
from tests.kit.waiting import until
from tests.stories.mails import mails_to
from tests.stories.topics import everything_in_kafka

TOPICS = ["newsletters", "data-literacy"]
SETTINGS = {"RELEVE_HASH_TIME_COST": "1", "RELEVE_HASH_MEMORY_KIB": "64"}
WINDOW_S = 8


@dataclass
class Pause:
    """A system that was down when a window ended, and its state before."""

    system: System
    neighbour: System
    company: Person
    mentors: list[Person]
    session: dict[str, Any]
    project: dict[str, Any]
    quotes: dict[str, str]
    """Quote ids by the mentor's name."""
    back_at: datetime

    @property
    def closes_at(self) -> datetime:
        """The deadline of the window."""
        return datetime.fromisoformat(self.project["closes_at"])


@pytest.fixture(scope="module")
def paused(tmp_path_factory: pytest.TempPathFactory, system: System) -> Iterator[Pause]:
    """A system with its own engines that is stopped across the end of a window; that of all stories runs beside it."""
    folder = tmp_path_factory.mktemp("first") / "data"
    first, again = (System(folder, settings=SETTINGS) for _ in range(2))
    try:
        first.__enter__()
        yield _over_the_end(first, again, system)
    finally:
        first.close()
        again.close()


def _over_the_end(first: System, again: System, neighbour: System) -> Pause:
    company = client(first.url, ORGANISATION)
    mentors = [mentor(first.url, name, TOPICS) for name in ("Jade", "Malo")]
    body = {"title": "Écrire et lire", **about(TOPICS), "languages": ["fr"]}
    project = expect(company.post("/api/projects", body | {"window": f"PT{WINDOW_S}S"}), 201)
    quotes = {person.name: expect(person.quote(project["id"], 800, SOLUTION), 201)["id"] for person in mentors}
    first.close()
    assert first.processes == {}
    over = datetime.fromisoformat(project["closes_at"]) + timedelta(milliseconds=200)
    until(lambda: datetime.now(UTC) >= over, WINDOW_S + 5)
    back_at = datetime.now(UTC)
    again.__enter__()
    print(f"\nfirst start {first.timings['gateway']} s, second start {again.timings['gateway']} s")
    for person in (company, *mentors):
        person.http.base_url = again.url
    return Pause(again, neighbour, company, mentors, company.session, project, quotes, back_at)


def test_old_token_and_password_still_work(paused: Pause) -> None:
    assert expect(paused.company.get("/api/accounts/me"), 200)["id"] == paused.company.id
    for person in [paused.company, *paused.mentors]:
        person.sign_in()
        assert expect(person.get("/api/accounts/me"), 200)["id"] == person.id
    renewed = paused.company.post("/api/sessions/refresh", {"refresh_token": paused.session["refresh_token"]})
    expect(renewed, 201)


def test_missed_window_end_happens_late_and_once(paused: Pause) -> None:
    path = f"/api/projects/{paused.project['id']}"
    project = paused.company.until(path, lambda found: found["state"] == "choosing" and found)
    assert project | paused.project | {"state": "choosing"} == project
    ends = [
        message
        for message in everything_in_kafka(paused.system.kafka)
        if paused.project["id"] in message and "ce_type=releve.window.closed.v1" in message
    ]
    assert len(ends) == 1
    told = re.search(r"ce_time=(\S+Z)", ends[0])
    assert told is not None
    assert datetime.fromisoformat(told[1]) > paused.back_at > paused.closes_at
    round = expect(paused.company.get(f"/api/rounds/{paused.project['id']}"), 200)
    assert (round["state"], round["received"], round["closes_at"]) == ("closed", 2, paused.project["closes_at"])


def test_client_is_notified_once(paused: Pause) -> None:
    told = paused.company.notification("window-ended", paused.project["id"])
    until(lambda: mails_to(paused.system.mails, paused.company.email))
    kinds = [n["kind"] for n in expect(paused.company.get("/api/notifications"), 200)["items"]]
    assert kinds.count("window-ended") == 1
    subjects = [mail["Subject"] for mail in mails_to(paused.system.mails, paused.company.email)]
    assert subjects == [told["title"]]


def test_quotes_keep_their_ids_and_one_can_be_chosen(paused: Pause) -> None:
    project_id = paused.project["id"]
    quotes = expect(paused.company.get(f"/api/quotes?project_id={project_id}"), 200)["items"]
    assert {quote["id"] for quote in quotes} == set(paused.quotes.values())
    assert {quote["proposal"] for quote in quotes} == {SOLUTION}
    chosen = {"quote_id": paused.quotes["Malo"]}
    expect(paused.company.post(f"/api/projects/{project_id}/acceptance", chosen), 200)
    jade, malo = paused.mentors
    assert expect(malo.get(f"/api/projects/{project_id}/client"), 200)["organisation"]["name"] == ORGANISATION["name"]
    expect(jade.get(f"/api/projects/{project_id}/client"), 404)
    malo.notification("chosen", project_id)


def test_second_system_shares_no_account(paused: Pause) -> None:
    assert not set(paused.system.processes.values()) & set(paused.neighbour.processes.values())
    stranger = Person(paused.neighbour.url, "client", "Camille")
    body = {"email": paused.company.email, "password": PASSWORD}
    expect(stranger.post("/api/sessions", body), 401)
    token = {"Authorization": paused.company.http.headers["Authorization"]}
    expect(stranger.call("GET", f"/api/projects/{paused.project['id']}", **token), 401)
    expect(paused.company.get(f"/api/projects/{paused.project['id']}"), 200)
