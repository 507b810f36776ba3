"""A system with one more service and one more client starts them beside the others, and gives each its own settings."""

import json
import subprocess
import sys
from textwrap import indent
from typing import Any

import pytest

from deploy.local import ports
from tests.kit.newcomers import add_client, add_service, copy_of_the_tree
from tests.kit.stand_ins import SERVICE

START = """
import json, sys, urllib.request
from pathlib import Path
from contracts.parts import PARTS
from deploy.local import ports
from deploy.local.system import System
from kafka import KafkaAdminClient

ports.LOWEST, ports.HIGHEST = map(int, sys.argv[2:])  # those of this test process, which no other one chooses

def got(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)

def settings_seen(port):
    return [name for name, value in got(f"http://127.0.0.1:{port}/").items() if name.startswith("RELEVE_") and value]

with System(Path(sys.argv[1]), root=Path.cwd()) as system:
    admin = KafkaAdminClient(bootstrap_servers=system.kafka)
    print(json.dumps({
        "processes": list(system.processes),
        "topics": list(admin.list_topics()),
        "settings_seen": {name: settings_seen(system.port_of(name)) for part in PARTS for name in part.processes},
        "page": got(f"{system.url}/kiosk/page")["RELEVE_HTTP_PORT"] == str(system.port_of("kiosk-http")),
        "rest": got(f"{system.url}/some/page")["RELEVE_HTTP_PORT"] == str(system.port_of("web-http")),
    }))
    admin.close()
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result of a real start of such a tree; its processes only report their settings."""
    tree = copy_of_the_tree(tmp_path_factory.mktemp("newcomers") / "tree")
    add_service(tree)
    add_client(tree)
    for program in [*(tree / "services").glob("*/app.py"), tree / "web/app.py", tree / "kiosk/app.py"]:
        composed, _, _ = program.read_text().partition('if __name__ == "__main__":')  # the API's document needs it
        program.write_text(f'{composed}\nif __name__ == "__main__":\n{indent(SERVICE, "    ")}')
    data = tmp_path_factory.mktemp("system") / "data"
    done = subprocess.run(
        [sys.executable, "-c", START, data, str(ports.LOWEST), str(ports.HIGHEST)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_each_side_of_both_runs_beside_the_others(found: dict[str, Any]) -> None:
    assert {"surveys-http", "surveys-worker", "kiosk-http", "quotes-worker", "envoy"} <= set(found["processes"])
    assert "kiosk-worker" not in found["processes"]
    assert {"releve.surveys.v1", "releve.surveys.dlq"} <= set(found["topics"])
    assert not [name for name in found["topics"] if "kiosk" in name]


def test_each_gets_its_own_secrets_and_the_engines_that_it_uses(found: dict[str, Any]) -> None:
    names = ("kiosk-http", "surveys-worker", "quotes-http")
    kiosk, surveys, quotes = (set(found["settings_seen"][name]) for name in names)
    assert "RELEVE_KIOSK_KEY" in kiosk
    assert not {"RELEVE_MONGO_URI", "RELEVE_KAFKA", "RELEVE_BLIND_SECRET", "RELEVE_INTERNAL_NOTIFY_ACCOUNTS"} & kiosk
    assert {"RELEVE_MONGO_URI", "RELEVE_KAFKA", "RELEVE_BLIND_SECRET"} <= surveys
    assert not {"RELEVE_KIOSK_KEY", "RELEVE_INTERNAL_NOTIFY_ACCOUNTS"} & surveys
    assert not {"RELEVE_KIOSK_KEY", "RELEVE_BLIND_SECRET", "RELEVE_INTERNAL_NOTIFY_ACCOUNTS"} & quotes


def test_paths_reach_the_part_with_the_longest_route(found: dict[str, Any]) -> None:
    assert (found["page"], found["rest"]) == (True, True)
