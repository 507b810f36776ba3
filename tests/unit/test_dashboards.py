"""The committed dashboards match their generator and the schema of Grafana's own library."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.monitoring.dashboards import FOLDER, SOURCE, dashboards

MONITORING = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
NAMES = sorted(dashboards())
WIDTH = 24


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (panel for panel in board["panels"] if panel["type"] != "row")


def squares(panel: dict[str, Any]) -> set[tuple[int, int]]:
    at = panel["gridPos"]
    return {(at["x"] + right, at["y"] + down) for right in range(at["w"]) for down in range(at["h"])}


def test_committed_dashboards_match_the_generator() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == NAMES
    for name, text in dashboards().items():
        assert (FOLDER / name).read_text() == text, "run: python -m deploy.monitoring.dashboards"


@pytest.mark.parametrize("name", NAMES)
def test_dashboard_survives_a_round_trip_through_grafanas_schema(name: str) -> None:
    board = json.loads((FOLDER / name).read_text())
    read = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert read == board


@pytest.mark.parametrize("name", NAMES)
def test_dashboard_can_be_provisioned(name: str) -> None:
    board = json.loads((FOLDER / name).read_text())
    assert re.fullmatch(r"[a-z-]{1,40}", board["uid"])
    assert board["schemaVersion"] >= 36
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = squares(panel)
        assert not taken & place, f"{panel['title']} overlaps another panel"
        assert max(x for x, _ in place) < WIDTH
        taken |= place
    for panel in panels(board):
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["targets"], f"{panel['title']} has no query"
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters)
        for target in panel["targets"]:
            assert target["expr"].count("(") == target["expr"].count(")")


def test_provisioned_paths_match_dashboards_and_containers() -> None:
    sources = yaml.safe_load((MONITORING / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    [source] = sources["datasources"]
    assert (source["type"], source["uid"]) == (SOURCE.type_val, SOURCE.uid)
    for text in dashboards().values():
        used = {json.dumps(target["datasource"]) for panel in panels(json.loads(text)) for target in panel["targets"]}
        assert {json.loads(one)["uid"] for one in used} == {source["uid"]}
    [provider] = yaml.safe_load((MONITORING / "grafana/provisioning/dashboards/releve.yaml").read_text())["providers"]
    services = yaml.safe_load((MONITORING / "compose.yaml").read_text())["services"]
    mounted = dict(volume.split(":")[:2] for volume in services["grafana"]["volumes"])
    assert mounted["./grafana/dashboards"] == provider["options"]["path"]
    assert source["url"] == "http://prometheus:9090"
    for path in (one for service in services.values() for one in service.get("volumes", [])):
        host = path.split(":")[0]
        assert not host.startswith("./") or (MONITORING / host).exists()
