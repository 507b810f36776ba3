"""Backup and restore on the real mongod and broker: what is copied, what is refused, and what a refusal leaves."""

import gzip
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pyrage
import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp, decode_all
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from pymongo.errors import OperationFailure

from chassis import migrations
from chassis.broker import Broker
from chassis.ids import new_id
from chassis.mongo import Document, Documents, connect, database_now
from chassis.places import names_of
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from contracts.parts import DRAWN, variable_of
from contracts.topics import SERVICES, Topic
from deploy.backup.__main__ import main
from deploy.backup.erased import destroy_again, erase_again, list_erased, read_list
from deploy.backup.logs import require_unused
from deploy.backup.manifest import MANIFEST, Manifest, Refused, documents_of, fingerprint, secrets_of, sha256_of
from deploy.backup.restore import BATCH_DOCUMENTS, RAW, UNFINISHED, restore
from deploy.backup.sealed import BackupKey, new_key_text, read_secrets
from deploy.backup.take import back_up
from deploy.kafka.provision import provision
from deploy.local.engines import Mongo
from deploy.local.ports import free_port
from services.accounts import store
from services.accounts.model import register
from tests.kit.keys import MASTER_KEYS
from tests.kit.waiting import until

HORIZON = timedelta(days=90)
PAIR = new_key_text()
KEY = BackupKey.parse(PAIR)
IDENTITY = pyrage.x25519.Identity.from_str(KEY.private[0])
ALL = [name for service in SERVICES for name in names_of(service)]
Contents = dict[str, dict[str, list[bytes]]]


@dataclass
class Data:
    """All services' databases with one prefix."""

    uri: str
    prefix: str = field(default_factory=lambda: f"bk{new_id().replace('-', '_')}_")

    def database(self, service: str) -> Documents:
        return self.client.get_database(self.prefix + service)

    def __post_init__(self) -> None:
        self.client = connect(self.uri, "admin", app="test").client

    def contents(self) -> Contents:
        """Every document's bytes, by service and collection."""
        found: Contents = {}
        for service in ALL:
            database = self.client.get_database(self.prefix + service, codec_options=RAW)
            names = sorted(database.list_collection_names())
            rows = {name: sorted(bytes(cast(Any, row).raw) for row in database[name].find()) for name in names}
            found |= {service: rows} if rows else {}
        return found

    def drop(self) -> None:
        for service in ALL:
            self.client.drop_database(self.prefix + service)
        self.client.close()


@pytest.fixture
def data(mongo_uri: str) -> Iterator[Data]:
    """The data to back up: a document in each service."""
    data = Data(mongo_uri)
    for service in SERVICES:
        data.database(service)["migrations"].insert_one({"_id": 1, "name": "first"})
    data.database("accounts_vault")["keys"].insert_one({"_id": "ring"})
    data.database("accounts_audit")["rows"].insert_one({"_id": "row"})
    yield data
    data.drop()


@pytest.fixture
def other(mongo_uri: str) -> Iterator[Data]:
    """The empty databases to restore into."""
    other = Data(mongo_uri)
    yield other
    other.drop()


def take(data: Data, to: Path, **more: Any) -> Manifest:
    return back_up(data.uri, data.prefix, SERVICES, to, key=KEY, **more)


def bring_back(folder: Path, other: Data, **more: Any) -> None:
    restore(folder, Manifest.open(folder), other.uri, other.prefix, HORIZON, **({"kafka": None, "key": KEY} | more))


def environment(data: Data, **more: str) -> dict[str, str]:
    """The operator's settings; the broker is not contacted before the refusals under test."""
    engines = {"RELEVE_MONGO_URI": data.uri, "RELEVE_KAFKA": "127.0.0.1:9", "RELEVE_DB_PREFIX": data.prefix}
    return {**engines, "RELEVE_BACKUP_KEY": PAIR, **more}


# --- what is copied


