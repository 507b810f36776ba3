"""A test run keeps its files in memory if there is room, and removes them at its end."""

import os
import subprocess
import sys
from pathlib import Path

from tests.kit import scratch


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_folder_with_enough_room_is_chosen(tmp_path: Path) -> None:
    assert scratch.folder(tmp_path, room=1) == tmp_path / f"releve-tests-{os.getpid()}"


def test_no_folder_is_chosen_without_room_or_memory(tmp_path: Path) -> None:
    assert scratch.folder(tmp_path, room=1 << 60) is None
    assert scratch.folder(tmp_path / "missing", room=1) is None


def test_only_folders_of_ended_runs_are_removed(tmp_path: Path) -> None:
    dead, running = tmp_path / f"releve-tests-{dead_process()}", tmp_path / f"releve-tests-{os.getppid()}"
    for place in (dead, running):
        (place / "data").mkdir(parents=True)
    scratch.folder(tmp_path, room=1)
    assert not dead.exists()
    assert running.exists()


def test_only_the_runs_own_folder_is_removed(tmp_path: Path) -> None:
    mine, other = tmp_path / f"releve-tests-{os.getpid()}", tmp_path / "somewhere"
    mine.mkdir()
    other.mkdir()
    for place in (mine, other):
        scratch.give_back(place)
    assert not mine.exists()
    assert other.exists()
