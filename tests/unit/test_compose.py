"""Checks deploy/compose.yaml: confinement of containers, access to secrets, settings that are passed through."""

import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from contracts.parts import ISSUER, PAIRS, PARTS, Part, part_of, variable_of
from deploy.authority import BROKERS, LASTS, MEMBERS, OWNERS, RENEWED_BEFORE, Authority
from deploy.prepare import certify

NOT_PASSED = {"RELEVE_DB_PREFIX", "RELEVE_HTTP_HOST", "RELEVE_HTTP_PORT", "RELEVE_KAFKA_CA"}
"""Settings fixed by the image or the network of a service; external brokers need a mounted file as well."""


@pytest.fixture(scope="module")
def compose(root: Path) -> Any:
    return yaml.safe_load((root / "deploy/compose.yaml").read_text())


def sides(compose: Any) -> dict[str, Any]:
    return {name: compose["services"][name] for part in PARTS for name in part.processes}


def test_every_side_of_a_part_can_be_scaled(compose: Any) -> None:
    for name, side in sides(compose).items():
        assert side["command"] == [name.rpartition("-")[2]]
        assert not side.keys() & {"container_name", "ports", "hostname"}, name


def test_container_health_is_readiness_and_is_not_overridden(compose: Any, root: Path) -> None:
    """The image probes `/readyz`, which fails while a worker's consumer receives nothing."""
    assert 'CMD ["python", "-I", "-S", "/usr/local/bin/healthy.py"]' in (root / "deploy/Dockerfile").read_text()
    for name, side in sides(compose).items():
        assert "healthcheck" not in side, name


@pytest.mark.parametrize(("path", "status", "healthy"), [("/readyz", 200, True), ("/readyz", 503, False),
                                                         ("/healthz", 200, False)])  # fmt: skip
def test_health_check_probes_readiness(root: Path, path: str, status: int, healthy: bool) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == path else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps the test's output free of request logs."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        asked = subprocess.run(
            [sys.executable, "-I", "-S", root / "deploy/images/healthy.py"],
            env={"RELEVE_HTTP_PORT": str(server.server_port)}, capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        server.shutdown()
        thread.join()
    assert (asked.returncode == 0) is healthy


def test_only_the_gateway_publishes_a_port_by_default_on_loopback(compose: Any) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert list(published) == ["gateway"]
    public, operators = published["gateway"]
    assert public.startswith("${RELEVE_BIND:-127.0.0.1}:")
    assert operators.startswith("${RELEVE_OPERATORS_BIND:-127.0.0.1}:"), "a public gateway keeps it on loopback"
    rendered = compose["services"]["gateway-config"]["environment"]
    assert [public.rpartition(":")[2], operators.rpartition(":")[2]] == [
        rendered["RELEVE_PORT"], rendered["RELEVE_OPERATORS_PORT"],
    ]  # fmt: skip


def test_every_container_is_confined(compose: Any) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert 0 < service["pids_limit"] <= 4096, name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), name
        assert service["mem_limit"], name


def test_only_listed_containers_reach_external_networks(compose: Any) -> None:
    internal = {name for name, network in compose["networks"].items() if network and network["internal"] is True}
    assert internal == compose["networks"].keys() - {"edge"}
    outside = {name for name, service in compose["services"].items() if "edge" in service.get("networks", ())}
    assert outside == {"gateway", *(f"{part.name}-{side}" for part in PARTS for side in part.outside)}


@pytest.fixture(scope="module")
def every(compose: Any, root: Path) -> Any:
    """All services, those of monitoring too."""
    return compose["services"] | yaml.safe_load((root / "deploy/monitoring/compose.yaml").read_text())["services"]


def reached(services: Any, name: str) -> set[str]:
    """The services that share an internal network with this one."""
    own = set(services[name].get("networks", ())) - {"edge"}
    return {other for other, service in services.items() if own & set(service.get("networks", ()))} - {name}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_part_reaches_only_what_it_needs(every: Any, part: Part) -> None:
    engines = {*(BROKERS if part.on_kafka else ()), *(MEMBERS if part.database else ())}
    for name, side in zip(part.processes, part.sides, strict=True):
        calls = {other for caller, other in PAIRS if caller == part.name}
        callers = {caller for caller, other in PAIRS if other == part.name} if side == "http" else set()
        allowed = {*part.processes, *engines, "gateway", "prometheus", f"{ISSUER}-worker"}
        allowed |= {f"{called}-http" for called in calls}
        allowed |= {f"{caller}-{end}" for caller in callers for end in part_of(caller).sides}
        allowed |= {"mail"} if side in part.outside else set()
        if name == f"{ISSUER}-worker":  # every part reads its public keys, and a network has no direction
            allowed |= {process for other in PARTS for process in other.processes}
        for called in calls:  # the other callers of the same part are on networks of their own
            assert f"{called}-http" in reached(every, name)
        assert reached(every, name) <= allowed, name