def test_restored_data_is_identical_byte_for_byte(data: Data, other: Data, tmp_path: Path) -> None:
    odd: Document = {
        "_id": "odd", "z": 1, "a": Int64(1), "ä.b": None, "$set": [1.5, {"nested": {}}],
        "at": database_now(data.database("quotes")),
        "id": ObjectId(), "price": Decimal128("12.30"), "raw": Binary(b"\0\xff", 128), "like": Regex("^a", "i"),
        "of": Timestamp(7, 8), "text": "é\u0000\U0001f600", "yes": True,
    }  # fmt: skip
    quotes = data.database("quotes")
    quotes["odd"].insert_one(odd)
    quotes["many"].insert_many([{"_id": n, "n": str(n) * (n % 7)} for n in range(2 * BATCH_DOCUMENTS + 1)])
    quotes["large"].insert_many([{"_id": n, "text": random.Random(n).randbytes(3_000_000)} for n in range(4)])
    quotes.create_collection("empty")
    kept = {service: {**rows} for service, rows in data.contents().items()}
    for service, name in (("quotes", "leases"), ("notify", "held"), ("accounts", "sessions")):
        data.database(service)[name].insert_one({"_id": 1})
    data.database("quotes")["sessions"].insert_one({"_id": "no session of a person"})
    kept["quotes"] |= {"sessions": data.contents()["quotes"]["sessions"]}
    manifest = take(data, tmp_path / "backup")
    bring_back(tmp_path / "backup", other)
    assert kept["quotes"].pop("empty") == []  # a service creates its collections when it starts
    assert other.contents() == kept
    assert {service: set(rows) for service, rows in manifest.services.items()} == {
        service: set(rows) | ({"empty"} if service == "quotes" else set()) for service, rows in kept.items()
    }
    assert manifest.services["quotes"]["many"].documents == 2 * BATCH_DOCUMENTS + 1


def test_backup_file_is_bson_that_other_tools_read_with_the_key(data: Data, tmp_path: Path) -> None:
    take(data, tmp_path / "backup")
    sealed = documents_of(tmp_path / "backup", "quotes", "migrations").read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    packed = pyrage.decrypt(sealed, [IDENTITY])
    assert decode_all(gzip.decompress(packed)) == [{"_id": 1, "name": "first"}]


