"""The databases beside a service's own: what the version before stored elsewhere moves there, once and whole."""

import importlib
from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.errors import WriteError

from chassis.audit import record
from chassis.migrations import Migration, migrate
from chassis.mongo import Document, Documents
from chassis.places import BATCH, TRAIL, move, rows_of
from chassis.service import Service
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.parts import DATABASES
from tests.kit.databases import everything
from tests.kit.services import COMPOSE, SETTINGS

KEPT = {"accounts": "keys", "quotes": "keys", "programmes": "keys", "projects": "vault"}

"""The restricted collection of each service, as the version before named it."""


@pytest.fixture
def database(new_database: Documents) -> Documents:
    """A database of the test's own: these tests change indexes."""
    return new_database


def composed(name: str) -> Service:
    return COMPOSE[name](SETTINGS)


def before(name: str) -> list[Migration]:
    """The migrations that the version before knew."""
    every = importlib.import_module(f"services.{name}.migrations").MIGRATIONS
    return list(every[: _apart(every)])


def after(name: str) -> list[Migration]:
    """The same, and the one that moves."""
    every = importlib.import_module(f"services.{name}.migrations").MIGRATIONS
    return list(every[: _apart(every) + 1])


def _apart(every: Sequence[Migration]) -> int:
    return [one.name for one in every].index("keep_apart")


@pytest.mark.parametrize("name", DATABASES)
def test_restricted_data_of_the_version_before_move_into_their_places(database: Documents, name: str) -> None:
    service = composed(name)
    migrate(database, before(name), service.settings.lease)
    database.audit.create_index("at")
    rows: list[Document] = [{"_id": str(number), "what": "read"} for number in range(BATCH + 5)]
    database.audit.insert_many(rows)
    kept = [{"_id": "one", "private_pem": "secret"}]
    if name in KEPT:
        database[KEPT[name]].create_index("due_at", sparse=True)
        database[KEPT[name]].insert_many(kept)
    migrate(database, after(name), service.settings.lease)
    service.ensure_indexes(database)
    stored = everything(database)
    assert stored[TRAIL] == rows
    assert stored["audit"] == []
    if name in KEPT:
        newer = "vault/clients" if name == "projects" else "vault/keys"
        assert (stored[KEPT[name]], stored[newer]) == ([], kept)
        with pytest.raises(WriteError):
            database[KEPT[name]].insert_one({"_id": "by a process of the version before"})
    assert migrate(database, after(name), service.settings.lease) == []
    assert everything(database)[TRAIL] == rows


def test_new_database_has_nothing_to_move(database: Documents) -> None:
    assert move(database, "audit", TRAIL) == 0
    assert "audit" not in database.list_collection_names()


def test_move_that_was_cut_off_goes_on(database: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Document] = [{"_id": number} for number in range(3 * BATCH)]
    database.old.insert_many(rows)
    start, left = database.client.start_session, [1]

    def cut_off(*args: Any, **kwargs: Any) -> Any:
        if not left.pop():
            raise OSError
        left.append(0)
        return start(*args, **kwargs)

    monkeypatch.setattr(database.client, "start_session", cut_off)
    with pytest.raises(OSError):
        move(database, "old", "vault/new")
    assert database.old.count_documents({}) + rows_of(database, "vault/new").count_documents({}) == len(rows)
    monkeypatch.undo()
    assert move(database, "old", "vault/new") == 2 * BATCH
    assert list(rows_of(database, "vault/new").find().sort("_id")) == rows


def test_transaction_covers_all_places(database: Documents) -> None:
    work = UnitOfWork(database, "quotes", CONTRACT)

    def write(unit: Unit, fails: bool) -> None:
        record(unit, "who", "what", "whom", "")
        unit.collection("vault/keys").insert_one({"_id": str(fails)})
        unit.collection("rounds").insert_one({"_id": str(fails)})
        if fails:
            raise KeyError

    work.run(lambda unit: write(unit, False))
    with pytest.raises(KeyError):
        work.run(lambda unit: write(unit, True))
    stored = everything(database)
    assert [len(stored[name]) for name in (TRAIL, "vault/keys", "rounds")] == [1, 1, 1]
