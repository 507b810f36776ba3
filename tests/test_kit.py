"""Tests share code only through `tests.kit` (decision 62): no test module is a library, signs tokens or polls."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SIGNS = "tests/kit/tokens.py"
POLLS = "tests/kit/waiting.py"


def beside_the_kit(root: Path) -> Iterator[str]:
    """Each place that imports a test module, signs a token or has its own polling loop."""
    for path in sorted((root / "tests").rglob("*.py")):
        place = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if any(part.startswith("test_") for module in _imported(node) for part in module.split(".")):
                yield f"{place}: imports a test"
            if place != SIGNS and _calls(node, "jwt.encode", "generate_private_key"):
                yield f"{place}: signs"
            if place != POLLS and isinstance(node, ast.While) and any(_calls(n, "time.sleep") for n in ast.walk(node)):
                yield f"{place}: polls"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.startswith("tests.")]
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tests":
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _calls(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith(names)


def test_tests_share_code_only_through_the_kit(root: Path) -> None:
    assert list(beside_the_kit(root)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from tests.integration.test_notify import Story", "imports a test"),
        ("from tests.integration import test_notify", "imports a test"),
        ("import tests.unit.test_orders", "imports a test"),
        ("import jwt\njwt.encode({}, 'k', 'HS256')", "signs"),
        ("KEY = ec.generate_private_key(ec.SECP256R1())", "signs"),
        ("while not there():\n    time.sleep(0.1)", "polls"),
        ("def wait():\n    while True:\n        if there():\n            break\n        time.sleep(1)", "polls"),
    ],
)
def test_planted_bypass_of_the_kit_is_found(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "planted.py").write_text(text)
    assert list(beside_the_kit(tmp_path)) == [f"tests/planted.py: {found}"]
