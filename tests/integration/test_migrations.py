"""Migrations of older data run once and in order, whichever process starts and whatever fails meanwhile."""

import importlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import ASCENDING, IndexModel
from pymongo.errors import AutoReconnect

from chassis.events import Event
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.lease import Lease
from chassis.migrations import (
    COLLECTION,
    CannotStart,
    Migration,
    change_each,
    drop_index,
    make_indexes,
    migrate,
    missing,
)
from chassis.mongo import Documents, connect, database_now
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from contracts.parts import DRAWN, variable_of
from deploy.local.ports import free_port
from deploy.migrate import main as migrate_all
from services.projects.handlers.projects import pass_time
from services.projects.migrations import MIGRATIONS
from services.projects.store import INDEXES, read_project
from tests.kit.contract import config_of, example, handlers_of
from tests.kit.databases import drop
from tests.kit.keys import MASTER_KEYS, keys_of
from tests.kit.waiting import until

SECOND = timedelta(seconds=1)
SOON = timedelta(hours=1)
MANY = 5_000
STEPS = (
    "end_open_choices", "let_several_act_for_a_client", "remember_relaunches", "publish_answered_questions",
    "tell_members", "keep_apart", "seal_the_vault", "give_up_lost_orders", "count_by_sector_shown",
    "drop_replaced_indexes",
)  # fmt: skip
MIGRATED = f"projects: {', '.join(f'{number} {name}' for number, name in enumerate(STEPS, 1))} (at {len(STEPS)})\n"


def add_full_names(database: Documents) -> None:
    """Version 1 of a person has a first and a last name, version 2 one name."""
    database.runs.insert_one({"_id": new_id(), "of": 1})
    name = {"$concat": ["$first", " ", "$last"]}
    change: list[dict[str, Any]] = [{"$set": {"name": name}}, {"$unset": ["first", "last"]}]
    change_each(database.people, {"first": {"$exists": True}}, change, batch=500)


def count_letters(database: Documents) -> None:
    """Version 3 counts the letters of the name from version 2."""
    database.runs.insert_one({"_id": new_id(), "of": 2})
    change_each(database.people, {"letters": None}, [{"$set": {"letters": {"$strLenCP": "$name"}}}], batch=500)