def test_backup_is_readable_only_by_its_owner(data: Data, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        take(data, tmp_path / "deep" / "backup", secrets={"RELEVE_BLIND_SECRET": "s"})
    finally:
        os.umask(before)
    backup = tmp_path / "deep" / "backup"
    modes = {path.relative_to(backup).as_posix(): path.stat().st_mode & 0o777 for path in backup.rglob("*")}
    assert backup.stat().st_mode & 0o777 == 0o700
    folders = {*SERVICES, "accounts_vault", "accounts_audit"}
    assert {modes[name] for name in folders} == {0o700}
    assert {mode for name, mode in modes.items() if name not in folders} == {0o600}
    assert {MANIFEST, "secrets.json.gz.age", "quotes/migrations.bson.gz.age"} <= modes.keys()


def test_transactions_during_a_backup_are_copied_whole_or_not_at_all(data: Data, other: Data, tmp_path: Path) -> None:
    """Coins move in transactions between two collections of one service and a third collection in another service."""
    coins = 30
    places = [data.database("accounts")["a"], data.database("accounts")["z"], data.database("notify")["n"]]
    data.database("accounts")["filler"].insert_many([{"_id": n, "text": "x" * 200} for n in range(20_000)])
    for place in places[1:]:
        place.insert_one({"_id": "made before, since a collection is not made in a transaction"})
    places[0].insert_many([{"_id": n} for n in range(coins)])
    moved, stop, chance = [0], threading.Event(), random.Random(5)

    def move() -> None:
        at = dict.fromkeys(range(coins), 0)
        while not stop.is_set():
            coin = chance.randrange(coins)
            to = chance.choice([place for place in range(3) if place != at[coin]])

            def step(session: Any, coin: int = coin, to: int = to) -> None:
                places[at[coin]].delete_one({"_id": coin}, session=session)
                places[to].insert_one({"_id": coin}, session=session)

            with data.client.start_session() as session:
                session.with_transaction(step)
            at[coin] = to
            moved[0] += 1

    def some_more(line: str) -> None:
        enough = moved[0] + coins
        until(lambda: moved[0] > enough)

    thread = threading.Thread(target=move)
    thread.start()
    try:
        until(lambda: moved[0] > coins)
        take(data, tmp_path / "backup", say=some_more)
    finally:
        stop.set()
        thread.join(20)
    bring_back(tmp_path / "backup", other)
    found = [row["_id"] for service, name in (("accounts", "a"), ("accounts", "z"), ("notify", "n"))
             for row in other.database(service)[name].find({"_id": {"$type": "int"}})]  # fmt: skip
    assert sorted(found) == list(range(coins))


def test_events_past_the_inbox_horizon_are_not_published_again(data: Data, other: Data, tmp_path: Path) -> None:
    now = database_now(data.database("quotes"))
    rows = [
        {"_id": "pending", "time": now - 2 * HORIZON, "pending": True},
        {"_id": "lately", "published_at": now - HORIZON + timedelta(hours=1), "log": "gone"},
        {"_id": "past", "published_at": now - HORIZON - timedelta(seconds=1), "log": "gone"},
    ]
    data.database("quotes")["outbox"].insert_many(rows)
    take(data, tmp_path / "backup")
    said: list[str] = []
    bring_back(tmp_path / "backup", other, say=said.append)
    assert {row["_id"] for row in other.database("quotes")["outbox"].find()} == {"pending", "lately"}
    assert "  ✓ quotes: 3 documents, 1 events past the horizon left out" in said
    assert "  ✓ notify: 1 documents" in said


def test_backup_folder_holds_nothing_readable(data: Data, tmp_path: Path) -> None:
    words = ["Nestlé Waters", "camille@example.com", "+33 1 23 45", "BEGIN PRIVATE KEY", "the blind secret"]
    data.database("projects")["organisations"].insert_many([{"_id": n, "name": word} for n, word in enumerate(words)])
    data.database("projects_vault")["clients"].insert_one({"_id": "p", "sealed": words[0]})
    take(data, tmp_path / "backup", secrets={"RELEVE_BLIND_SECRET": words[-1]}, blind_secret=words[-1])
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    held = b"".join(path.read_bytes() for path in files)
    assert not [word for word in words if word.encode() in held or word in " ".join(map(str, files))]
    assert {path.suffix for path in files if path.name != MANIFEST} == {".age"}


def test_public_key_alone_takes_backups_and_opens_none(
    data: Data, other: Data, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = environment(data, RELEVE_BACKUP_KEY=KEY.public[0])
    assert main(["take", "--to", str(tmp_path / "backup")], settings) == 0
    for service in SERVICES:  # before the copy, so that it is in the copy, too
        row = data.database(f"{service}_audit")["rows"].find_one({"what": "backup.taken"})
        assert row, service
        assert str(tmp_path / "backup") in row["reason"]
    command = ["restore", "--from", str(tmp_path / "backup")]
    said = {
        KEY.public[0]: f"RELEVE_BACKUP_KEY_FILE names no file with the private key of {KEY.public[0]} (KEY=file)",
        "": f"RELEVE_BACKUP_KEY_FILE names no file with the private key of {KEY.public[0]} (KEY=file)",
        new_key_text(): f"RELEVE_BACKUP_KEY does not open this backup: it was encrypted to {KEY.public[0]}",
        "no key": "RELEVE_BACKUP_KEY has a line that is no key of age",
    }
    for text, line in said.items():
        capsys.readouterr()
        assert main(command, environment(other, RELEVE_BACKUP_KEY=text)) == 1
        error = capsys.readouterr().err
        assert line in error
        assert error.count("\n") == 1
    assert other.contents() == {}
    assert main(["take", "--to", str(tmp_path / "two")], environment(data, RELEVE_BACKUP_KEY="")) == 1
    assert "RELEVE_BACKUP_KEY_FILE is not set, and backups are encrypted" in capsys.readouterr().err


def test_file_that_does_not_open_to_its_end_restores_nothing(data: Data, other: Data, tmp_path: Path) -> None:
    manifest = take(data, tmp_path / "backup")
    path = documents_of(tmp_path / "backup", "notify", "migrations")
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]):
        path.write_bytes(broken)  # the manifest matches the broken file
        with pytest.raises(Refused, match="does not open to its end"):
            restore(tmp_path / "backup", manifest, other.uri, other.prefix, HORIZON, kafka=None, key=KEY)
        assert other.contents() == {}