def test_quotes_cannot_reach_the_http_side_of_accounts(every: Any) -> None:
    for name in part_of("quotes").processes:
        assert "accounts-http" not in reached(every, name)
        assert reached(every, name) & {f"{part.name}-http" for part in PARTS} <= {"quotes-http"}


def test_gateway_and_prometheus_cannot_reach_the_engines(every: Any) -> None:
    for name in ("gateway", "prometheus", "grafana", "mail"):
        assert not reached(every, name) & {*BROKERS, *MEMBERS}, name
    assert reached(every, "exporter") >= {*BROKERS, *MEMBERS}
    assert every["gateway-config"]["network_mode"] == "none"


def test_every_network_of_a_container_is_defined(compose: Any, every: Any) -> None:
    used = {network for service in every.values() for network in service.get("networks", ())}
    assert used == compose["networks"].keys()


def test_no_two_networks_share_addresses(compose: Any) -> None:
    subnets = [network["ipam"]["config"][0]["subnet"] for network in compose["networks"].values() if network]
    assert len(subnets) == len(set(subnets)) == len(compose["networks"]) - 1
    for subnet in subnets:
        assert 0 <= int(subnet.split(".")[-2]) <= 255


def test_each_private_key_is_given_to_its_owner_only(every: Any) -> None:
    holders: dict[str, list[str]] = {}
    for name, service in every.items():
        for secret in service.get("secrets", ()):
            source = secret if isinstance(secret, str) else secret["source"]
            holders.setdefault(source, []).append(name)
    assert {name: holders[f"{name}_tls"] for name in OWNERS} == {name: [name] for name in OWNERS}
    assert "inside_authority" not in holders, "its key signs every certificate"


def test_every_listener_of_the_engines_uses_tls(root: Path) -> None:
    kafka = (root / "deploy/kafka/start.sh").read_text()
    (protocols,) = re.findall(r"^listener.security.protocol.map=(.*)$", kafka, re.MULTILINE)
    (listeners,) = re.findall(r"^listeners=(.*)$", kafka, re.MULTILINE)
    named = dict(pair.split(":") for pair in protocols.split(","))
    assert set(named.values()) == {"SASL_SSL"}
    assert {listener.partition(":")[0] for listener in listeners.split(",")} == named.keys()
    assert "ssl.endpoint.identification.algorithm=https" in kafka
    assert "--tlsMode requireTLS" in (root / "deploy/mongo/start.sh").read_text()


def test_every_process_trusts_the_authority_and_calls_over_tls(every: Any) -> None:
    plain = {"grafana", "prometheus", "mail", "gateway"}
    for name, service in every.items():
        settings = service.get("environment", {})
        if name not in {*plain, *BROKERS, *MEMBERS}:
            assert settings["RELEVE_INSIDE_CA"] == "/run/secrets/inside_ca", name
        if name in {process for part in PARTS for process in part.processes}:
            assert settings["RELEVE_INSIDE_CERTIFICATE"] == "/run/secrets/inside_certificate", name
        urls = [value for key, value in settings.items() if re.fullmatch("RELEVE_(?!PUBLIC)[A-Z]+_URL", key)]
        assert all(url.startswith("https://") for url in urls), name


