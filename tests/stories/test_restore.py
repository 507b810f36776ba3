"""Everything is lost while windows are open, and restored from a backup into an empty folder."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from chassis.broker.with_kafka_python import has_read_to
from chassis.events import Envelope, decode
from chassis.mongo import connect
from contracts.events import EVENTS
from contracts.parts import DATABASES
from contracts.topics import EVENT_TOPICS, SERVICES
from deploy.backup.__main__ import main
from deploy.local.system import System
from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import PASSWORD, Person, about, client, mentor
from tests.kit.waiting import until
from tests.stories.mails import mails_to

TOPICS = ["newsletters", "data-literacy"]
SETTINGS = {"RELEVE_HASH_TIME_COST": "1", "RELEVE_HASH_MEMORY_KIB": "64"}
ENDS_S = 40


@dataclass
class Market:
    """Three projects at the time of the backup, and the system that now holds them."""

    system: System
    company: Person
    mentors: dict[str, Person]
    gone: Person
    """A mentor who is erased after the backup."""
    awarded: dict[str, Any]
    ends: dict[str, Any]
    """The project whose window ends while nothing runs."""
    lasts: dict[str, Any]
    quotes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Quote ids by project and mentor."""
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Each person's notifications at the time of the backup, oldest first."""
    refresh_token: str = ""
    """The client's token from before the backup."""
    back_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    backup: Path = Path()
    masters: dict[str, str] = field(default_factory=dict)
    """The files of master keys before the loss."""

    @property
    def people(self) -> dict[str, Person]:
        return {"Camille": self.company, **self.mentors}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """The market restored in a new folder, on empty engines."""
    folder = tmp_path_factory.mktemp("lost")
    first, again = System(folder / "data", settings=SETTINGS), System(folder / "new", settings=SETTINGS)
    try:
        first.__enter__()
        lost = market_of(first)
        secrets = (first.data / "secrets.json").read_text()
        backup(lost, folder)
        first.close()
        shutil.rmtree(first.data)
        over = datetime.fromisoformat(lost.ends["closes_at"]) + timedelta(milliseconds=200)
        until(lambda: datetime.now(UTC) >= over)
        restore = ["restore", "--from", str(lost.backup), "--erased", str(folder / "erased")]
        assert main(restore, {"RELEVE_DATA": str(again.data), "RELEVE_BACKUP_KEY_FILE": str(folder / "elsewhere")}) == 0
        assert json.loads((again.data / "secrets.json").read_text()) == json.loads(secrets)
        assert (again.data / "secrets.json").stat().st_mode & 0o777 == 0o600
        assert {path.name: path.read_text() for path in (again.data / "keys").iterdir()} == lost.masters
        lost.back_at = datetime.now(UTC)
        again.__enter__()
        lost.system = again
        for person in (*lost.people.values(), lost.gone):
            person.http.base_url = again.url
        lost.refresh_token = lost.company.session["refresh_token"]
        for person in lost.people.values():
            person.sign_in()
        yield lost
    finally:
        first.close()
        again.close()


def market_of(system: System) -> Market:
    """One awarded project, one whose window is about to end, one whose window stays open."""
    company = client(system.url, ORGANISATION)
    mentors = {name: mentor(system.url, name, TOPICS) for name in ("Jade", "Malo", "Iris", "Lou")}
    gone = mentor(system.url, "Nour", TOPICS)
    market = Market(system, company, mentors, gone, post(company, "PT30M"), {}, {})
    quote(market, market.awarded, *mentors)
    expect(gone.quote(market.awarded["id"], 800, SOLUTION), 201)  # the fifth ends the window
    company.until(f"/api/projects/{market.awarded['id']}", lambda found: found["state"] == "choosing")
    chosen = {"quote_id": market.quotes[market.awarded["id"], "Malo"]}
    expect(company.post(f"/api/projects/{market.awarded['id']}/acceptance", chosen), 200)
    mentors["Malo"].notification("chosen", market.awarded["id"])
    mentors["Jade"].notification("not-chosen", market.awarded["id"])
    market.lasts = post(company, "PT30M")
    quote(market, market.lasts, "Jade")
    market.ends = post(company, f"PT{ENDS_S}S")
    quote(market, market.ends, "Jade", "Malo")
    return market


def post(company: Person, window: str) -> dict[str, Any]:
    body = {"title": "Écrire et lire", **about(TOPICS), "languages": ["fr"], "window": window}
    posted: dict[str, Any] = expect(company.post("/api/projects", body), 201)
    return posted


def quote(market: Market, project: dict[str, Any], *names: str) -> None:
    for name in names:
        answer = expect(market.mentors[name].quote(project["id"], 800, SOLUTION), 201)
        market.quotes[project["id"], name] = answer["id"]


