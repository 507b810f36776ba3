"""What Relève is made of: lists of packages, their audit, and the engines' images."""

import json
import re
from pathlib import Path

from contracts.parts import PARTS
from deploy import supply

AUDITED = {
    "dependencies": [
        {"name": "flask", "version": "0.12", "vulns": [
            {"id": "PYSEC-2018-66", "fix_versions": ["0.12.3"], "aliases": []},
            {"id": "CVE-0000-1", "fix_versions": [], "aliases": []},
        ]},
        {"name": "jinja2", "version": "3.1", "vulns": []},
        {"name": "ours", "skip_reason": "Dependency not found on PyPI"},
    ],
    "fixes": [],
}  # fmt: skip


def test_list_names_every_locked_package_and_no_place(tmp_path: Path) -> None:
    [file] = supply.write_sboms(tmp_path, ["embedded"])
    text = file.read_text()
    locked = set(re.findall(r"^([a-z0-9._-]+)==", supply.LOCKS["embedded"].read_text(), re.MULTILINE))
    assert locked
    assert locked == {one["name"] for one in json.loads(text)["components"]}
    assert "index-url" not in text
    assert str(supply.ROOT) not in text


def test_every_image_and_the_embedded_default_have_a_lock() -> None:
    assert {part.name for part in PARTS} | {"embedded", "tools"} == supply.LOCKS.keys()
    assert all(lock.is_file() for lock in supply.LOCKS.values())


def test_audit_names_findings_and_packages_without_data() -> None:
    found = supply.read_audit(json.dumps(AUDITED))
    assert found.vulnerable == [
        "flask 0.12: PYSEC-2018-66, fixed in 0.12.3", "flask 0.12: CVE-0000-1, fixed in no version",
    ]  # fmt: skip
    assert (found.unknown, found.packages) == (1, 3)


def test_every_engine_has_an_image_that_can_be_pinned() -> None:
    assert {"RELEVE_IMAGE_KAFKA", "RELEVE_IMAGE_MONGO", "RELEVE_IMAGE_ENVOY"} <= set(dict(supply.images()))
    assert all(":" in image and "latest" not in image for _, image in supply.images())
