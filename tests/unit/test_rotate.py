"""The command that rotates master keys: versions in files, resuming, and what it refuses."""

import os
import stat
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from chassis.masters import parse, text_of
from contracts.parts import ROTATED
from deploy.rotate import SETTLED_S, Owner, Stopped, main, owners_of, retire, rotate

KEY = "0a" * 32


class Services:
    """Services whose stored keys are counted by version; `rewrap` obeys the file."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.stored = {name: Counter({"1": 3}) for name in names}
        self.owners = []
        self.dies = ""
        """The service whose rewrapping is killed."""
        for name in names:
            (folder / name).write_text(KEY + "\n")
            (folder / name).chmod(0o444)
            os.utime(folder / name, (0, 0))
            self.owners.append(Owner(name, folder / name, lambda side, name=name: self.run(name, side)))  # type: ignore[misc]
        self.said: list[str] = []

    def run(self, name: str, side: str) -> Mapping[str, object]:
        stored, newest = self.stored[name], max(self.versions()[name])
        if side in ("rewrap", "retire"):
            if name == self.dies:
                raise Stopped("killed")
            self.stored[name] = stored = Counter({str(newest): stored.total()})
        return {"versions": dict(stored), "rewrapped": stored.total(), "unopened": 0}

    def versions(self) -> dict[str, set[int]]:
        return {owner.name: set(owner.keys()) for owner in self.owners}


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(tmp_path, "accounts", "projects")


def test_rotation_adds_a_version_everywhere_and_rewraps(services: Services) -> None:
    inodes = [owner.file.stat().st_ino for owner in services.owners if owner.file]
    rotate(services.owners, services.said.append)
    assert services.versions() == {"accounts": {1, 2}, "projects": {1, 2}}
    assert services.stored == {"accounts": {"2": 3}, "projects": {"2": 3}}
    files = [owner.file for owner in services.owners if owner.file]
    assert [file.stat().st_ino for file in files] == inodes, "containers mount the file itself"
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o444}
    assert len({tuple(owner.keys().values()) for owner in services.owners}) == 2
    assert KEY not in "".join(services.said)


@pytest.mark.parametrize("dies", ["accounts", "projects"])
def test_rotation_that_was_cut_off_is_continued(services: Services, dies: str) -> None:
    services.dies = dies
    with pytest.raises(Stopped):
        rotate(services.owners, services.said.append)
    services.dies = ""
    rotate(services.owners, services.said.append)
    assert services.versions() == {"accounts": {1, 2}, "projects": {1, 2}}
    assert services.stored == {"accounts": {"2": 3}, "projects": {"2": 3}}
    rotate(services.owners, services.said.append)
    assert services.versions()["projects"] == {1, 2, 3}


def test_rotation_cut_off_between_two_files_is_continued(services: Services) -> None:
    first = services.owners[0].file
    assert first
    first.chmod(0o644)
    first.write_text(text_of({1: bytes.fromhex(KEY), 2: bytes(32)}))
    services.stored["accounts"] = Counter()
    services.stored["projects"] = Counter()
    rotate(services.owners, services.said.append)
    assert services.versions() == {"accounts": {1, 2}, "projects": {1, 2}}


def test_dry_run_changes_nothing(services: Services) -> None:
    rotate(services.owners, services.said.append, dry=True)
    retire(services.owners, services.said.append, dry=True)
    assert services.versions() == {"accounts": {1}, "projects": {1}}
    assert services.stored["projects"] == {"1": 3}
    assert any("projects: at version 1; 3 keys under version 1" in line for line in services.said)


def test_older_versions_are_removed_once_nothing_needs_them(services: Services) -> None:
    waited: list[float] = []
    rotate(services.owners, services.said.append)
    retire(services.owners, services.said.append, wait=waited.append)
    assert services.versions() == {"accounts": {2}, "projects": {2}}
    assert all(0 < seconds <= SETTLED_S for seconds in waited)
    assert len(waited) == 2


def test_older_version_that_a_stored_key_needs_is_not_removed(services: Services) -> None:
    rotate(services.owners, services.said.append)
    late = Owner("late", services.owners[0].file, lambda _: {"versions": {"1": 1}, "rewrapped": 0, "unopened": 0})
    with pytest.raises(Stopped, match="1 keys under version 1; rotate again"):
        retire([late], services.said.append, wait=lambda _: None)
    lost = Owner("lost", services.owners[0].file, lambda _: {"versions": {"1": 1}, "rewrapped": 0, "unopened": 1})
    with pytest.raises(Stopped, match="1 stored keys do not open"):
        retire([lost], services.said.append, wait=lambda _: None)
    assert services.versions()["accounts"] == {1, 2}


def test_system_without_key_files_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], {"RELEVE_DATA": str(tmp_path)}) == 1
    assert "nothing runs here" in capsys.readouterr().err
    assert main([], {"RELEVE_MONGO_URI": "mongodb://nowhere", "RELEVE_KAFKA": "k"}) == 1
    assert "RELEVE_MASTER_KEY_ACCOUNTS_FILE is not set" in capsys.readouterr().err


def test_containers_are_asked_through_compose(tmp_path: Path) -> None:
    for name in ROTATED:
        (tmp_path / name).write_text(KEY)
    script = "import json, sys; print('noise'); print(json.dumps({'versions': {' '.join(sys.argv[1:]): 1}}))"
    owners = owners_of({"RELEVE_SECRETS": str(tmp_path)}, [sys.executable, "-c", script])
    assert [owner.file for owner in owners] == [tmp_path / name for name in ROTATED]
    for owner in owners:
        assert owner.counts() == {f"run --rm --no-deps -T {owner.name}-http keys": 1}


def test_file_of_keys_reads_back_as_written() -> None:
    keys = {1: bytes(32), 12: bytes(range(32)), 2: b"x" * 32}
    assert parse(text_of(keys)) == keys
    assert list(parse(text_of(keys))) == [1, 2, 12]