def test_prometheus_checks_each_process_by_its_name(root: Path) -> None:
    config = yaml.safe_load((root / "deploy/monitoring/prometheus.yaml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert jobs.keys() == {*(name for part in PARTS for name in part.processes), "exporter", "gateway"}
    for name, job in jobs.items():
        assert (job["scheme"], job["tls_config"]) == (
            "https", {"ca_file": "/run/secrets/inside_ca", "server_name": name},
        ), name  # fmt: skip


def test_certificates_name_their_owners_and_are_renewed_before_the_end(tmp_path: Path) -> None:
    began = datetime(2030, 1, 1, tzinfo=UTC)
    everything = certify(tmp_path, began)
    assert set(everything) == {"inside_authority", "inside_ca", *(f"{owner}_tls" for owner in OWNERS)}
    authority = Authority.parse((tmp_path / "inside_authority").read_bytes())
    for owner, names in OWNERS.items():
        found = x509.load_pem_x509_certificate((tmp_path / f"{owner}_tls").read_bytes())
        found.verify_directly_issued_by(authority.certificate)
        stated = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert stated.get_values_for_type(x509.DNSName) == [*names, "localhost"]
        uses = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert (ExtendedKeyUsageOID.CLIENT_AUTH in uses) is (owner in MEMBERS), owner
        assert ExtendedKeyUsageOID.SERVER_AUTH in uses
        assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certify(tmp_path, began + LASTS - RENEWED_BEFORE - timedelta(days=1)) == []
    renewed = certify(tmp_path, began + LASTS - RENEWED_BEFORE + timedelta(days=1))
    assert set(renewed) == {f"{owner}_tls" for owner in OWNERS}, "the authority stays"
    (tmp_path / "quotes-http_tls").write_text(Authority.new(began).issue(["quotes-http"], began))
    assert certify(tmp_path, began + timedelta(days=1)) == ["quotes-http_tls"], "another authority issued it"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_part_sees_its_own_passwords_and_no_others(compose: Any, part: Part) -> None:
    own = {f"{part.name}_kafka"} if part.on_kafka else set()
    own |= {f"{part.name}_mongo"} if part.database else set()
    for name in part.processes:
        given = compose["services"][name].get("secrets", [])
        names = {secret if isinstance(secret, str) else secret["source"] for secret in given}
        assert names == own | set(part.secrets) | {"inside_ca", f"{name}_tls"}
        told = {key for key in compose["services"][name]["environment"] if key.endswith("_FILE")}
        assert told == {f"{variable_of(secret)}_FILE" for secret in part.secrets} | {
            *(["RELEVE_KAFKA_PASSWORD_FILE"] if part.on_kafka else []),
            *(["RELEVE_MONGO_URI_FILE"] if part.database else []),
        }


@pytest.mark.parametrize(
    ("name", "secrets", "outside"),
    [
        (
            "accounts",
            {"internal_notify_accounts", "internal_accounts_projects", "blind_secret", "master_key_accounts"},
            (),
        ),
        ("projects", {"internal_accounts_projects", "blind_secret", "master_key_projects"}, ()),
        ("matching", {"blind_secret"}, ()),
        ("quotes", {"sketch_secret", "master_key_quotes"}, ()),
        ("programmes", {"internal_notify_programmes", "blind_secret", "master_key_programmes"}, ()),
        ("notify", {"internal_notify_accounts", "internal_notify_programmes", "smtp_password"}, ("worker",)),
    ],
)
def test_secrets_and_networks_of_these_parts_are_pinned(name: str, secrets: set[str], outside: tuple[str, ...]) -> None:
    assert (set(part_of(name).secrets), part_of(name).outside) == (secrets, outside)


def test_every_setting_of_a_service_is_passed_to_its_containers(compose: Any, root: Path) -> None:
    read = {
        name
        for part in ("chassis", "services")
        for path in (root / part).rglob("*.py")
        for name in re.findall(r"\bRELEVE_[A-Z][A-Z_]*[A-Z]\b", path.read_text())
    } - {"RELEVE_X"}
    passed = {name.removesuffix("_FILE") for side in sides(compose).values() for name in side["environment"]}
    assert read - passed - {"RELEVE_X_FILE"} == NOT_PASSED & read


def test_every_referenced_secret_is_generated(compose: Any, root: Path) -> None:
    from deploy.prepare import draws

    included = yaml.safe_load((root / "deploy/monitoring/compose.yaml").read_text())["secrets"]
    inside = {"inside_ca", *(f"{owner}_tls" for owner in OWNERS)}
    assert {*compose["secrets"], *included} == {*draws(), *inside, "gateway_certificate", "gateway_key"}


def test_secrets_are_generated_once_in_a_private_folder(tmp_path: Path) -> None:
    from deploy.prepare import prepare

    folder = tmp_path / "secrets"
    prepare(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert len(set(before.values())) == len(before)
    (folder / "quotes_kafka").unlink()
    assert prepare(folder) == ["quotes_kafka"]
    assert (folder / "inside_authority").stat().st_mode & 0o777 == 0o400
    after = {path.name: path.read_text() for path in folder.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"quotes_kafka"}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_rehearsals_newer_version_still_applies(root: Path, tmp_path: Path) -> None:
    from tests.rehearsal.newer import CHANGES, make_newer

    newer = make_newer(root, tmp_path / "tree")
    for file, (line, below) in CHANGES.items():
        assert line + below in (newer / file).read_text()
