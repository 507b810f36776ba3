"""The vault and the private signing keys on the real MongoDB: nothing readable, erasure by key, rotation, migration."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from chassis import datakeys, keyring, masters
from chassis.keyring import Keyring
from chassis.keys import new_key_id, new_pem, public_jwk
from chassis.masters import MasterKeys
from chassis.migrations import CannotStart, migrate
from chassis.mongo import Document, Documents
from chassis.places import VAULT, collections_of, rows_of
from chassis.rewrap import BATCH, check, count, rewrap
from chassis.unit import Unit
from services.accounts.migrations import MIGRATIONS as ACCOUNTS
from services.programmes.migrations import MIGRATIONS as PROGRAMMES
from services.projects.migrations import MIGRATIONS as PROJECTS
from services.projects.store import WRAPPED
from services.projects.store.vault import CLIENTS
from services.quotes.migrations import MIGRATIONS as QUOTES
from tests.kit.databases import drop
from tests.kit.examples import ORGANISATION, PROJECT
from tests.kit.keys import MASTER_KEYS, keys_of
from tests.kit.services import Running
from tests.kit.threads import running
from tests.kit.waiting import until

ONE = MASTER_KEYS["RELEVE_MASTER_KEY_PROJECTS"]
TWO = "ee" * 32
CONTACT = ORGANISATION["contact"]
WORDS = [ORGANISATION["name"], CONTACT["name"], CONTACT["email"], CONTACT["phone"]]


@pytest.fixture
def projects(database: Documents) -> Running:
    """projects with a client; its master key is ``tests.kit.keys``."""
    projects = Running("projects", database)
    assert projects.call("client", "PUT", "/api/organisations/me", ORGANISATION).status_code == 200
    return projects


def post(projects: Running) -> str:
    answer = projects.call("client", "POST", "/api/projects", PROJECT)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def bytes_of(database: Documents, *names: str) -> bytes:
    """Every document of these collections, or of all, as it is stored."""
    return b"\n".join(
        repr(row).encode() for name in names or collections_of(database) for row in rows_of(database, name).find()
    )


def seen_name(projects: Running, project: str, who: str = "client") -> Any:
    return projects.get(who, f"/api/projects/{project}/client")["organisation"]["name"]


def test_vault_holds_nothing_readable_of_the_client(projects: Running) -> None:
    project = post(projects)
    raw = bytes_of(projects.database, *(name for name in collections_of(projects.database) if name.startswith(VAULT)))
    assert raw.count(project.encode()) > 1, "the identity and its key"
    assert not [word for word in WORDS if word.encode() in raw or word.encode().lower() in raw.lower()]
    assert seen_name(projects, project) == ORGANISATION["name"]


def test_erasure_destroys_the_key_and_an_older_copy_does_not_open(projects: Running) -> None:
    project = post(projects)
    copy = rows_of(projects.database, CLIENTS).find_one({"_id": project})
    assert copy
    projects.hear("account.erased", "client", role="client")
    assert bytes_of(projects.database, CLIENTS, datakeys.COLLECTION) == b""
    assert [row["_id"] for row in rows_of(projects.database, datakeys.DESTROYED).find()] == [project]
    rows_of(projects.database, CLIENTS).insert_one(copy)
    projects.database.projects.update_one({"_id": project}, {"$set": {"clients": ["client"]}})
    answer = projects.send("client", "GET", f"/api/projects/{project}/client")
    assert answer.status_code == 500
    assert not [word for word in WORDS if word in answer.text]


def test_ciphertext_and_key_moved_to_another_project_do_not_open(projects: Running) -> None:
    mine, other = post(projects), post(projects)
    path = f"/api/projects/{mine}/client"
    for name in (datakeys.COLLECTION, CLIENTS):
        foreign = rows_of(projects.database, name).find_one({"_id": other}) or {}
        rows_of(projects.database, name).replace_one({"_id": mine}, foreign | {"_id": mine})
        assert projects.send("client", "GET", path).status_code == 500, name
    assert seen_name(projects, other) == ORGANISATION["name"]


def test_older_vault_is_sealed_once_and_opens(projects: Running) -> None:
    sealed, *others = [post(projects) for _ in range(3)]
    shown = {name: ORGANISATION.get(name) for name in ("name", "sector", "size")} | {"verified": False}
    for project in others:
        row = rows_of(projects.database, CLIENTS).find_one({"_id": project}) or {}
        older = {"_id": project, "organisation": shown, "contact": CONTACT, "at": row["at"]}
        rows_of(projects.database, CLIENTS).replace_one({"_id": project}, older)
        rows_of(projects.database, datakeys.COLLECTION).delete_one({"_id": project})
    assert projects.send("client", "GET", f"/api/projects/{others[0]}/client").status_code == 500, "readable is refused"
    before = rows_of(projects.database, CLIENTS).find_one({"_id": sealed})
    (step,) = [migration for migration in PROJECTS if migration.name == "seal_the_vault"]
    for _ in range(2):  # the process died before the migration was recorded
        step.run(projects.database, keys_of("projects"))
    assert rows_of(projects.database, CLIENTS).find_one({"_id": sealed}) == before
    assert not [word for word in WORDS if word.encode() in bytes_of(projects.database, CLIENTS, datakeys.COLLECTION)]
    assert [seen_name(projects, project) for project in others] == [ORGANISATION["name"]] * 2


def test_older_signing_keys_are_wrapped_and_stay_the_same(database: Documents) -> None:
    pems = [new_pem() for _ in range(4)]
    ids = [new_key_id() for _ in pems]
    now = Running("quotes", database).now
    ring = [{"id": id, "private_pem": pem, "signs_from": now} for id, pem in zip(ids[:2], pems[:2], strict=True)]
    stored: dict[str, Document] = {
        "accounts": {"_id": "access-tokens", "keys": ring, "version": 1, "due_at": now},
        "quotes": {"_id": "receipts", "key_id": ids[2], "private_pem": pems[2]},
        "programmes": {"_id": "passes", "key_id": ids[3], "private_pem": pems[3]},
    }
    served = {
        "accounts": ("/.well-known/jwks.json", ACCOUNTS, [0, 1]),
        "quotes": ("/.well-known/receipts-jwks.json", QUOTES, [2]),
        "programmes": ("/.well-known/programmes-jwks.json", PROGRAMMES, [3]),
    }
    for service, (path, migrations, numbers) in served.items():
        own = database.client.get_database(f"{database.name}_{service}", codec_options=database.codec_options)
        try:
            rows_of(own, "vault/keys").insert_one(stored[service])
            (step,) = [migration for migration in migrations if migration.name.startswith("wrap_signing_key")]
            for _ in range(2):
                step.run(own, keys_of(service))
            assert b"PRIVATE KEY" not in bytes_of(own)
            app = Running(service, own).app
            published = app.test_client().get(path).get_json()["keys"]
            assert published == [public_jwk(ids[number], pems[number]) for number in numbers]
        finally:
            drop(own)


def test_readable_signing_key_in_the_database_signs_nothing(database: Documents) -> None:
    planted = {"_id": "receipts", "key_id": "k", "private_pem": new_pem(), "private": new_pem()}
    rows_of(database, "vault/keys").insert_one(planted)
    quotes = Running("quotes", database)
    assert quotes.app.test_client().get("/.well-known/receipts-jwks.json").status_code == 500


def test_new_signing_keys_are_stored_wrapped(database: Documents) -> None:
    for service, path in (("quotes", "receipts-jwks"), ("programmes", "programmes-jwks"), ("accounts", "jwks")):
        rows_of(database, "vault/keys").delete_many({})
        answer = Running(service, database).app.test_client().get(f"/.well-known/{path}.json")
        assert answer.status_code == 200
        assert rows_of(database, "vault/keys").count_documents({}) == 1
        assert b"PRIVATE KEY" not in bytes_of(database, "vault/keys")


def test_service_with_another_master_key_does_not_start(projects: Running) -> None:
    post(projects)
    rows = [rows_of(projects.database, name) for name in WRAPPED]
    check(rows, keyring.read("projects", MASTER_KEYS), "projects")
    for text in (TWO, f"2:{TWO}"):
        wrong = keyring.read("projects", {"RELEVE_MASTER_KEY_PROJECTS": text})
        with pytest.raises(CannotStart, match=r"stored keys \(version 1\) do not open with the master key of projects"):
            check(rows, wrong, "projects")


# --- rotation


class Cut(Exception):
    """The command is killed."""


def test_rotation_that_is_killed_while_clients_post_goes_on(projects: Running, tmp_path: Path) -> None:
    """Postings never fail, a second run finishes what the first left, and the older master key is no longer needed."""
    file = tmp_path / "key"
    file.write_text(f"{ONE}\n")
    keys = Keyring("projects", MasterKeys("RELEVE_MASTER_KEY_PROJECTS", ONE, str(file)))
    projects = Running("projects", projects.database, keys=keys)
    rows = rows_of(projects.database, datakeys.COLLECTION)
    first = post(projects)
    fill(projects, 2 * BATCH)
    posted: list[str] = []
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            posted.append(post(projects))

    with running(go_on, stop=stop):
        until(lambda: posted)
        file.write_text(masters.text_of({1: bytes.fromhex(ONE), 2: bytes.fromhex(TWO)}))
        command = Keyring("projects", MasterKeys("RELEVE_MASTER_KEY_PROJECTS", ONE, str(file)))

        def cut(_line: str) -> None:
            raise Cut

        with pytest.raises(Cut):
            rewrap([rows], command, cut)
        half = count([rows]).versions
        assert half["1"] > 0 < half["2"], "it was cut off in the middle"
        done = rewrap([rows], command)
        before = len(posted)
        until(lambda: len(posted) > before + 2)
    assert (done.unopened, done.older("2")) == (0, 0)
    assert count([rows]).versions.keys() == {"2"}
    later = Running("projects", projects.database, RELEVE_MASTER_KEY_PROJECTS=f"2:{TWO}")
    for project in (first, posted[0], posted[-1]):
        assert seen_name(later, project) == ORGANISATION["name"]
    assert rewrap([rows], command).rewrapped == 0


def test_key_that_does_not_open_is_counted_and_kept(projects: Running) -> None:
    post(projects)
    rows = rows_of(projects.database, datakeys.COLLECTION)
    planted: Document = {"by": "1", "data": b"no key at all", "for": "nowhere"}
    rows.insert_one({"_id": "planted", "key": planted})
    both = keyring.read("projects", {"RELEVE_MASTER_KEY_PROJECTS": f"1:{ONE} 2:{TWO}"})
    done = rewrap([rows], both)
    assert (done.rewrapped, done.unopened, done.versions) == (1, 1, {"1": 1, "2": 1})
    assert (rows.find_one({"_id": "planted"}) or {})["key"] == planted


def fill(projects: Running, number: int) -> None:
    """Stores this many data keys, as of projects posted before."""

    def add(unit: Unit) -> None:
        for each in range(number):
            datakeys.keep(unit, datakeys.draw(unit.keys, f"older-{each}"))

    projects.work.run(add)


def test_stored_keys_name_their_place_and_version_only(projects: Running) -> None:
    project = post(projects)
    key = (rows_of(projects.database, datakeys.COLLECTION).find_one() or {})["key"]
    assert (key["by"], json.loads(key["for"])) == ("1", ["projects", datakeys.COLLECTION, project])
    assert len(key["data"]) == 12 + 32 + 16
    migrate(projects.database, PROJECTS, projects.service.settings.lease, keys=keys_of("projects"))
    assert seen_name(projects, project) == ORGANISATION["name"]
