"""Choice of the mongod to start, and the errors when it cannot run."""

from pathlib import Path

import pytest

from deploy.local.engines.mongo import mongod
from deploy.local.process import StartError


def server(folder: Path, script: str) -> Path:
    path = folder / "mongod"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_configured_mongod_is_started(tmp_path: Path) -> None:
    named = server(tmp_path, "exit 0")
    environ = {"RELEVE_MONGOD": str(named)}
    assert mongod(environ) == named


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libcurl.so.4", "libcurl4"),
        ("libssl.so.3", "libssl3"),
        ("libcrypto.so.3", "libssl3"),
        ("liblzma.so.5", "liblzma5"),
    ],
)
def test_missing_library_is_reported_with_its_package(tmp_path: Path, library: str, package: str) -> None:
    said = f"mongod: error while loading shared libraries: {library}: cannot open shared object file"
    environ = {"RELEVE_MONGOD": str(server(tmp_path, f"echo '{said}' >&2; exit 127"))}
    with pytest.raises(StartError, match=f"install {package} "):
        mongod(environ)


def test_program_of_another_architecture_is_refused_in_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "mongod"
    broken.write_bytes(b"\x7fELF and nothing else")
    broken.chmod(0o755)
    environ = {"RELEVE_MONGOD": str(broken)}
    with pytest.raises(StartError, match="MongoDB cannot start"):
        mongod(environ)


@pytest.mark.parametrize("name", ["absent", "."])
def test_file_that_is_no_program_is_refused(tmp_path: Path, name: str) -> None:
    environ = {"RELEVE_MONGOD": str(tmp_path / name)}
    with pytest.raises(StartError, match="is no program"):
        mongod(environ)


def test_missing_package_names_both_alternatives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.engines.mongo.find_spec", lambda _name: None)
    with pytest.raises(StartError, match=r"RELEVE_MONGOD .* RELEVE_MONGO_URI"):
        mongod({})
