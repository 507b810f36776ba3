"""TLS inside: engines, services and gateway with the certificates and options of the containers.

Clients check the authority and the name; without either, or without TLS, nobody connects.
"""

import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.broker import CLIENTS, Broker
from chassis.broker.clients import BrokerError
from chassis.facts import Refusal
from chassis.http.auth import Keys
from chassis.http.internal import InternalRoutes, NoAnswer
from chassis.inside import Inside, with_tls
from contracts.parts import WITH_HTTP, internal_secret, variable_of
from contracts.topics import TOPICS
from deploy.authority import Authority
from deploy.gateway.render import Gateway, put
from deploy.kafka.provision import provision
from deploy.local.engines import Envoy, Kafka
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.monitoring.certificates import Certificates
from deploy.prepare import certify
from tests.kit.guarded import Guarded, guarded_mongo
from tests.kit.services import SETTINGS
from tests.kit.waiting import until

ELSEWHERE = "127.0.0.2"
"""Also loopback, but no certificate is valid there: a wrong name."""

NOTIFY = variable_of(internal_secret("notify", "accounts"))
"""The setting with the token of these two, and the token."""


def placed(text: str, folder: Path, owner: str) -> str:
    """An option of a start script, with the files of this owner."""
    return text.replace("/run/secrets/inside_certificate", str(folder / f"{owner}_tls")).replace(
        "/run/secrets/inside_ca", str(folder / "inside_ca")
    )


class KafkaOverTls(Kafka):
    """A broker with the options of deploy/kafka/start.sh that concern TLS."""

    def __init__(self, folder: Path, root: Path, port: int) -> None:
        super().__init__(folder / "kafka", port, free_port([port]))
        script = (root / "deploy/kafka/start.sh").read_text()
        self._options = [placed(line, folder, "kafka-1") for line in re.findall(r"^ssl\..*$", script, re.MULTILINE)]

    def _config(self) -> str:
        plain = super()._config().replace("CLIENTS://127.0.0.1", "CLIENTS://0.0.0.0", 1)
        return "\n".join([re.sub(r":PLAINTEXT\b", ":SSL", plain), *self._options])


class World:
    """The engines and one service, each with a certificate of its own."""

    def __init__(self, folder: Path, root: Path, mongo: Guarded, kafka: str) -> None:
        self.folder, self.mongo, self.kafka, self.ca = folder, mongo, kafka, str(folder / "inside_ca")
        self.http, self.worker, self.root = free_port(), free_port(), root
        self.trusting = Inside(ca=self.ca)

    def start(self, side: str, port: int) -> Process:
        """A process of accounts, on every address of loopback."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELEVE_")}
        own = {
            "RELEVE_MONGO_URI": self.mongo.uris["accounts"],
            "RELEVE_KAFKA": self.kafka,
            "RELEVE_HTTP_HOST": "0.0.0.0",
            "RELEVE_HTTP_PORT": str(port),
            NOTIFY: NOTIFY,
            "RELEVE_INSIDE_CA": self.ca,
            "RELEVE_INSIDE_CERTIFICATE": str(self.folder / f"accounts-{side}_tls"),
        }
        command = [sys.executable, "-m", "services.accounts.app", side]
        log = self.folder / f"accounts-{side}.log"
        process = Process(f"accounts-{side}", command, log, env={**inherited, **SETTINGS, **own}, cwd=self.root)
        process.start()
        return process

    def healthy(self, port: int) -> bool:
        """As the container's health check finds out."""
        command = [sys.executable, "-I", "-S", str(self.root / "deploy/images/healthy.py")]
        env = {"RELEVE_HTTP_PORT": str(port), "RELEVE_INSIDE_CA": self.ca, "RELEVE_INSIDE_CERTIFICATE": "given"}
        return subprocess.run(command, env=env, capture_output=True, timeout=30, check=False).returncode == 0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("inside")
    certify(folder, datetime.now(UTC))
    options = re.findall(r"--tls\w+(?: (?!--|\\)\S+)?", (root / "deploy/mongo/start.sh").read_text())
    flags = [word for option in options for word in placed(option, folder, "mongo-1").split()]
    with ExitStack() as stack:
        port = free_port()
        kafka = KafkaOverTls(folder, root, port)
        kafka.launch()
        stack.callback(kafka.stop)
        mongo = stack.enter_context(guarded_mongo(folder, flags, str(folder / "inside_ca")))
        kafka.wait()
        broker = Broker(f"127.0.0.1:{port}", ca=str(folder / "inside_ca"))
        until(lambda: kafka_answers(broker))
        provision(broker, TOPICS)
        world = World(folder, root, mongo, broker.servers)
        for side, at in (("http", world.http), ("worker", world.worker)):
            stack.callback(world.start(side, at).stop)
        until(lambda: world.healthy(world.http) and world.healthy(world.worker), 90)
        yield world


