"""The real engines, started and stopped as `make run` does, and the whole system with dummy services."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from pymongo import MongoClient

from chassis.mongo import Document
from contracts.parts import DRAWN, PARTS, ROTATED, part_of, variable_of
from deploy.kafka.provision import ProvisionError, provision
from deploy.local.engines import Envoy, Kafka, Mongo, warm
from deploy.local.engines.kafka import java
from deploy.local.ports import free_port
from deploy.local.process import StartError
from deploy.local.system import ROOT, System
from tests.kit.stand_ins import SERVICE
from tests.kit.waiting import until


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int
    retention: timedelta | None = None


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not yet reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    port = free_port()
    with Kafka(tmp_path_factory.mktemp("kafka") / "data", port, free_port([port])) as kafka:
        yield kafka


def test_mongo_commits_transactions_and_keeps_its_data_on_another_port(tmp_path: Path) -> None:
    with (
        Mongo(tmp_path / "mongo", free_port()) as mongo,
        MongoClient[Document](mongo.uri) as client,
        client.start_session() as s,
    ):
        s.with_transaction(lambda session: client.shop.orders.insert_one({"_id": 1}, session=session))
    assert mongo.process.pid is None
    with Mongo(tmp_path / "mongo", free_port([mongo.port])) as again, MongoClient(again.uri) as client:
        assert again.port != mongo.port
        assert client.shop.orders.find_one() == {"_id": 1}
        assert client.admin.command("hello")["hosts"] == [f"127.0.0.1:{again.port}"]


def test_mongo_never_offers_zlib(tmp_path: Path, mongo_uri: str) -> None:
    asked = ["snappy", "zlib", "zstd"]
    with Mongo(tmp_path / "mongo", free_port()) as own:
        for uri in (own.uri, mongo_uri):  # the second one is from testcontainers in `make test-containers`
            with MongoClient[Document](uri) as client:
                assert set(client.admin.command("hello", compression=asked)["compression"]) == {"snappy", "zstd"}


def test_mongo_starts_after_a_power_cut(tmp_path: Path) -> None:
    with Mongo(tmp_path / "mongo", free_port()) as mongo:
        with MongoClient[Document](mongo.uri) as client:
            client.shop.orders.insert_one({"_id": 1})
            mongo.kill()
            assert mongo.process.pid is None
            mongo.start()
        with MongoClient[Document](mongo.uri) as client:
            assert client.shop.orders.find_one() == {"_id": 1}


def test_kafka_keeps_messages_and_creates_no_topic_by_itself(kafka: Kafka) -> None:
    provision(kafka.bootstrap, [Topic("kept", 3)])
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    producer.send("kept", b"value", partition=2).get(timeout=10)
    producer.close(timeout=5)
    kafka.stop()
    kafka.start()
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest", group_id=None,
                             consumer_timeout_ms=10_000)  # fmt: skip
    consumer.assign([TopicPartition("kept", 2)])
    assert next(consumer).value == b"value"
    consumer.close()
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, max_block_ms=1000)
    with pytest.raises(KafkaError):
        producer.send("never-made", b"value").get(timeout=5)
    producer.close(timeout=1)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    assert "never-made" not in admin.list_topics()
    admin.close()


def test_java_of_a_broker_maps_classes_cached_by_an_earlier_one(kafka: Kafka) -> None:
    java, *options = [str(part) for part in kafka.process.command[:-2]]
    assert any(option.startswith("-XX:AOTCache=") for option in options)
    help = [java, "-XX:AOTMode=on", *options, "kafka.tools.StorageTool", "--help"]  # or it does not start at all
    assert subprocess.run(help, capture_output=True, timeout=60, check=False).returncode == 0
    help[help.index("-cp") + 1] = ":".join(reversed(options[-1].split(":")))
    assert subprocess.run(help, capture_output=True, timeout=60, check=False).returncode, (
        "the archive is refused for other jars"
    )


def test_unstorable_class_archive_is_tried_once(tmp_path: Path) -> None:
    tried: list[list[str]] = []

    def fail(options: list[str]) -> None:
        tried.append(options)
        raise StartError("no room")

    assert [warm.options(java(), tmp_path, fail) for _ in range(2)] == [[], []]
    assert len(tried) == 1


def test_provisioning_twice_creates_topics_once_and_never_changes_partitions(kafka: Kafka) -> None:
    topics = [Topic("orders", 3, timedelta(days=2)), Topic("other", 1)]
    assert provision(kafka.bootstrap, topics) == ["orders", "other"]
    assert provision(kafka.bootstrap, topics) == []
    with pytest.raises(ProvisionError, match="orders has 3 partitions and should have 4"):
        provision(kafka.bootstrap, [Topic("orders", 4)])
    with pytest.raises(ProvisionError, match="replication"):
        provision(kafka.bootstrap, [Topic("too-many-copies", 1)], replication=3)


def test_command_provisions_the_contracts_topics(kafka: Kafka) -> None:
    run = subprocess.run([sys.executable, "-m", "deploy.kafka.provision"], cwd=ROOT, capture_output=True, text=True,
                         env=os.environ | {"RELEVE_KAFKA": kafka.bootstrap}, timeout=60, check=False)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert "releve.projects.v1" in run.stdout


def test_port_in_use_is_reported_in_one_line(tmp_path: Path, kafka: Kafka) -> None:
    for engine in (
        Mongo(tmp_path / "mongo", kafka.port),
        Kafka(tmp_path / "kafka", kafka.port, free_port()),
        Envoy(tmp_path / "envoy.yaml", kafka.port, free_port()),
    ):
        with pytest.raises(StartError, match=f"port {kafka.port} of 127.0.0.1 is in use"), engine:
            pass


def test_engine_that_ends_while_starting_reports_its_log(tmp_path: Path) -> None:
    (tmp_path / "envoy.yaml").write_text("static_resources: { listeners: 3 }\n")
    with pytest.raises(StartError, match=r"envoy ended with status 1 while starting: .*envoy\.log"):
        Envoy(tmp_path / "envoy.yaml", free_port(), free_port()).start()


def test_second_mongo_on_the_same_folder_fails_in_one_line(tmp_path: Path) -> None:
    with Mongo(tmp_path / "mongo", free_port()), pytest.raises(StartError, match="DBPathInUse"):
        Mongo(tmp_path / "mongo", free_port()).start()


def test_killed_launcher_leaves_no_process_behind(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from deploy.local.process import Process\n"
        'import os; code = \'import subprocess, sys, time; print(subprocess.Popen([sys.executable, "-c",'
        ' "import time; time.sleep(600)"]).pid, flush=True); time.sleep(600)\'\n'
        "process = Process('parent', [sys.executable, '-c', code], Path(sys.argv[1])); process.start()\n"
        "print(process.pid, flush=True); time.sleep(600)\n"
    )
    log = tmp_path / "child.log"
    launcher = subprocess.Popen([sys.executable, "-c", script, str(log)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    parent = int(launcher.stdout.readline())
    until(lambda: log.exists() and log.read_text().strip())
    child = int(log.read_text())
    assert lives(parent)
    assert lives(child)
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    until(lambda: not lives(parent) and not lives(child))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose services only report that they run, and with which settings."""
    root = tmp_path_factory.mktemp("root")
    for part in PARTS:
        (root / part.folder).mkdir(parents=True)
        (root / part.folder / "app.py").write_text(SERVICE)
    return root


