"""A dry run of "Adding a service" in docs/architecture.md: manual steps and what is derived automatically."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kit.newcomers import add_client, add_service, copy_of_the_tree, files

MADE = {
    "contracts/asyncapi.json", "deploy/compose.yaml",
    "deploy/monitoring/compose.yaml", "deploy/monitoring/prometheus.yaml", "tests/contract/frozen.json",
    *(f"deploy/kubernetes/{name}" for name in (
        "base/fences.yaml", "base/gateway.env", "base/kustomization.yaml", "base/preparation.yaml",
        "base/surveys.yaml", "overlays/production/kustomization.yaml", "scaling/scaling.yaml",
    )),
}  # fmt: skip
"""The files that `make parts` and `make freeze` write."""
MAKE = """
from contracts import asyncapi
from deploy import derive
from deploy.gateway import openapi
from tests.contract import frozen
for made in (openapi, asyncapi, derive, frozen):
    made.main()
"""
LOOK = """
import json
from contracts.parts import DATABASES
from contracts.topics import TOPICS
from deploy.backup import __main__ as backup, logs, places
from deploy.gateway.render import WITH_HTTP, Gateway, render
from deploy.images.__main__ import OURS
from deploy.kafka.access import USERS, rights
from deploy.local.shape import Shape
from deploy.local.system import KEPT
from deploy.mongo.provision import WATCHERS_ROLE
from deploy.monitoring.brokers import LISTENS
from deploy.monitoring.dashboards import FOLDER, dashboards
from deploy.prepare import draws
print(json.dumps({
    "gateway": render(Gateway(port=1, endpoints={name: ["127.0.0.1:2"] for name in WITH_HTTP})),
    "topics": [topic.name for topic in TOPICS], "users": USERS, "databases": DATABASES,
    "rights": sorted(str(right[2:]) for right in rights() if right[0] == "surveys"),
    "watched": [one["resource"]["db"] for one in WATCHERS_ROLE["privileges"]],
    "lag": sorted(LISTENS), "drawn": list(draws()), "kept_apart": sorted(KEPT), "images": OURS,
    "backup": [backup._parser().parse_args(["take", "--service", name]).services for name in DATABASES],
    "in_backup": places.DRAWN, "log": logs.NAMES, "processes": list(Shape(workers=2).processes),
    "dashboards": all((FOLDER / name).read_text() == text for name, text in dashboards().items()),
}))
"""
CHECKS = [
    "tests/test_architecture.py", "tests/unit/test_derive.py", "tests/unit/test_compose.py",
    "tests/unit/test_gateway.py", "tests/unit/test_dashboards.py", "tests/contract/test_settings.py",
    "tests/contract/test_kubernetes.py",
    "tests/contract/test_openapi.py",
    "tests/contract/test_openapi_examples.py", "tests/contract/test_asyncapi.py", "tests/contract/test_events.py",
]  # fmt: skip
ELSEWHERE = ("planted", "build_is_reproducible", "every_consumer_accepts", "as_strict_as")
"""Checks left out: tests of the checks themselves, checks that need engines or do not concern a new part."""


def python(tree: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def failing(tree: Path, checks: Sequence[str] = CHECKS) -> tuple[set[str], str]:
    """The names of the checks that fail in a tree, and their output."""
    chosen = " and ".join(f"not ({name})" for name in ELSEWHERE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-W", "ignore", "-k", chosen, *checks]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout[-2_000:] + done.stderr[-2_000:]
    return set(re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE)), done.stdout


def look(tree: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(python(tree, "-c", LOOK))
    return found


def routes_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    listener = yaml.safe_load(found["gateway"])["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    routes: list[dict[str, Any]] = manager["route_config"]["virtual_hosts"][0]["routes"]
    return routes


@dataclass
class Grown:
    """A tree with one more service: what was written by hand, what was made from it, and what the checks said."""

    tree: Path
    by_hand: set[str]
    made: set[str]
    forgotten: tuple[set[str], str]
    """The checks that failed before anything was made, and their output."""
    left: tuple[set[str], str]
    found: dict[str, Any]


def changed(tree: Path, before: dict[str, str]) -> set[str]:
    return {name for name, digest in files(tree).items() if before.get(name) != digest}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """The dry run for a service; the one for a client goes on from here."""
    tree = copy_of_the_tree(tmp_path_factory.mktemp("grown") / "tree")
    before = files(tree)
    add_service(tree)
    by_hand, after_hand = changed(tree, before), files(tree)
    forgotten = failing(tree, ["tests/unit/test_derive.py"])
    python(tree, "-c", MAKE)
    return Grown(tree, by_hand, changed(tree, after_hand), forgotten, failing(tree), look(tree))


def test_sixth_service_needs_only_folder_registry_entry_and_events(grown: Grown) -> None:
    own = {name for name in grown.by_hand if name.startswith("services/surveys/")}
    assert grown.by_hand - own == {
        "contracts/parts.py", "contracts/events.py", "contracts/facts.py",
        "contracts/examples/survey.published.json",
    }  # fmt: skip

    forgotten, said = grown.forgotten
    assert "test_files_derived_from_the_registry_are_current" in forgotten
    assert "run make parts" in said
    assert "surveys-worker" in said

    assert grown.made == MADE
    left, said = grown.left
    assert left == {"test_routes_match_the_pinned_list"}, said[-4_000:]
    assert "get /api/surveys/count" in said, "public routes are pinned by hand; the test names the new one"

    found, tree = grown.found, grown.tree
    route = {"match": {"path_separated_prefix": "/api/surveys"}, "route": {"cluster": "surveys"}}
    assert route in routes_of(found)
    assert {"releve.surveys.v1", "releve.surveys.dlq"} <= set(found["topics"])
    assert "surveys" in found["users"]
    assert len(found["rights"]) == 5, "its topic, dead letters twice, consumer group, the topic of accounts"
    assert "releve_surveys" in found["watched"]
    assert "surveys" in found["lag"]
    assert {"surveys_kafka", "surveys_mongo"} <= set(found["drawn"])
    assert ["surveys"] in found["backup"]
    assert {"surveys-http", "surveys-worker", "surveys-worker-2"} <= set(found["processes"])
    assert "surveys" in found["images"]
    assert found["dashboards"], "the dashboards show every part by its label"
    compose = yaml.safe_load((tree / "deploy/compose.yaml").read_text())
    assert {"surveys-http", "surveys-worker"} <= compose["services"].keys()
    paths = json.loads((tree / "build/api/openapi.json").read_text())["paths"]
    assert paths["/api/surveys/count"]["get"]["tags"] == ["surveys"]


def test_client_of_one_process_needs_only_folder_and_entry(grown: Grown) -> None:
    tree, without = grown.tree, grown.found
    before = files(tree)
    add_client(tree)
    by_hand = changed(tree, before)
    assert {name for name in by_hand if not name.startswith("kiosk/")} == {"contracts/parts.py"}
    python(tree, "-c", MAKE)
    written = changed(tree, before) - by_hand
    assert written == {
        "deploy/compose.yaml", "deploy/monitoring/compose.yaml", "deploy/monitoring/prometheus.yaml",
        *(f"deploy/kubernetes/{name}" for name in (
            "base/fences.yaml", "base/gateway.env", "base/kiosk.yaml", "base/kustomization.yaml",
            "overlays/production/kustomization.yaml", "scaling/scaling.yaml",
        )),
    }  # fmt: skip
    left, said = failing(tree, CHECKS[:6])
    assert left == {
        "test_every_setting_is_documented_and_every_documented_setting_is_read",
        "test_every_module_is_covered_by_an_import_contract",
    }, said[-4_000:]
    assert "RELEVE_KIOSK_KEY" in said
    assert "'kiosk.app'" in said

    found = look(tree)
    for what in ("topics", "users", "databases", "rights", "watched", "lag", "backup", "log"):
        assert found[what] == without[what], f"{what}: a client stores nothing and consumes nothing"
    assert set(found["processes"]) - set(without["processes"]) == {"kiosk-http"}
    assert set(found["drawn"]) - set(without["drawn"]) == {"kiosk_key"}
    assert "RELEVE_KIOSK_KEY" in found["kept_apart"]
    assert "RELEVE_KIOSK_KEY" in found["in_backup"]
    route = {"match": {"path_separated_prefix": "/kiosk"}, "route": {"cluster": "kiosk"}}
    assert route in routes_of(found)
    assert "/kiosk/links" in found["gateway"], "its tokens must stay out of the gateway's log"
    compose = yaml.safe_load((tree / "deploy/compose.yaml").read_text())["services"]
    own = {"source": "kiosk-http_tls", "target": "inside_certificate"}
    assert compose["kiosk-http"]["secrets"] == ["kiosk_key", "inside_ca", own]
    assert compose["kiosk-http"]["networks"] == ["kiosk", "gateway-kiosk"]
    assert not {"RELEVE_KAFKA", "RELEVE_MONGO_URI_FILE"} & compose["kiosk-http"]["environment"].keys()
    assert compose["gateway"]["depends_on"]["kiosk-http"] == {"condition": "service_healthy"}