def backup(market: Market, folder: Path) -> None:
    """Takes the backup while windows are open, then makes changes that it lacks, and lists the erased account."""
    environ, market.backup = {"RELEVE_DATA": str(market.system.data)}, folder / "backup"
    market.told = {name: notifications(person) for name, person in market.people.items()}
    assert main(["take", "--to", str(market.backup)], environ) == 0
    shutil.copy(market.system.data / "backup_key", folder / "elsewhere")
    market.masters = {path.name: path.read_text() for path in (market.system.data / "keys").iterdir()}
    state = expect(market.company.get(f"/api/projects/{market.ends['id']}"), 200)["state"]
    assert state == "collecting", f"this machine took longer than {ENDS_S} s"
    quote(market, market.lasts, "Iris")
    expect(market.gone.post("/api/accounts/me/erasure", {"password": PASSWORD}), 202)
    rows = connect(market.system.mongo_uri, "releve_accounts", app="test")["erasures"]
    until(lambda: rows.find_one({"_id": market.gone.id}))
    rows.database.client.close()
    assert main(["take", "--erased", str(folder / "erased")], environ) == 0
    assert (folder / "erased").read_text() == f"{market.gone.id}\n"


def notifications(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = expect(person.get("/api/notifications?limit=200"), 200)["items"]
    return found[::-1]


def events(kafka: str) -> list[Envelope]:
    """All events published to this Kafka."""
    reader = KafkaConsumer(bootstrap_servers=kafka, group_id=None, enable_auto_commit=False)
    places = [TopicPartition(topic, n) for topic in EVENT_TOPICS for n in reader.partitions_for_topic(topic) or ()]
    reader.assign(places)
    reader.seek_to_beginning(*places)
    ends = reader.end_offsets(places)
    found = []
    while not has_read_to(reader, ends):
        for records in reader.poll(timeout_ms=500).values():
            found += [decode(record.value, record.headers) for record in records]
    reader.close(autocommit=False)
    return found


def is_caught_up(system: System) -> bool:
    """Whether no row waits to be published, and every service has handled all its events."""
    client = connect(system.mongo_uri, "admin", app="test").client
    try:
        waiting = [client[f"releve_{service}"]["outbox"].count_documents({"pending": True}) for service in SERVICES]
        if any(waiting):
            return False
        published = events(system.kafka)
        for service in SERVICES:
            listens = {kind for kind, event in EVENTS.items() if service in event.consumers}
            heard = {f"{service}:{event.id}" for event in published if (event.name, event.version) in listens}
            if heard - {row["_id"] for row in client[f"releve_{service}"]["inbox"].find({}, {"_id": 1})}:
                return False
        return True
    finally:
        client.close()


def test_missed_window_end_happens_late_and_once(market: Market) -> None:
    project_id = market.ends["id"]
    project = market.company.until(f"/api/projects/{project_id}", lambda found: found["state"] == "choosing" and found)
    assert project | market.ends | {"state": "choosing"} == project
    until(lambda: is_caught_up(market.system), every_s=0.5)
    every = {event.id: event for event in events(market.system.kafka) if event.subject == project_id}
    (end,) = (event for event in every.values() if event.name == "window.closed")
    assert end.time > market.back_at > datetime.fromisoformat(market.ends["closes_at"])
    round = expect(market.company.get(f"/api/rounds/{project_id}"), 200)
    assert (round["state"], round["received"], round["closes_at"]) == ("closed", 2, market.ends["closes_at"])


def test_client_is_notified_of_the_late_end_once(market: Market) -> None:
    told = market.company.notification("window-ended", market.ends["id"])
    until(lambda: told["title"] in [mail["Subject"] for mail in mails_to(market.system.mails, market.company.email)])
    until(lambda: is_caught_up(market.system), every_s=0.5)
    ends = [news for news in notifications(market.company) if news["kind"] == "window-ended"]
    assert Counter(news["project_id"] for news in ends) == {market.awarded["id"]: 1, market.ends["id"]: 1}


def test_restored_quote_can_be_chosen_and_only_its_mentor_sees_the_name(market: Market) -> None:
    project_id, jade = market.ends["id"], market.mentors["Jade"]
    market.company.until(f"/api/projects/{project_id}", lambda found: found["state"] == "choosing")
    quotes = expect(market.company.get(f"/api/quotes?project_id={project_id}"), 200)["items"]
    assert {quote["id"] for quote in quotes} == {market.quotes[project_id, name] for name in ("Jade", "Malo")}
    assert {quote["proposal"] for quote in quotes} == {SOLUTION}
    chosen = {"quote_id": market.quotes[project_id, "Jade"]}
    expect(market.company.post(f"/api/projects/{project_id}/acceptance", chosen), 200)
    assert expect(jade.get(f"/api/projects/{project_id}/client"), 200)["organisation"]["name"] == ORGANISATION["name"]
    expect(market.mentors["Malo"].get(f"/api/projects/{project_id}/client"), 404)
    jade.notification("chosen", project_id)


def test_only_the_mentor_chosen_before_the_loss_sees_the_name(market: Market) -> None:
    path = f"/api/projects/{market.awarded['id']}/client"
    seen = expect(market.mentors["Malo"].get(path), 200)["organisation"]["name"]
    assert seen == ORGANISATION["name"]
    for name in ("Jade", "Iris"):
        expect(market.mentors[name].get(path), 404)


def test_open_window_continues_and_accepts_the_lost_quote_again(market: Market) -> None:
    path, project_id = f"/api/rounds/{market.lasts['id']}", market.lasts["id"]
    round = expect(market.company.get(path), 200)
    assert (round["state"], round["closes_at"]) == ("open", market.lasts["closes_at"])
    assert round["received"] == 1, "a restore loses quotes acknowledged after the backup"
    again = expect(market.mentors["Iris"].quote(project_id, 900, SOLUTION), 201)
    assert again["id"] != market.quotes[project_id, "Iris"]
    assert market.company.until(path, lambda found: found["received"] == 2 and found)["state"] == "open"


def test_notifications_are_kept_and_none_is_repeated(market: Market) -> None:
    until(lambda: is_caught_up(market.system), every_s=0.5)
    for name, person in market.people.items():
        now = notifications(person)
        assert market.told[name], f"{name} had no notifications, so the test would prove nothing"
        ids = [news["id"] for news in now]
        assert [news for news in now if news["id"] in {told["id"] for told in market.told[name]}] == market.told[name]
        assert len(ids) == len(set(ids))
        once = Counter((news["kind"], news["project_id"]) for news in now if news["kind"] != "quote-received")
        assert set(once.values()) == {1}, once
    mails = [mail for name, person in market.people.items() for mail in mails_to(market.system.mails, person.email)]
    ids = [str(mail["Message-ID"]) for mail in mails]
    assert len(ids) == len(set(ids))


def test_restored_log_holds_every_event_in_aggregate_order(market: Market) -> None:
    until(lambda: is_caught_up(market.system), every_s=0.5)
    last: dict[tuple[str, str, str], int] = {}
    ids = set()
    for event in events(market.system.kafka):
        if event.id in ids:
            continue  # at-least-once: a relay may publish twice, and the inbox drops duplicates
        ids.add(event.id)
        stream = (event.source, event.subject, EVENTS[event.name, event.version].channel)
        assert event.sequence > last.get(stream, 0), event
        last[stream] = event.sequence
    told = {event.name for event in events(market.system.kafka) if event.subject == market.awarded["id"]}
    assert {"project.posted", "mentors.invited", "window.closed", "project.awarded", "quotes.settled"} <= told


def test_account_erased_after_the_backup_is_erased_again(market: Market) -> None:
    body = {"email": market.gone.email, "password": PASSWORD}
    nobody = Person(market.system.url, "mentor", "Nour")
    until(lambda: nobody.post("/api/sessions", body).status_code == 401)
    rows = connect(market.system.mongo_uri, "releve_accounts", app="test")["erasures"]
    row: Any = until(lambda: rows.find_one({"_id": market.gone.id, "completed_at": {"$ne": None}}))
    assert row["done"].keys() == set(SERVICES)
    until(lambda: mails_to(market.system.mails, market.gone.email))
    rows.database.client.close()


def test_restore_ends_every_session(market: Market) -> None:
    stranger = Person(market.system.url, "client", "Camille")
    expect(stranger.post("/api/sessions/refresh", {"refresh_token": market.refresh_token}), 401)
    new = market.company.session["refresh_token"]
    expect(stranger.post("/api/sessions/refresh", {"refresh_token": new}), 201)


def test_restore_into_a_system_with_data_is_refused(market: Market, capsys: pytest.CaptureFixture[str]) -> None:
    restore = ["restore", "--from", str(market.backup)]
    key = {"RELEVE_BACKUP_KEY_FILE": str(market.backup.parent / "elsewhere")}
    assert main(restore, {"RELEVE_DATA": str(market.system.data), **key}) == 1
    assert "is not empty, and a restore goes into a new folder" in capsys.readouterr().err
    engines = {"RELEVE_MONGO_URI": market.system.mongo_uri, "RELEVE_KAFKA": market.system.kafka, **key}
    assert main(restore, engines | {"RELEVE_DB_PREFIX": "another_"}) == 1
    said = capsys.readouterr().err
    assert re.search(r"holds messages in releve\.accounts\.mails\.v1, .*Stop every service, delete the topics", said)
    assert main(restore, engines | {"RELEVE_KAFKA": "127.0.0.1:9"}) == 1
    assert "Kafka at 127.0.0.1:9 does not answer" in capsys.readouterr().err


def test_backup_and_restore_stand_in_every_audit_trail(market: Market) -> None:
    client = connect(market.system.mongo_uri, "admin", app="test").client
    for service in DATABASES:
        rows = client[f"releve_{service}_audit"]["rows"]
        assert [row["what"] for row in rows.find({"who": "at a terminal", "what": {"$regex": "^backup"}})] == [
            "backup.taken", "backup.restored",
        ], service  # fmt: skip
    client.close()