def test_key_destroyed_after_the_backup_is_destroyed_again(data: Data, other: Data, tmp_path: Path) -> None:
    clients, keys = (data.database("projects_vault")[name] for name in ("clients", "data_keys"))
    for rows in (clients, keys):
        rows.insert_many([{"_id": "gone"}, {"_id": "stays"}])
    take(data, tmp_path / "backup")
    data.database("projects_vault")["destroyed_keys"].insert_one({"_id": "gone"})
    list_erased(data.uri, data.prefix, tmp_path / "erased")
    assert read_list(tmp_path / "erased") == ["key gone"]
    said: list[str] = []

    def again() -> None:
        destroy_again(read_list(tmp_path / "erased"), other.uri, other.prefix, said.append)

    bring_back(tmp_path / "backup", other, before_the_end=again)
    vault = other.database("projects_vault")
    assert [[row["_id"] for row in vault[name].find()] for name in ("clients", "data_keys")] == [["stays"]] * 2
    assert said == ["  ✓ destroyed again: the keys of 1 of the 1 projects on the list"]


# --- refusals


def test_service_without_a_database_is_refused_and_no_files_remain(data: Data, tmp_path: Path) -> None:
    data.client.drop_database(data.prefix + "notify")
    with pytest.raises(Refused, match=f"no database {data.prefix}notify: is RELEVE_DB_PREFIX right"):
        take(data, tmp_path / "in" / "backup")
    assert list((tmp_path / "in").iterdir()) == []
    back_up(data.uri, data.prefix, ["quotes"], tmp_path / "in" / "backup", key=KEY)
    assert list(Manifest.open(tmp_path / "in" / "backup").services) == ["quotes"]


def test_backup_of_the_version_before_has_one_database_for_each_service(
    data: Data, other: Data, tmp_path: Path
) -> None:
    for place in ("accounts_vault", "accounts_audit"):
        data.client.drop_database(data.prefix + place)
    make_older(tmp_path / "backup", take(data, tmp_path / "backup", secrets={"RELEVE_BLIND_SECRET": "s"}))
    older = Manifest.open(tmp_path / "backup")
    assert read_secrets(older, tmp_path / "backup", None) == {"RELEVE_BLIND_SECRET": "s"}
    bring_back(tmp_path / "backup", other, key=None)
    assert other.contents() == data.contents()


def make_older(folder: Path, manifest: Manifest) -> None:
    """Rewrites a backup as format 1: nothing is encrypted."""
    kept = json.loads((folder / MANIFEST).read_text()) | {"format": 1}
    for service, name, _ in manifest.collections():
        path = documents_of(folder, service, name)
        path.with_suffix("").write_bytes(pyrage.decrypt(path.read_bytes(), [IDENTITY]))
        path.unlink()
        kept["services"][service][name]["sha256"] = sha256_of(path.with_suffix(""))
    secrets = gzip.decompress(pyrage.decrypt(secrets_of(folder).read_bytes(), [IDENTITY]))
    (folder / "secrets.json").write_bytes(secrets)
    kept["secrets"] = sha256_of(folder / "secrets.json")
    del kept["encrypted_to"]
    (folder / MANIFEST).write_text(json.dumps(kept))