class Running:
    """A running system and the lines it printed."""

    def __init__(self, data: Path, root: Path, settings: dict[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.system = System(data, settings=settings, say=self.lines.append, root=root)

    def environment(self, name: str) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.system.port_of(name)}/readyz"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("system") / "data", root, {"RELEVE_WAVE_SIZE": "7"})
    with running.system:
        yield running


def test_system_starts_every_process_with_the_settings_it_needs(running: Running) -> None:
    system = running.system
    sides = {name for part in PARTS for name in part.processes}
    assert set(system.processes) == sides | {"mongo", "kafka", "envoy", "mail"}
    with urllib.request.urlopen(f"{system.url}/healthz", timeout=5) as answer:
        assert answer.status == 200
    environment_seen = running.environment("quotes-worker")
    assert environment_seen["RELEVE_MONGO_URI"] == system.mongo_uri
    assert environment_seen["RELEVE_KAFKA"] == system.kafka
    assert environment_seen["RELEVE_ACCOUNTS_URL"] == f"http://127.0.0.1:{system.port_of('accounts-http')}"
    assert (environment_seen["RELEVE_WINDOW_MIN"], environment_seen["RELEVE_WAVE_SIZE"]) == ("PT2S", "7")
    drawn = {variable_of(secret) + "_FILE" * (secret in ROTATED) for secret in DRAWN}
    for name, (part, _) in system.shape.processes.items():
        own = {variable_of(secret) + "_FILE" * (secret in ROTATED) for secret in part_of(part).secrets} & drawn
        assert running.environment(name).keys() & (drawn | {"RELEVE_INTERNAL_TOKEN"}) == own, name
    blind = running.environment("projects-worker")["RELEVE_BLIND_SECRET"]
    assert blind == running.environment("matching-http")["RELEVE_BLIND_SECRET"]
    secrets = system.data / "secrets.json"
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert blind in secrets.read_text()


def test_mail_sent_to_the_sink_is_written_to_a_file(running: Running) -> None:
    import smtplib

    host, port = running.environment("notify-worker")["RELEVE_SMTP"].split(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.sendmail("releve@localhost", ["thomas@example.org"], "Subject: Bonjour\r\n\r\nÀ vous".encode(),
                      mail_options=["SMTPUTF8", "BODY=8BITMIME"])  # fmt: skip
    (mail,) = running.system.mails.iterdir()
    assert mail.name == "0001-thomas@example.org.eml"
    assert "À vous" in mail.read_text()


def test_service_that_dies_is_restarted_and_reported(running: Running) -> None:
    before = running.system.processes["quotes-worker"]
    os.kill(before, signal.SIGKILL)
    until(lambda: running.system.processes.get("quotes-worker", before) != before)
    assert any("quotes-worker ended with status -9" in line and "quotes-worker.log" in line for line in running.lines)


def test_process_runs_with_other_settings_for_a_while(running: Running) -> None:
    system = running.system
    before = system.processes["projects-worker"]
    with system.with_settings("projects-worker", {"RELEVE_CHOICE_PERIOD": "PT2S"}):
        assert running.environment("projects-worker")["RELEVE_CHOICE_PERIOD"] == "PT2S"
        assert "RELEVE_CHOICE_PERIOD" not in running.environment("projects-http")
        during = system.processes["projects-worker"]
    assert "RELEVE_CHOICE_PERIOD" not in running.environment("projects-worker")
    assert len({before, during, system.processes["projects-worker"]}) == 3


def test_service_stopped_on_purpose_stays_down_until_it_is_started(running: Running) -> None:
    system = running.system
    system.stop("matching")
    assert not {"matching-http", "matching-worker"} & set(system.processes)
    other = system.processes["projects-http"]
    os.kill(other, signal.SIGKILL)
    until(lambda: system.processes.get("projects-http", other) != other)  # so the supervisor has checked all of them
    assert not {"matching-http", "matching-worker"} & set(system.processes)
    quiet = len(running.lines)
    system.start("matching-worker")
    assert "matching-worker" in system.processes
    assert "matching-http" not in system.processes
    system.start("matching-http")
    assert len(running.lines) == quiet
    with pytest.raises(KeyError, match="nobody"):
        system.stop("nobody")


def test_kafka_can_be_cut_off_and_returns_with_its_topics(running: Running) -> None:
    running.system.stop("kafka", kill=True)
    assert "kafka" not in running.system.processes
    running.system.start("kafka")
    admin = KafkaAdminClient(bootstrap_servers=running.system.kafka)
    assert "releve.projects.v1" in admin.list_topics()
    admin.close()
    assert not running.system.failed.is_set()


def test_second_system_on_the_same_data_is_refused(running: Running, root: Path) -> None:
    with pytest.raises(StartError, match="runs already"), System(running.system.data, root=root):
        pass
    assert (running.system.data / "state.json").exists()


def test_system_beside_another_stops_when_its_engine_dies(running: Running, root: Path, tmp_path: Path) -> None:
    shared = {"RELEVE_KAFKA": running.system.kafka}
    second = Running(tmp_path / "data", root, shared)
    with second.system as system:
        assert "kafka" not in system.processes
        assert second.environment("quotes-http")["RELEVE_KAFKA"] == running.system.kafka
        pids = list(system.processes.values())
        os.kill(system.processes["mongo"], signal.SIGKILL)
        assert system.failed.wait(10)
        assert any("mongo ended by itself" in line and "mongo.log" in line for line in second.lines)
    until(lambda: not any(lives(pid) for pid in pids))
    assert not running.system.failed.is_set()


def parts(root: Path, target: Path) -> None:
    """Copies every part's code."""
    for package in {part.package.split(".")[0] for part in PARTS}:
        shutil.copytree(root / package, target / package)


def test_service_that_cannot_start_stops_the_start_in_one_line(running: Running, root: Path, tmp_path: Path) -> None:
    parts(root, tmp_path)
    (tmp_path / "services" / "notify" / "app.py").write_text("import no_such_module\n")
    shared = {"RELEVE_KAFKA": running.system.kafka, "RELEVE_MONGO_URI": running.system.mongo_uri}
    system = System(tmp_path / "data", settings=shared, root=tmp_path)
    with pytest.raises(StartError, match=r"notify-(http|worker) ended with status 1 .*no_such_module.*\.log"), system:
        pass
    assert system.processes == {}


def test_engine_that_cannot_start_is_named_while_services_wait_for_it(
    running: Running, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> list[Path]:
        raise StartError("kafka.jar cannot be fetched: no route")

    monkeypatch.setattr("deploy.local.engines.kafka.kafka_jars", refused)
    parts(root, tmp_path)
    (tmp_path / "not-ready").touch()  # like workers that no broker answers
    system = System(tmp_path / "data", settings={"RELEVE_MONGO_URI": running.system.mongo_uri}, root=tmp_path)
    with pytest.raises(StartError, match="no route"), system:
        pass
    assert system.processes == {}


def test_system_can_be_started_again_right_after_its_launcher_was_killed(
    running: Running, root: Path, tmp_path: Path
) -> None:
    script = (
        "import sys, time; from pathlib import Path; from deploy.local.system import System\n"
        "data, root, kafka = sys.argv[1:]\n"
        "with System(Path(data), settings={'RELEVE_KAFKA': kafka}, root=Path(root)) as system:\n"
        "    print(*system.processes.values(), flush=True); time.sleep(600)\n"
    )
    kafka = running.system.kafka
    launcher = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(root), kafka], cwd=ROOT,
                                stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert launcher.stdout is not None
    pids = [int(pid) for pid in launcher.stdout.readline().split()]
    assert len(pids) == sum(len(part.processes) for part in PARTS) + len(("mongod", "kafka", "envoy"))
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    with System(tmp_path, settings={"RELEVE_KAFKA": kafka}, root=root) as system:
        assert not set(pids) & set(system.processes.values())
        assert not any(lives(pid) for pid in pids)
