"""A small `make load` on its own system: stories, the report, objectives, the five-quote rule in the store."""

import json
from pathlib import Path
from typing import Any

import psutil
import pytest

from chassis.mongo import Documents
from tests.kit.oracle import five
from tests.load.__main__ import main

IMPOSSIBLE = "POST /api/quotes"
PATIENT = {"*": 60_000, "POST /api/projects": 60_000, "POST /api/projects/{id}/acceptance": 60_000}
"""Objectives that always hold except the impossible one, because tests share a noisy machine."""


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path, list[str], set[int]]:
    """The exit status, the report's folder, the output, and the left-over processes."""
    folder, said = tmp_path_factory.mktemp("load"), list[str]()
    wanted = folder / "objectives.json"
    patient_news = {"invited": 60, "window-ended": 60, "chosen": 60}
    wanted.write_text(json.dumps({
        "p99_ms": {**PATIENT, IMPOSSIBLE: 0.001}, "news_p99_s": patient_news, "lag_gone_s": 60, "outbox_gone_s": 60,
    }))  # fmt: skip
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    status = main(["--smoke", "--objectives", str(wanted), "--out", str(folder / "out")], said.append)
    after = {process.pid for process in psutil.Process().children(recursive=True) if not lives_on(process)}
    return status, folder / "out", said, after - before


def lives_on(process: psutil.Process) -> bool:
    """Whether this is the process that ends the others if the test is killed, or the one that forks them: both live as
    long as the test."""
    return any(part.endswith(("warden.py", "deploy.local.seed")) for part in process.cmdline())


@pytest.fixture(scope="module")
def figures(smoke: tuple[int, Path, list[str], set[int]]) -> Any:
    """The figures of the JSON report."""
    return json.loads((smoke[1] / "load.json").read_text())


def test_every_project_is_played_to_its_end(figures: Any) -> None:
    (level,) = figures["levels"]
    assert (level["stories"], level["unfinished"], level["why_unfinished"]) == (6, 0, {})
    assert (level["errors"], level["what_failed"]) == (0, {})
    assert level["requests"] > 30 * level["stories"]
    assert {"invited", "window-ended", "chosen"} <= level["news"].keys()
    assert level["violations"] == level["stored_violations"] == []


def test_impossible_objective_fails_the_run_with_its_line(
    smoke: tuple[int, Path, list[str], set[int]], figures: Any
) -> None:
    status, _, said, _ = smoke
    assert status == 1
    (broken,) = figures["broke"]
    assert f"p99 of {IMPOSSIBLE}" in broken
    assert f"✗ {broken}" in said


def test_report_shows_internal_figures(smoke: tuple[int, Path, list[str], set[int]], figures: Any) -> None:
    assert figures["blind"] == []
    assert figures["levels"][0]["inside"].keys() >= {"lag_most", "lag_gone_s", "outbox_gone_s", "dead_letters"}
    seen = figures["inside"]["held"][-1]
    assert seen["processes"].keys() >= {"quotes-worker", "mongo", "kafka", "envoy", "(generator)"}
    assert seen["collections"]["quotes.rounds"] == 6
    page = (smoke[1] / "load.html").read_text()
    assert page.count("<svg") >= 5
    assert "POST /api/projects/{id}/acceptance" in page


def test_nothing_is_left_running(smoke: tuple[int, Path, list[str], set[int]]) -> None:
    assert smoke[3] == set()


def test_sixth_stored_slot_or_quote_is_found(database: Documents) -> None:
    slots = [{"account": str(number), "quote_id": str(number)} for number in range(6)]
    database["rounds"].insert_many([{"_id": "honest", "slots": slots[:5]}, {"_id": "six", "slots": slots}])
    sealed = [{"project_id": "honest", "state": "sealed"} for _ in range(5)]
    database["quotes"].insert_many([*sealed, {"project_id": "honest", "state": "withdrawn"}])
    assert five.stored(database) == ["six: 6 slots are taken"]
    database["quotes"].insert_many([{"project_id": "six", "state": "sealed"} for _ in range(6)])
    assert five.stored(database) == ["six: 6 slots are taken", "six: 6 live quotes are stored"]