def test_rows_beside_a_service_keep_a_restore_away(data: Data, other: Data, tmp_path: Path) -> None:
    take(data, tmp_path / "backup")
    trail = other.database("quotes_audit")["rows"]
    trail.create_index("at")  # as provisioning makes it, before any service runs
    bring_back(tmp_path / "backup", other)
    assert trail.index_information().keys() == {"_id_", "at_1"}
    for service in SERVICES:
        other.client.drop_database(other.prefix + service)
    for place in ("accounts_vault", "accounts_audit"):
        with pytest.raises(Refused, match=f"{place} holds data"):
            bring_back(tmp_path / "backup", other)
        other.client.drop_database(other.prefix + place)
    bring_back(tmp_path / "backup", other)
    assert other.database("accounts_vault")["keys"].count_documents({}) == 1


def test_backup_never_replaces_another(data: Data, tmp_path: Path) -> None:
    take(data, tmp_path / "backup")
    with pytest.raises(Refused, match="is there already"):
        take(data, tmp_path / "backup")
    Manifest.open(tmp_path / "backup")


def test_backup_longer_than_mongodbs_snapshot_window_is_refused_with_the_setting(tmp_path: Path) -> None:
    with Mongo(tmp_path / "mongo", free_port()) as engine:
        data = Data(engine.uri)
        for service in SERVICES:
            data.database(service)["migrations"].insert_one({"_id": 1})
        moments: list[Timestamp] = []
        parameter = {"setParameter": 1, "minSnapshotHistoryWindowInSeconds": 0}
        data.client.admin.command(parameter)

        def is_forgotten() -> bool:
            data.database("quotes")["more"].insert_one({})
            at = {"level": "snapshot", "atClusterTime": moments[0]}
            try:
                data.database("quotes").command("find", "migrations", readConcern=at)
            except OperationFailure as error:
                return error.code == 239
            return False

        def wait(line: str) -> None:
            if "as of" in line:
                now = data.database("quotes").command("find", "migrations", readConcern={"level": "snapshot"})
                moments.append(now["cursor"]["atClusterTime"])
                until(is_forgotten)

        with pytest.raises(Refused, match="minSnapshotHistoryWindowInSeconds: 3600"):
            take(data, tmp_path / "in" / "backup", say=wait)
        assert list((tmp_path / "in").iterdir()) == []
        data.client.close()


def flip(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def another_format(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 9}))


def a_way_out(path: Path) -> None:
    found = json.loads(path.read_text())
    found["services"]["quotes"]["../../escaped"] = found["services"]["quotes"].pop("migrations")
    path.write_text(json.dumps(found))


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("quotes/migrations.bson.gz.age", flip, "is damaged at quotes/migrations: nothing was restored"),
        ("quotes/migrations.bson.gz.age", Path.unlink, "is damaged at quotes/migrations"),
        ("quotes/migrations.bson.gz.age", lambda path: os.truncate(path, 20), "is damaged at quotes/migrations"),
        ("secrets.json.gz.age", flip, "is damaged at secrets.json"),
        (MANIFEST, Path.unlink, "is no backup: it has no manifest.json"),
        (MANIFEST, lambda path: os.truncate(path, 50), "cannot be read"),
        (MANIFEST, another_format, "is a backup of format 9, and this version reads 3"),
        (MANIFEST, a_way_out, "cannot be read"),
    ],
)
def test_damaged_backup_is_refused_and_nothing_is_written(
    data: Data, other: Data, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    name: str, damage: Callable[[Path], object], said: str,
) -> None:  # fmt: skip
    take(data, tmp_path / "backup", secrets={"RELEVE_BLIND_SECRET": "s"})
    damage(tmp_path / "backup" / name)
    command = ["restore", "--from", str(tmp_path / "backup")]
    assert main(command, environment(other)) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("relève: ")
    assert error.count("\n") == 1
    assert main(command, {"RELEVE_DATA": str(tmp_path / "new"), "RELEVE_BACKUP_KEY": PAIR}) == 1
    assert not (tmp_path / "new").exists()
    assert other.contents() == {}


