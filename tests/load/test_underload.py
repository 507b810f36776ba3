"""A load beside a measurement: it begins, ends by itself, and tells what it found."""

from pathlib import Path

import pytest

from benchmarks import underload
from deploy.local.process import StartError
from deploy.local.system import System
from tests.load.target import OWN


def test_load_without_a_running_system_is_an_error_with_its_reason(tmp_path: Path) -> None:
    stopped = System(tmp_path / "data")
    with pytest.raises(StartError, match=r"the load did not start: .+"), underload.load(stopped, tmp_path, 1_000, 1):
        pytest.fail("the body must not run")


def test_load_sends_for_its_time_and_tells_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underload, "WARMS_UP_S", 1)
    with System(tmp_path / "data", settings=OWN) as system, underload.load(system, tmp_path, 20_000, 15) as running:
        assert running.sends
        found = running.found()
        assert not running.sends
    assert (found["a_day"], found["errors"], found["unfinished"]) == (20_000, 0, 0)
    assert found["stories"] > 0
    assert found["requests"] > 20 * found["stories"]
