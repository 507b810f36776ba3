"""The lists of parts in the container files match the registry."""

from difflib import unified_diff
from pathlib import Path

import pytest

from deploy.derive import BLOCKS, derived, fill


def test_files_derived_from_the_registry_are_current() -> None:
    for path, text in derived().items():
        lines = list(unified_diff(path.read_text().splitlines(), text.splitlines(), lineterm="", n=0))[2:]
        assert not lines, "\n".join([f"run make parts, and commit {path.name}:", *lines])


def test_line_that_differs_from_the_registry_is_named(root: Path) -> None:
    path = root / "deploy/compose.yaml"
    honest = path.read_text()
    planted = honest.replace("      quotes-http: { condition: service_healthy }\n", "")
    assert planted != honest
    assert fill(planted, BLOCKS[path], path.name) == honest
    with pytest.raises(ValueError, match=r"compose.yaml should hold once each: .*addresses"):
        fill(honest.replace("# <parts: addresses>", "#"), BLOCKS[path], path.name)