def test_nonempty_database_is_refused_and_unchanged(data: Data, other: Data, tmp_path: Path) -> None:
    take(data, tmp_path / "backup")
    other.database("quotes")["rounds"].insert_one({"_id": "a round of somebody"})
    before = other.contents()
    with pytest.raises(Refused, match=f"{other.prefix}quotes holds data .* into empty databases only"):
        bring_back(tmp_path / "backup", other)
    assert other.contents() == before


def test_restore_that_fails_midway_leaves_nothing(data: Data, other: Data, tmp_path: Path) -> None:
    take(data, tmp_path / "backup")
    manifest = tmp_path / "backup" / MANIFEST
    found = json.loads(manifest.read_text())
    found["services"]["notify"]["migrations"]["documents"] = 2
    manifest.write_text(json.dumps(found))
    with pytest.raises(Refused, match="notify/migrations holds 1 documents, and the manifest says 2"):
        bring_back(tmp_path / "backup", other)
    assert other.contents() == {}


def test_unfinished_restore_blocks_services_and_further_restores(data: Data, other: Data, tmp_path: Path) -> None:
    take(data, tmp_path / "backup")
    looked = []

    def look() -> None:
        for service in SERVICES:
            if service != "accounts":
                with pytest.raises(migrations.CannotStart, match="restore_unfinished"):
                    migrations.missing(other.database(service), [])
                looked.append(service)
        with pytest.raises(Refused, match="holds data"):
            bring_back(tmp_path / "backup", other)

    bring_back(tmp_path / "backup", other, before_the_end=look)
    assert looked == [service for service in SERVICES if service != "accounts"]
    assert other.contents() == data.contents()
    other.client.drop_database(other.prefix + "quotes")
    other.database("quotes")["migrations"].insert_one(dict(UNFINISHED))  # like a restore killed at its beginning
    for name in (name for service in SERVICES[:3] for name in names_of(service)):
        other.client.drop_database(other.prefix + name)
    with pytest.raises(Refused, match=f"{other.prefix}quotes is what a restore left that was cut off: drop it"):
        bring_back(tmp_path / "backup", other)


def test_topic_with_messages_and_group_with_offsets_are_refused(kafka: str) -> None:
    topic = Topic(f"told.{new_id()}", partitions=3)
    group = f"group-{new_id()}"
    require_unused(Broker(kafka), [topic.name], [group])  # neither exists
    provision(kafka, [topic])
    require_unused(Broker(kafka), [topic.name], [group])
    producer = KafkaProducer(bootstrap_servers=kafka)
    producer.send(topic.name, b"news", partition=2).get(timeout=20)
    producer.close()
    with pytest.raises(Refused, match=f"holds messages in {topic.name}: .*delete the topics"):
        require_unused(Broker(kafka), [topic.name], [group])
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_topics([topic.name])
    fresh = Topic(f"fresh.{new_id()}", partitions=1)
    provision(kafka, [fresh])
    reader = KafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    reader.assign([TopicPartition(fresh.name, 0)])
    reader.commit({TopicPartition(fresh.name, 0): OffsetAndMetadata(7, "", -1)})
    reader.close(autocommit=False)
    with pytest.raises(Refused, match=f"remembers what {group} have read"):
        require_unused(Broker(kafka), [fresh.name], [group])
    require_unused(Broker(kafka), [topic.name], [group])  # offsets in other topics do not matter
    admin.close()
    with pytest.raises(Refused, match="does not answer"):
        require_unused(Broker(f"127.0.0.1:{free_port()}"), [fresh.name], [group])