def mongo_answers(uri: str) -> bool:
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=1_000) as client:
        try:
            return bool(client.admin.command("ping")["ok"])
        except PyMongoError:
            return False


def test_mongodb_answers_only_clients_that_know_the_authority(world: World) -> None:
    at = f"mongodb://{world.mongo.host}/?directConnection=true"
    assert mongo_answers(with_tls(at, world.ca))
    assert not mongo_answers(at), "in plain text"
    assert not mongo_answers(f"{at}&tls=true"), "the system's authorities do not know it"
    assert not mongo_answers(with_tls(at.replace("127.0.0.1", ELSEWHERE), world.ca)), "under another name"


def kafka_answers(broker: Broker) -> bool:
    options = broker.options() | {"bootstrap_timeout_ms": 1_500, "request_timeout_ms": 1_500}
    try:
        admin = KafkaAdminClient(**options)
    except KafkaError:
        return False
    admin.close()
    return True


def test_kafka_answers_only_clients_that_know_the_authority(world: World) -> None:
    assert kafka_answers(Broker(world.kafka, ca=world.ca))
    assert not kafka_answers(Broker(world.kafka)), "in plain text"
    other = world.folder / "other_ca"
    other.write_text(Authority.new(datetime.now(UTC)).public)
    assert not kafka_answers(Broker(world.kafka, ca=str(other))), "another authority"
    assert not kafka_answers(Broker(world.kafka.replace("127.0.0.1", ELSEWHERE), ca=world.ca)), "under another name"


@pytest.mark.parametrize("client", CLIENTS)
def test_every_library_answers_to_that_authority_alone(
    world: World, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = world.folder / f"other_ca_{client}"
    other.write_text(Authority.new(datetime.now(UTC)).public)
    trusting = Broker(world.kafka, ca=world.ca, client=client)
    assert trusting.clients().answers()
    monkeypatch.setattr("chassis.broker.clients.ANSWER_MS", 1_500)
    monkeypatch.setattr("chassis.broker.with_librdkafka.ANSWER_S", 1.5)
    elsewhere = world.kafka.replace("127.0.0.1", ELSEWHERE)
    for wrong in ({"ca": ""}, {"ca": str(other)}, {"servers": elsewhere}):
        with pytest.raises(BrokerError):
            replace(trusting, **wrong).clients().answers()


@pytest.mark.parametrize("side", ["http", "worker"])
def test_services_answer_only_over_tls_and_under_their_names(world: World, side: str) -> None:
    port = world.http if side == "http" else world.worker
    trusted = world.trusting.client()
    assert trusted is not None
    url = f"https://127.0.0.1:{port}/readyz"
    assert httpx.get(url, verify=trusted).status_code == 200
    with pytest.raises(httpx.TransportError):
        httpx.get(url.replace("https", "http"), timeout=5)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(url)
    with pytest.raises(httpx.ConnectError, match="certificate is not valid for"):
        httpx.get(url.replace("127.0.0.1", ELSEWHERE), verify=trusted)
    with socket.create_connection(("127.0.0.1", port)) as plain, pytest.raises(ssl.SSLCertVerificationError):
        trusted.wrap_socket(plain, server_hostname="projects-http")
    old = world.trusting.client()
    assert old is not None
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, verify=old)


def test_silent_client_does_not_hold_up_the_worker(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.worker)):  # sends no handshake
        assert world.healthy(world.worker)