def die_halfway(database: Documents) -> None:
    """Simulates a power cut in the middle, the first time."""
    database.runs.insert_one({"_id": new_id(), "of": 1})
    if database.runs.count_documents({"of": 1}) == 1:
        first = [row["_id"] for row in database.people.find().sort("_id").limit(MANY // 2)]
        database.people.update_many({"_id": {"$in": first}}, [{"$set": {"name": "$first"}}, {"$unset": ["first"]}])
        os.kill(os.getpid(), signal.SIGKILL)
    change_each(database.people, {"first": {"$exists": True}}, [{"$set": {"name": "$first"}}, {"$unset": ["first"]}])


NAMES = (Migration(1, "add_full_names", add_full_names), Migration(2, "count_letters", count_letters))
DEADLY = (Migration(1, "die_halfway", die_halfway),)


@pytest.fixture
def database(new_database: Documents) -> Documents:
    """A database of the test's own: these tests change indexes."""
    return new_database


def start_process(mongo_uri: str, name: str, migrations: tuple[Migration, ...]) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=in_process, args=(mongo_uri, name, migrations))
    process.start()
    return process


def in_process(mongo_uri: str, name: str, migrations: tuple[Migration, ...]) -> None:
    migrate(connect(mongo_uri, name, app="test"), migrations, SECOND)


def people(database: Documents) -> None:
    database.people.insert_many([{"_id": f"p{n:05}", "first": "Ada", "last": f"{n:05}"} for n in range(MANY)])


def numbers(database: Documents) -> list[tuple[int, str]]:
    return [(row["_id"], row["name"]) for row in database[COLLECTION].find().sort("_id")]


def raising(error: Exception) -> Callable[[Documents], None]:
    def fail(_database: Documents) -> None:
        raise error

    return fail


def test_processes_starting_simultaneously_apply_each_migration_once_and_in_order(
    database: Documents, mongo_uri: str
) -> None:
    people(database)
    processes = [start_process(mongo_uri, database.name, NAMES) for _ in range(2)]
    found: list[list[tuple[int, str]]] = []

    def start() -> None:
        migrate(connect(mongo_uri, database.name, app="test"), NAMES, SECOND)
        found.append(numbers(database))  # no process continues before all migrations are done

    threads = [threading.Thread(target=start) for _ in range(8)]
    for each in threads:
        each.start()
    for one in (*threads, *processes):
        one.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert found == [[(1, "add_full_names"), (2, "count_letters")]] * 8
    assert sorted(run["of"] for run in database.runs.find()) == [1, 2]
    assert database.people.count_documents({"first": {"$exists": True}}) == 0
    assert database.people.count_documents({"name": {"$regex": "^Ada \\d{5}$"}, "letters": 9}) == MANY
    first, second = database[COLLECTION].find().sort("_id")
    assert first["applied_at"] <= second["applied_at"] <= database_now(database)


def test_migration_of_a_killed_process_is_finished_by_the_next(database: Documents, mongo_uri: str) -> None:
    people(database)
    killed = start_process(mongo_uri, database.name, DEADLY)
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert numbers(database) == []
    assert database.people.count_documents({"first": {"$exists": True}}) == MANY // 2
    assert migrate(database, DEADLY, SECOND) == list(DEADLY)
    assert numbers(database) == [(1, "die_halfway")]
    assert database.people.count_documents({"name": "Ada", "first": None}) == MANY


def test_applied_migration_is_not_applied_again(database: Documents) -> None:
    assert migrate(database, NAMES[:1], SECOND) == [NAMES[0]]
    assert migrate(database, NAMES, SECOND) == [NAMES[1]]
    assert migrate(database, NAMES, SECOND) == []
    assert [run["of"] for run in database.runs.find().sort("of")] == [1, 2]


def test_migration_longer_than_its_lease_renews_it(database: Documents) -> None:
    life = 3 * SECOND  # what a busy machine may take between two renewals

    def last_long(database: Documents) -> None:
        if database.runs.count_documents({}):
            return  # the lease was taken away the first time
        began = database_now(database)
        other = Lease(database, COLLECTION, life)
        until(lambda: other.hold() or database_now(database) > began + 1.3 * life)
        database.runs.insert_one({"_id": new_id(), "taken_away": bool(other.epoch)})

    assert migrate(database, [Migration(1, "last_long", last_long)], life)
    assert [run["taken_away"] for run in database.runs.find()] == [False]


def test_migration_that_lost_its_lease_is_run_again(database: Documents) -> None:
    def lose_it_once(database: Documents) -> None:
        database.runs.insert_one({"_id": new_id()})
        if database.runs.count_documents({}) == 1:
            database.leases.update_one({"_id": COLLECTION}, {"$inc": {"epoch": 1}, "$set": {"holder": None}})

    assert len(migrate(database, [Migration(1, "lose_it_once", lose_it_once)], timedelta(0))) == 1
    assert database.runs.count_documents({}) == 2


def test_data_newer_than_the_code_are_refused_in_one_line(database: Documents) -> None:
    migrate(database, NAMES, SECOND)
    for older in (NAMES[:1], ()):
        with pytest.raises(CannotStart) as refused:
            migrate(database, older, SECOND)
        assert f"{database.name} holds data of a newer version (migration 2, count_letters)" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_data_with_another_migration_history_are_refused(database: Documents) -> None:
    migrate(database, NAMES[:1], SECOND)
    with pytest.raises(CannotStart, match="had add_full_names as migration 1"):
        migrate(database, [Migration(1, "something_else", count_letters)], SECOND)


def test_migration_numbers_with_a_gap_are_refused(database: Documents) -> None:
    with pytest.raises(ValueError, match="numbered"):
        migrate(database, [NAMES[1]], SECOND)


def test_failed_migration_reports_its_place_without_secrets_and_is_not_recorded(database: Documents) -> None:
    failing = [NAMES[0], Migration(2, "fail", raising(KeyError("a secret of somebody")))]
    with pytest.raises(CannotStart) as failed:
        migrate(database, failing, timedelta(minutes=10))
    assert re.search(r"migration 2 \(fail\) failed with builtins.KeyError at test_migrations.py:\d+", str(failed.value))
    assert "secret" not in str(failed.value)
    assert numbers(database) == [(1, "add_full_names")]
    assert Lease(database, COLLECTION, timedelta(0)).hold()  # the lease is released, so the next start need not wait
    assert migrate(database, NAMES, SECOND) == [NAMES[1]]


def test_outage_in_a_migration_is_reported_as_an_outage(database: Documents) -> None:
    with pytest.raises(AutoReconnect):
        migrate(database, [Migration(1, "cut", raising(AutoReconnect("gone")))], SECOND)
    assert missing(database, NAMES) == list(NAMES)


def test_batch_skips_documents_already_in_the_newer_shape(database: Documents) -> None:
    database.people.insert_many([{"_id": str(n), "age": None if n % 3 else n} for n in range(10)])
    assert change_each(database.people, {"age": None}, {"$set": {"age": -1}}, batch=2) == 6
    assert change_each(database.people, {"age": None}, {"$set": {"age": -2}}, batch=2) == 0
    assert database.people.count_documents({"age": -1}) == 6


def test_undeclared_index_is_reported_and_stays_until_a_migration_drops_it(
    database: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    older = {"people": [IndexModel("first"), IndexModel("name")]}
    make_indexes(database, older)
    capsys.readouterr()
    make_indexes(database, {"people": [IndexModel("name")]})
    said = capsys.readouterr().out
    assert re.findall(r"index_not_declared.*(first_1|name_1)", said) == ["first_1"]
    assert database.people.index_information().keys() == {"_id_", "first_1", "name_1"}
    for _ in range(2):
        drop_index(database.people, "first_1")
    drop_index(database.never_made, "first_1")
    make_indexes(database, {"people": [IndexModel("name")]})
    assert "index_not_declared" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "changed",
    [
        IndexModel([("name", ASCENDING)], unique=True),
        IndexModel([("name", ASCENDING)], name="by_name"),
        IndexModel([("first", ASCENDING)], name="name_1"),
        IndexModel([("name", ASCENDING)], expireAfterSeconds=60),
    ],
)
def test_index_with_another_declaration_is_refused_in_one_line(database: Documents, changed: IndexModel) -> None:
    make_indexes(database, {"people": [IndexModel("name"), IndexModel("age")]})
    with pytest.raises(CannotStart) as refused:
        make_indexes(database, {"people": [IndexModel("age"), changed]})
    assert f"index {changed.document['name']} of people is declared otherwise" in str(refused.value)
    drop_index(database.people, "name_1")
    make_indexes(database, {"people": [IndexModel("age"), changed]})


def test_longer_horizon_extends_the_expiry_of_stored_rows(database: Documents) -> None:
    for seconds in (60, 90):
        make_indexes(database, {"inbox": [IndexModel("at", expireAfterSeconds=seconds)]})
        assert database.inbox.index_information()["at_1"]["expireAfterSeconds"] == seconds
    with pytest.raises(CannotStart):
        make_indexes(database, {"inbox": [IndexModel("until", name="at_1", expireAfterSeconds=90)]})


# --- the services


@pytest.fixture
def environment(database: Documents, mongo_uri: str) -> dict[str, str]:
    """A service's settings, with a database of this test only, named after `database` and the service."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELEVE_")}
    return inherited | {
        "RELEVE_MONGO_URI": mongo_uri,
        "RELEVE_DB_PREFIX": f"{database.name}_",
        "RELEVE_KAFKA": "127.0.0.1:9",
        **{variable_of(secret): secret for secret in DRAWN},
        **MASTER_KEYS,
        "RELEVE_HTTP_PORT": str(free_port()),
    }


@pytest.fixture
def projects(database: Documents) -> Any:
    """The database of the projects service."""
    yield database.client.get_database(f"{database.name}_projects", codec_options=database.codec_options)
    drop(database.client.get_database(f"{database.name}_projects"))


def older_project(project_id: str, state: str, at: datetime | None) -> dict[str, Any]:
    """A project as commit ff7a79e stored it: no exclusions, no end of the choice, nothing due."""
    posted = (at or datetime.now(UTC)) - timedelta(days=2)
    quotes = [{"quote_id": f"q-{project_id}", "account": "thomas", "mentor_id": "card"}] if at else []
    return {
        "_id": project_id, "client": "c", "title": "t", "brief": "b", "topics": ["crm"], "languages": ["fr"],
        "budget": None, "window": 172_800.0, "close_early": True, "auto_extend": False, "version": 3,
        "created_at": posted, "closes_at": posted + timedelta(days=2),
        "state": state, "relaunched_from": None, "received": quotes, "quote_id": None, "chosen": None,
        "ended": {"at": at, "reason": "full", "quotes": len(quotes)} if at else None,
        "cancelled_for": None, "reviews": [],
    }  # fmt: skip


def test_choice_open_before_choices_had_an_end_gets_one_and_lapses(database: Documents) -> None:
    now = database_now(database)
    long_ago, lately = now - timedelta(days=20), now - timedelta(days=3)
    database.projects.insert_many(
        [
            older_project("lapses", "choosing", long_ago),
            older_project("waits", "choosing", lately),
            older_project("awarded", "awarded", long_ago),
            older_project("collecting", "collecting", None),
            {**older_project("newer", "choosing", long_ago), "choose_until": now + SOON, "due_at": now + SOON},
        ]
    )
    before = {row["_id"]: row for row in database.projects.find()}
    assert migrate(database, MIGRATIONS[:1], SECOND)
    after = {row["_id"]: row for row in database.projects.find()}
    for project_id, at in (("lapses", long_ago), ("waits", lately)):
        until = at + timedelta(days=14)
        assert after[project_id] == before[project_id] | {"choose_until": until, "due_at": until}
    assert all(after[project_id] == before[project_id] for project_id in ("awarded", "collecting", "newer"))
    migrate(database, MIGRATIONS, SECOND, keys=keys_of("projects"))
    make_indexes(database, INDEXES)
    work, config = UnitOfWork(database, "projects", CONTRACT), config_of("projects")
    for project_id in before:
        work.run(lambda unit, row=project_id: pass_time(unit, row, config))  # type: ignore[misc]
    assert [(row["name"], row["subject"]) for row in database.outbox.find()] == [("project.expired", "lapses")]
    assert database.projects.count_documents({"_id": "lapses", "state": "expired"}) == 1


def test_former_sole_client_owns_the_organisation_and_all_its_projects(database: Documents) -> None:
    database.projects.create_index([("client", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)])
    organisations = [{"_id": account, "name": account.title(), "verified": False, "version": 2} for account in "cd"]
    database.organisations.insert_many(organisations)
    database.projects.insert_one(older_project("p", "choosing", database_now(database)))
    migrate(database, MIGRATIONS, SECOND, keys=keys_of("projects"))
    make_indexes(database, INDEXES)
    owner = [{"account": "c", "role": "owner"}]
    migrated = database.organisations.find_one({"_id": "c"}) or {}
    assert migrated.items() >= {"name": "C", "verified": False, "members": owner}.items()
    assert "client_1_created_at_1__id_1" not in database.projects.index_information()
    client, stranger = Actor("c", "client", "s"), Actor("d", "client", "s")
    assert read_project(database, "p", client).organisation == "c"
    with pytest.raises(Refusal, match="not-found"):
        read_project(database, "p", stranger)


def test_answered_question_is_published_unless_it_names_the_client(database: Documents) -> None:
    migrate(database, MIGRATIONS[:3], SECOND)
    make_indexes(database, INDEXES)
    contact = {"name": "Hélène", "email": "h@acme.example"}
    organisation = {"_id": "c", "name": "Nestlé Waters", "members": [], "contact": contact, "version": 1}
    database.organisations.insert_one(organisation)
    database.projects.insert_one(older_project("p", "collecting", None) | {"organisation": "c"})
    rows = {"clean": ("Combien ?", "Douze."), "open": ("Et après ?", None), "names": ("Pour Nestlé Waters ?", "Non.")}
    for name, (text, answer) in rows.items():
        row = {"_id": name, "project_id": "p", "text": text, "answer": answer, "version": 1}
        database.questions.insert_one(row)
    migrate(database, MIGRATIONS, SECOND, keys=keys_of("projects"))
    published = {row["_id"]: row.get("published") for row in database.questions.find()}
    assert published == {"clean": "Combien ?", "open": None, "names": None}


def test_older_profiles_publish_their_time_zones_once(database: Documents) -> None:
    migrations = importlib.import_module("services.matching.migrations").MIGRATIONS
    zones = {"a": "Asia/Tokyo", "b": "Europe/Paris", "c": "Indian/Reunion"}
    for account, zone in zones.items():
        profile = {"_id": account, "mentor_id": f"card-{account}", "timezone": zone, "version": 3}
        database.profiles.insert_one(profile)
    for _ in range(2):  # the process died before the migration was recorded
        database[COLLECTION].delete_many({})
        migrate(database, migrations, SECOND)
    rows = {row["subject"]: (row["name"], row["sequence"], row["payload"]) for row in database.outbox.find()}
    assert rows == {
        f"card-{account}": ("profile.changed", 4, {"account": account, "timezone": zones[account]}) for account in "ac"
    }
    assert {row["_id"]: row["version"] for row in database.profiles.find()} == {"a": 4, "b": 3, "c": 4}


def test_stored_default_time_zone_is_not_treated_as_chosen(database: Documents) -> None:
    migrations = importlib.import_module("services.notify.migrations").MIGRATIONS
    database.people.insert_many(
        [{"_id": "a", "zone": "Europe/Paris"}, {"_id": "b", "zone": "Asia/Tokyo"}, {"_id": "c"}]
    )
    migrate(database, migrations, SECOND)
    database.people.update_one({"_id": "c"}, {"$set": {"chosen_zone": "Europe/Paris"}})
    database[COLLECTION].delete_many({})
    migrate(database, migrations, SECOND)
    assert {row.pop("_id"): row for row in database.people.find()} == {
        "a": {"chosen_zone": None},
        "b": {"chosen_zone": "Asia/Tokyo"},
        "c": {"chosen_zone": "Europe/Paris"},
    }


@pytest.mark.parametrize(
    ("service", "collection", "keeps_client"),
    [("quotes", "rounds", False), ("matching", "shortlists", True), ("notify", "projects", False)],
)
def test_single_client_of_older_data_remains_the_client(
    database: Documents, service: str, collection: str, keeps_client: bool
) -> None:
    """The older document has no list of clients, and the one client in its place."""
    work, config = UnitOfWork(database, service, CONTRACT), config_of(service)
    migrations = importlib.import_module(f"services.{service}.migrations").MIGRATIONS
    inbox, now = Inbox(work, service, handlers_of(service).HANDLERS, config), database_now(database)
    posted = CONTRACT.load("project.posted", example("project.posted")) | {"client": "c", "clients": None}
    inbox.apply(Event(new_id(), "project.posted", "p", 1, now, posted))
    today = database[collection].find_one({"_id": "p"})
    assert today
    assert (today["clients"], today.get("client")) == (["c"], "c" if keeps_client else None)
    database[collection].update_one({"_id": "p"}, {"$set": {"client": "c"}, "$unset": {"clients": ""}})
    database[collection].create_index("client")
    migrate(database, migrations, SECOND, keys=keys_of(service))
    assert database[collection].find_one({"_id": "p"}) == today
    assert ("client_1" in database[collection].index_information()) == (service != "matching")
    shared = {"clients": ["c", "colleague"], "ended": False}
    inbox.apply(Event(new_id(), "project.shared", "p", 2, now, shared))
    assert database[collection].count_documents({"clients": "colleague"}) == 1


def run(environment: dict[str, str], root: Path, side: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.projects.app", side]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=60)


def is_ready(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_command_migrates_a_service_and_every_side_refuses_newer_data(
    environment: dict[str, str], projects: Documents, root: Path
) -> None:
    first, again = run(environment, root, "migrate"), run(environment, root, "migrate")
    assert (first.returncode, first.stdout) == (0, MIGRATED), first.stderr
    assert (again.returncode, again.stdout) == (0, f"projects: nothing to migrate (at {len(STEPS)})\n"), again.stderr
    assert "due_at_1" in projects.projects.index_information()
    projects[COLLECTION].insert_one({"_id": 99, "name": "of_the_future", "applied_at": database_now(projects)})
    for side in ("http", "worker", "migrate"):
        refused = run(environment, root, side)
        assert refused.returncode == 1
        assert refused.stderr.startswith(f"relève: {projects.name} holds data of a newer version (migration 99, of_the")
        assert refused.stderr.count("\n") == 1
        assert all(json.loads(line) for line in refused.stdout.splitlines())


def test_side_that_starts_migrates_the_data_before_it_serves(
    environment: dict[str, str], projects: Documents, root: Path
) -> None:
    projects.projects.insert_one(older_project("old", "choosing", datetime.now(UTC)))
    command = [sys.executable, "-m", "services.projects.app", "http"]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            until(lambda: is_ready(environment["RELEVE_HTTP_PORT"]), 30)
        finally:
            process.terminate()
            said = process.communicate(timeout=20)[0]
    assert "due_at" in (projects.projects.find_one({"_id": "old"}) or {})
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert events.count("migration_applied") == len(MIGRATIONS)
    assert not [event for event in events if "TracerProvider" in event]


def test_one_command_migrates_all_services_and_stops_at_the_first_refusal(
    environment: dict[str, str], projects: Documents, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert migrate_all(environment, ["projects"]) == 0
    assert MIGRATED in capfd.readouterr().out
    projects[COLLECTION].insert_one({"_id": 99, "name": "of_the_future", "applied_at": database_now(projects)})
    assert migrate_all(environment, ["projects", "quotes"]) == 1
    assert "newer version" in capfd.readouterr().err
    nowhere = {"PATH": os.environ["PATH"], "RELEVE_DATA": str(tmp_path)}
    assert migrate_all(nowhere, ["projects"]) == 1
    assert "RELEVE_MONGO_URI is not set" in capfd.readouterr().err
