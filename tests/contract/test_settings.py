"""Every setting that the code reads is documented, and every documented setting is read."""

import re
from pathlib import Path

from contracts.parts import PARTS

NAME = re.compile(r"\bRELEVE_[A-Z][A-Z_]*[A-Z]\b")
NAMES = [part.name.upper() for part in PARTS]
BUILT = {"RELEVE_GATEWAY_ACCOUNTS", "RELEVE_IMAGE_ACCOUNTS"}
"""Settings that exist once per part; only the first part's is documented."""


def names_in(*paths: Path) -> set[str]:
    found = {name.removesuffix("_FILE") for path in paths for name in NAME.findall(path.read_text())}
    return found - {f"RELEVE_{what}_{name}" for what in ("GATEWAY", "IMAGE") for name in NAMES[1:]}


def test_every_setting_is_documented_and_every_documented_setting_is_read(root: Path) -> None:
    places = [
        p
        for part in ("chassis", "contracts", "services", "web", "deploy", "stories")
        for p in (root / part).rglob("*.py")
    ]
    places += [p for kind in ("yaml", "sh") for p in (root / "deploy").rglob(f"*.{kind}")]
    tests = [root / "tests" / name for name in ("conftest.py", "kit/engines.py", "kit/ways.py")]
    tests += (root / "tests" / "simulation").glob("*.py")
    tests += [p for kind in ("py", "yaml") for p in (root / "tests" / "rehearsal").glob(f"*.{kind}")]
    read = names_in(*places, *tests)
    documented = names_in(root / "docs" / "settings.md")
    assert read - documented == {"RELEVE_GATEWAY", "RELEVE_IMAGE"} & read
    assert documented - read - BUILT == set()


def test_no_setting_is_only_ever_set(root: Path) -> None:
    launcher = names_in(root / "deploy" / "local" / "system.py")
    elsewhere = [p for part in ("chassis", "services", "web", "deploy") for p in (root / part).rglob("*.py")]
    readers = names_in(*[path for path in elsewhere if path.name != "system.py"])
    assert launcher <= readers