def test_services_read_public_keys_from_the_worker(world: World) -> None:
    url = f"https://127.0.0.1:{world.worker}/.well-known/jwks.json"
    trusted = world.trusting.client()
    assert trusted is not None
    (key, *_) = httpx.get(url, verify=trusted).json()["keys"]
    assert Keys(url, trusted).get(key["kid"]).key_id == key["kid"]
    assert httpx.get(url.replace(str(world.worker), str(world.http)), verify=trusted).json()["keys"][0] == key
    for other in (Keys(url), Keys(url.replace("127.0.0.1", ELSEWHERE), trusted)):
        with pytest.raises(Refusal) as refused:
            other.get(key["kid"])
        assert refused.value.name == "unavailable"


def test_internal_calls_check_the_other_service(world: World) -> None:
    url = f"https://127.0.0.1:{world.http}"
    with pytest.raises(NoAnswer):  # admitted: nobody has this id
        InternalRoutes(url, NOTIFY, tls=world.trusting.client()).ask("GET", "addresses", "nobody")
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        InternalRoutes(url, NOTIFY, tls=None).ask("GET", "addresses", "nobody")
    elsewhere = InternalRoutes(url.replace("127.0.0.1", ELSEWHERE), NOTIFY, tls=world.trusting.client())
    with pytest.raises(OSError, match="IP address mismatch"):
        elsewhere.ask("GET", "addresses", "nobody")


@pytest.mark.parametrize("host", ["127.0.0.1", ELSEWHERE])
def test_gateway_reaches_services_only_under_their_names(world: World, tmp_path: Path, host: str) -> None:
    port, admin = free_port(), free_port()
    metrics = free_port([port, admin])
    endpoints = {name: ["127.0.0.1:9"] for name in WITH_HTTP} | {"accounts": [f"{host}:{world.http}"]}
    gateway = Gateway(
        port=port, admin_port=admin, metrics_port=metrics, endpoints=endpoints, inside_ca=world.ca,
        inside_certificate=str(world.folder / "gateway_tls"),
    )  # fmt: skip
    put(gateway, tmp_path)
    with Envoy(tmp_path / "envoy.yaml", port, admin) as envoy:
        keys = f"{envoy.url}/.well-known/jwks.json"
        if host == ELSEWHERE:
            stats = f"http://127.0.0.1:{admin}/stats?filter=cluster.accounts.ssl.fail_verify_san"
            until(lambda: int(httpx.get(stats).text.split()[-1]) > 0)
            assert httpx.get(keys).status_code == 503
            return
        until(lambda: envoy.healthy("accounts"))
        assert httpx.get(keys).json()["keys"]
        trusted = world.trusting.client()
        assert trusted is not None
        config = yaml.safe_load((world.root / "deploy/monitoring/prometheus.yaml").read_text())
        (job,) = [job for job in config["scrape_configs"] if job["job_name"] == "gateway"]
        url = f"https://127.0.0.1:{metrics}{job['metrics_path']}"
        page = httpx.get(url, params=job["params"], verify=trusted).text
        assert "envoy_server_days_until_first_cert_expiring" in page
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{metrics}/stats/prometheus", timeout=5)


def test_ends_of_certificates_are_measured(world: World) -> None:
    inside = Inside(world.ca, str(world.folder / "exporter_tls"))
    source = Certificates(Broker(world.kafka, ca=world.ca), with_tls(world.mongo.admin_uri, world.ca), inside)
    try:
        assert list(source.read()) == []
    finally:
        source.close()
    (measured,) = telemetry.CERTIFICATE_ENDS.collect()
    ends = {sample.labels["server"]: sample.value for sample in measured.samples}
    own = inside.ends()
    assert own is not None
    assert ends["exporter"] == own.timestamp()
    assert abs(ends["127.0.0.1"] - own.timestamp()) < 5, "read from the engines themselves"
    trusted = world.trusting.client()
    assert trusted is not None
    told = httpx.get(f"https://127.0.0.1:{world.http}/metrics", verify=trusted).text
    assert 'releve_certificate_ends_timestamp_seconds{server="accounts-http"}' in told