def test_different_blind_secret_is_refused_before_anything_is_contacted(
    data: Data, other: Data, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = environment(data, RELEVE_BLIND_SECRET="the one and only")
    assert main(["take", "--to", str(tmp_path / "backup")], settings) == 0
    said = capsys.readouterr().out
    assert "personal data" in said
    assert "RELEVE_BLIND_SECRET is not in it" in said
    held = json.loads((tmp_path / "backup" / MANIFEST).read_text())
    assert (held["blind_secret"], held["secrets"]) == (fingerprint("the one and only"), None)
    assert "the one and only" not in (tmp_path / "backup" / MANIFEST).read_text()
    wrong = environment(other, RELEVE_BLIND_SECRET="another")
    assert main(["restore", "--from", str(tmp_path / "backup")], wrong) == 1
    assert "RELEVE_BLIND_SECRET is not that of the system which was backed up" in capsys.readouterr().err
    assert other.contents() == {}


def test_nonempty_folder_is_refused_and_a_failed_restore_empties_its_folder(
    data: Data, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(data, tmp_path / "backup")
    command = ["restore", "--from", str(tmp_path / "backup")]
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "state.json").write_text("{}")
    assert main(command, {"RELEVE_DATA": str(tmp_path / "used"), "RELEVE_BACKUP_KEY": PAIR}) == 1
    assert "is not empty, and a restore goes into a new folder" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["state.json"]
    (tmp_path / "list").write_text("somebody\n")
    erasing = [*command, "--erased", str(tmp_path / "list")]
    assert main(erasing, {"RELEVE_DATA": str(tmp_path / "new"), "RELEVE_BACKUP_KEY": PAIR}) == 1
    assert "RELEVE_INTERNAL_ACCOUNTS_PROJECTS is not set" in capsys.readouterr().err
    assert list((tmp_path / "new").iterdir()) == []
    new = {"RELEVE_DATA": str(tmp_path / "new"), "RELEVE_BACKUP_KEY": PAIR}
    assert main(command, {**new, "RELEVE_MONGO_URI": data.uri}) == 1
    assert "RELEVE_KAFKA is not set" in capsys.readouterr().err
    assert main(["take", "--to", str(tmp_path / "second")], new) == 1
    assert "nothing runs with the data in" in capsys.readouterr().err


def test_listed_account_asks_again_for_its_erasure_and_cannot_stop_it(data: Data) -> None:
    accounts = data.database("accounts")
    accounts["migrations"].delete_many({})
    work = UnitOfWork(accounts, "accounts", CONTRACT)
    for name in ("listed", "other"):
        wish = {"email": f"{name}@example.org", "role": "mentor", "display_name": name, "locale": "fr"}
        account, facts = register(name, wish, "no hash", database_now(accounts))
        work.run(lambda unit, account=account, facts=facts: store.save_account(unit, account, facts))  # type: ignore[misc]
    settings = environment(data, **{**{variable_of(secret): secret for secret in DRAWN}, **MASTER_KEYS})
    said: list[str] = []
    for _ in range(2):
        erase_again(["listed", "of another time", "listed"], settings, said.append)
    (row,) = accounts["departures"].find()
    assert (row["_id"], row["insists"], row["due_at"] <= database_now(accounts)) == ("listed", True, True)
    assert said == ["  ✓ to be erased again: 1 of the 2 on the list"] * 2


def test_list_of_erased_accounts_holds_only_ids_and_is_replaced_whole(data: Data, tmp_path: Path) -> None:
    now = database_now(data.database("accounts"))
    rows = [{"_id": f"account-{n}", "requested_at": now - timedelta(days=n), "to": {"email": "x@y"}} for n in range(3)]
    data.database("accounts")["erasures"].insert_many(rows)
    for _ in range(2):
        assert list_erased(data.uri, data.prefix, tmp_path / "erased") == 3
    assert (tmp_path / "erased").read_text() == "account-2\naccount-1\naccount-0\n"
    assert read_list(tmp_path / "erased") == ["account-2", "account-1", "account-0"]
    assert [path.name for path in tmp_path.iterdir()] == ["erased"]
    with pytest.raises(Refused, match="cannot be read"):
        read_list(tmp_path / "nowhere")
