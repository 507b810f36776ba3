"""Every setting that anything reads is documented, and every documented one is read."""

import re
from pathlib import Path

NAME = re.compile(r"\bRELEVE_[A-Z][A-Z_]*[A-Z]\b")
BUILT = {"RELEVE_GATEWAY_ACCOUNTS"}
"""Names that code puts together."""


def names_in(*paths: Path) -> set[str]:
    return {name for path in paths for name in NAME.findall(path.read_text())}


def test_every_setting_is_documented_and_every_documented_setting_is_read(root: Path) -> None:
    places = [
        p for part in ("chassis", "contracts", "services", "deploy", "stories") for p in (root / part).rglob("*.py")
    ]
    read = names_in(*places, root / "tests" / "conftest.py")
    documented = names_in(root / "docs" / "settings.md")
    assert read - documented == {"RELEVE_GATEWAY"} & read
    assert documented - read == BUILT


def test_no_setting_is_only_ever_set(root: Path) -> None:
    launcher = names_in(root / "deploy" / "local" / "system.py")
    elsewhere = [p for part in ("chassis", "services", "deploy") for p in (root / part).rglob("*.py")]
    readers = names_in(*[path for path in elsewhere if path.name != "system.py"])
    assert launcher <= readers
