"""Checks deploy/compose.yaml: confinement of containers, access to secrets, settings that are passed through."""

import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.parts import PARTS, Part, part_of, variable_of

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
    assert all(port.startswith("${RELEVE_BIND:-127.0.0.1}:") for port in published["gateway"])


def test_every_container_is_confined(compose: Any) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), name
        assert service["mem_limit"], name


def test_only_listed_containers_reach_external_networks(compose: Any) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    outside = {name for name, service in compose["services"].items() if "edge" in service.get("networks", ())}
    assert outside == {"gateway", *(f"{part.name}-{side}" for part in PARTS for side in part.outside)}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_part_sees_its_own_passwords_and_no_others(compose: Any, part: Part) -> None:
    own = {f"{part.name}_kafka"} if part.on_kafka else set()
    own |= {f"{part.name}_mongo"} if part.database else set()
    for name in part.processes:
        given = compose["services"][name].get("secrets", [])
        names = {secret if isinstance(secret, str) else secret["source"] for secret in given}
        assert names == own | set(part.secrets)
        told = {key for key in compose["services"][name]["environment"] if key.endswith("_FILE")}
        assert told == {f"{variable_of(secret)}_FILE" for secret in part.secrets} | {
            *(["RELEVE_KAFKA_PASSWORD_FILE"] if part.on_kafka else []),
            *(["RELEVE_MONGO_URI_FILE"] if part.database else []),
        }


@pytest.mark.parametrize(
    ("name", "secrets", "outside"),
    [
        ("accounts", {"internal_token", "blind_secret"}, ()),
        ("projects", {"blind_secret"}, ()),
        ("matching", {"blind_secret"}, ()),
        ("quotes", set(), ()),
        ("notify", {"internal_token", "smtp_password"}, ("worker",)),
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
    assert {*compose["secrets"], *included} == {*draws(), "gateway_certificate", "gateway_key"}


def test_secrets_are_generated_once_in_a_private_folder(tmp_path: Path) -> None:
    from deploy.prepare import prepare

    folder = tmp_path / "secrets"
    prepare(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert len(set(before.values())) == len(before)
    (folder / "quotes_kafka").unlink()
    assert prepare(folder) == ["quotes_kafka"]
    after = {path.name: path.read_text() for path in folder.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"quotes_kafka"}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_rehearsals_newer_version_still_applies(root: Path, tmp_path: Path) -> None:
    from tests.rehearsal.newer import CHANGES, make_newer

    newer = make_newer(root, tmp_path / "tree")
    for file, (line, below) in CHANGES.items():
        assert line + below in (newer / file).read_text()
