"""What each user of a MongoDB with passwords may do: every service prepares its data, and reads nobody else's."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chassis import audit
from chassis.migrations import CannotStart
from chassis.mongo import Document, Documents
from chassis.places import LIFETIME, PLACES, TRAIL, beside, names_of, rows_of
from chassis.service import Service
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.parts import DATABASES, DRAWN, part_of, variable_of
from deploy.mongo.provision import from_settings
from tests.kit.guarded import Guarded, guarded_mongo
from tests.kit.keys import MASTER_KEYS


@pytest.fixture(scope="module")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_mongo(tmp_path_factory.mktemp("guarded")) as mongo:
        yield mongo


def service(name: str, mongo: Guarded) -> Service:
    settings = {**{variable_of(secret): secret for secret in DRAWN}, **MASTER_KEYS}
    settings |= {"RELEVE_MONGO_URI": mongo.uris[name], "RELEVE_KAFKA": "127.0.0.1:9"}
    found: Service = importlib.import_module(f"{part_of(name).package}.app").compose(settings)
    return found


def record(unit: Unit) -> None:
    audit.record(unit, "operator", "account.suspended", "thomas", "spam")
    unit.collection("acted").insert_one({"_id": "with it"})


@pytest.fixture(scope="module")
def quotes(mongo: Guarded) -> Documents:
    """The database of quotes, as its own user, with one action that left an audit row."""
    database = mongo.database("quotes")
    service("quotes", mongo).prepare(database)
    UnitOfWork(database, "quotes", CONTRACT).run(record)
    return database


@pytest.mark.parametrize("name", DATABASES)
def test_service_prepares_its_databases_with_its_own_rights(mongo: Guarded, name: str) -> None:
    one, database = service(name, mongo), mongo.database(name)
    for _ in range(2):
        one.prepare(database)
    rows_of(database, "vault/keys").insert_one({"_id": "k"})
    assert rows_of(database, "vault/keys").delete_one({"_id": "k"}).deleted_count == 1
    assert {"at_1__id_1", "whom_1_at_1__id_1"} <= set(rows_of(database, TRAIL).index_information())


def test_no_other_user_reads_any_database_of_a_service(mongo: Guarded) -> None:
    readable = set[tuple[str, str]]()
    for user, uri in mongo.uris.items():
        with MongoClient[Document](uri) as client:
            for owner in DATABASES:
                for name in names_of(f"releve_{owner}"):
                    for collection in ("rounds", "keys", "clients", "rows", "accounts", "outbox"):
                        with suppress(OperationFailure):
                            client[name][collection].find_one()
                            readable.add((user, name))
    own = {(user, name) for user in DATABASES for name in names_of(f"releve_{user}")}
    assert readable - own == {("monitoring", f"releve_{name}") for name in DATABASES}, "its outbox and leases"
    assert own <= readable


def test_monitoring_reads_neither_vault_nor_audit_nor_accounts(mongo: Guarded) -> None:
    with MongoClient[Document](mongo.uris["monitoring"]) as client:
        client["releve_accounts"]["outbox"].find_one()
        for place in ("releve_accounts.accounts", "releve_accounts_vault.keys", "releve_accounts_audit.rows"):
            name, _, collection = place.partition(".")
            with pytest.raises(OperationFailure, match="not authorized"):
                client[name][collection].find_one()


ALTERATIONS: Mapping[str, Callable[[Documents], Any]] = {
    "update": lambda here: here.rows.update_many({}, {"$set": {"who": "nobody"}}),
    "replace": lambda here: here.rows.replace_one({}, {"who": "nobody"}),
    "find and modify": lambda here: here.rows.find_one_and_update({}, {"$set": {"who": "nobody"}}),
    "delete": lambda here: here.rows.delete_many({}),
    "find and delete": lambda here: here.rows.find_one_and_delete({}),
    "drop the collection": lambda here: here.command("drop", "rows"),
    "drop the database": lambda here: here.command("dropDatabase"),
    "an index with a lifetime": lambda here: here.rows.create_index("at", expireAfterSeconds=0),
    "a lifetime for an index": lambda here: here.command(
        "collMod", "rows", index={"name": "at_1__id_1", "expireAfterSeconds": 0}
    ),
    "another lifetime": lambda here: here.command("collMod", "rows", index={"name": LIFETIME, "expireAfterSeconds": 0}),
    "no lifetime": lambda here: here.rows.drop_index(LIFETIME),
    "rename": lambda here: here.client.admin.command("renameCollection", f"{here.name}.rows", to=f"{here.name}.x"),
    "rename away": lambda here: here.client.admin.command(
        "renameCollection", f"{here.name}.rows", to=f"{here.name.removesuffix('_audit')}.x"
    ),
    "write over it": lambda here: here.rows.aggregate([{"$match": {"_id": 1}}, {"$out": "rows"}]),
    "merge into it": lambda here: here.rows.aggregate(
        [{"$set": {"who": "nobody"}}, {"$merge": {"into": "rows", "whenMatched": "replace"}}]
    ),
    "cap it": lambda here: here.command("convertToCapped", "rows", size=4096),
    "a rule against new rows": lambda here: here.command("collMod", "rows", validator={"a": 1}),
    "a role of its own": lambda here: here.command("createRole", "x", privileges=[], roles=["readWrite"]),
    "a grant": lambda here: here.client["releve_quotes"].command(
        "grantRolesToUser", "quotes", roles=[{"role": "readWrite", "db": here.name}]
    ),
}


@pytest.mark.parametrize("how", ALTERATIONS)
def test_service_cannot_alter_its_own_audit_trail(quotes: Documents, how: str) -> None:
    before = list(rows_of(quotes, TRAIL).find())
    assert [row["what"] for row in before] == ["account.suspended"]
    with pytest.raises(OperationFailure) as refused:
        ALTERATIONS[how](beside(quotes, "audit"))
    assert refused.value.code == 13, "not authorized"
    assert list(rows_of(quotes, TRAIL).find()) == before


def test_rows_live_as_long_as_the_provisioning_user_was_told_last(mongo: Guarded, quotes: Documents) -> None:
    rows = rows_of(quotes, TRAIL)
    assert rows.index_information()[LIFETIME]["expireAfterSeconds"] == 365 * 24 * 3600
    mongo.provision(timedelta(days=90))
    assert rows.index_information()[LIFETIME]["expireAfterSeconds"] == 90 * 24 * 3600
    mongo.provision()
    service("quotes", mongo).prepare(quotes)


def test_action_and_its_audit_row_commit_together_or_not_at_all(mongo: Guarded, quotes: Documents) -> None:
    assert quotes.acted.count_documents({}) == 1

    def fail(unit: Unit) -> None:
        audit.record(unit, "operator", "account.reinstated", "thomas", "")
        unit.collection("acted").insert_one({"_id": "without it"})
        raise KeyError

    with pytest.raises(KeyError):
        UnitOfWork(quotes, "quotes", CONTRACT).run(fail)
    assert rows_of(quotes, TRAIL).count_documents({"what": "account.reinstated"}) == 0
    assert quotes.acted.count_documents({}) == 1


def test_service_says_what_to_do_when_the_audit_database_is_not_provisioned(mongo: Guarded) -> None:
    database = mongo.database("matching")
    with MongoClient[Document](mongo.admin_uri) as admin:
        admin.drop_database("releve_matching_audit")
        with pytest.raises(CannotStart, match=r"releve_matching_audit lacks indexes .*deploy\.mongo\.provision"):
            service("matching", mongo).prepare(database)
    assert mongo.provision() == []
    service("matching", mongo).prepare(database)


def test_existing_replica_set_gets_users_and_rights(mongo: Guarded, tmp_path: Path) -> None:
    for name, uri in mongo.uris.items():
        (tmp_path / f"{name}_mongo").write_text(uri)
    with MongoClient[Document](mongo.admin_uri) as admin:
        admin["releve_quotes"].command("dropUser", "quotes")
    settings = {"RELEVE_MONGO_URI": mongo.admin_uri, "RELEVE_MONGO_PASSWORDS": str(tmp_path)}
    assert from_settings(settings) == ["the user quotes"]
    assert from_settings(settings) == []
    service("quotes", mongo).prepare(mongo.database("quotes"))


def test_there_are_no_other_places_beside_a_database(quotes: Documents) -> None:
    assert PLACES == ("vault", "audit")
    with pytest.raises(ValueError, match="there is no place cellar"):
        rows_of(quotes, "cellar/keys")
