"""The load on a system without faults: projects end in every way, programmes close, and the checker finds nothing."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.parts import DATABASES
from contracts.topics import SERVICES
from deploy.local.system import System
from tests.faults import ledger
from tests.faults.collect import collect
from tests.faults.load import CLIENTS, Load
from tests.faults.probe import Probe
from tests.kit import waves
from tests.kit.oracle.checker import Evidence, check, lateness
from tests.kit.waiting import until

BEGUN = 12
SEED = 5
WINDOW = timedelta(seconds=12)
PATIENCE_S = 240
"""Twelve projects take less than half a minute; a busy machine may be far slower."""
SEEN = {
    ("POST", "/api/projects"),
    ("POST", "/api/quotes"),
    ("PATCH", "/api/quotes/{quote_id}"),
    ("POST", "/api/projects/{project_id}/acceptance"),
    ("POST", "/api/projects/{project_id}/cancellation"),
    ("POST", "/api/programmes/{programme_id}/pairs/{mentor_ref}/{mentee_ref}/answer"),
    ("POST", "/api/programmes/{programme_id}/closing"),
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with its own engines: the checker reads everything, and other tests leave data behind."""
    settings = {
        "RELEVE_WAVE_SIZE": "8",
        **waves.FIXED,
        "RELEVE_HASH_TIME_COST": "1",
        "RELEVE_HASH_MEMORY_KIB": "64",
    }
    with System(tmp_path_factory.mktemp("system"), settings=settings) as running:
        yield running


def done(path: Path) -> Counter[tuple[str, str]]:
    """Number of acknowledged writes so far, by method and route."""
    attempts = ledger.read(path)[1]
    return Counter((one["method"], one["route"]) for one in attempts if one["status"] in (200, 201, 204))


def test_load_on_a_sound_system_has_no_findings(system: System, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with Load(system.url, path, rate=1.0, seed=SEED, window=WINDOW, mails=system.mails) as load:
        until(lambda: load.begun >= BEGUN and done(path).keys() >= SEEN, PATIENCE_S)
    kept: list[Evidence] = []

    def sound() -> bool:
        kept[:] = [collect(system, path)]
        found = check(kept[0])
        print(*found[:20], sep="\n")
        return not found

    until(sound, PATIENCE_S, every_s=1)
    [evidence] = kept
    assert Counter(person["role"] for person in evidence.people)["client"] == CLIENTS
    writes = sum(times for (method, _), times in done(path).items() if method != "GET")
    assert writes == len(load.acknowledged)
    assert {service for _, service in load.acknowledged} == set(DATABASES)
    states = {row["state"] for row in evidence.rows("projects", "projects")}
    assert "cancelled" in states
    assert states & {"awarded", "completed"}
    assert min(lateness(evidence).values()) > -0.01


def test_probe_writes_to_every_service(system: System) -> None:
    with Probe(system.url) as probe:
        until(lambda: probe.since(0.0) == set(SERVICES), PATIENCE_S)
