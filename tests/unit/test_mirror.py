"""deploy/images/mirror.sh finds the package mirror of the base image in every format of apt's sources."""

import subprocess
from pathlib import Path

import pytest

DEB822 = "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm\n\nTypes: deb\nURIs: http://b.example\n"
ONE_LINE = (
    "# deb http://old.example/debian bookworm main\ndeb [signed-by=/k.gpg] http://mirror.example/debian bookworm main\n"
)


def mirror(root: Path, apt: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", root / "deploy/images/mirror.sh", apt], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "files",
    [
        {"sources.list.d/debian.sources": DEB822},
        {"sources.list": ONE_LINE},
        {"sources.list": "", "sources.list.d/debian.sources": DEB822},
        {"sources.list.d/debian.list": ONE_LINE},
    ],
    ids=["debian-12", "debian-11", "empty-list-beside", "list-in-folder"],
)
def test_mirror_is_found_in_every_layout(root: Path, tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "sources.list.d").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = mirror(root, tmp_path)
    assert (found.returncode, found.stdout) == (0, "http://mirror.example/debian\n")


def test_missing_sources_are_named(root: Path, tmp_path: Path) -> None:
    found = mirror(root, tmp_path)
    assert found.returncode == 1
    assert "no sources" in found.stderr
