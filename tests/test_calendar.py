"""No test above unit level, story, benchmark or rehearsal sets a fixed date against the real clock."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ON_THE_REAL_CLOCK = ("tests", "stories", "benchmarks", "deploy/rehearse", "deploy/local")
MONTHS = "jan|feb|fév|mar|apr|avr|may|mai|jun|jui|jul|aug|aoû|sep|oct|nov|dec|déc"
A_DATE = re.compile(rf"\b(?:19|2\d)\d\d-[01]\d-[0-3]\d(?!\d)|\b[0-3]?\d (?:{MONTHS})\w* 20\d\d\b", re.IGNORECASE)
OWN_CLOCK = {
    "tests/unit": "rules and pages that are handed their time",
    "tests/simulation/clock.py": "the simulation's virtual clock begins there",
    "tests/faults/sound.py": "a run written by hand: its evidence meets no clock",
    "tests/examples.py": "the present of the contract's examples, from which they are moved to ours",
    "tests/clocks/__main__.py": "the dates that clocks are set to",
    "tests/test_calendar.py": "what this test plants",
}
BUILDERS = ("date", "datetime", "replace")
READS_EXAMPLES = ("contract", "unit")  # tests of the documents themselves: their text meets no clock


def fixed_dates(path: Path) -> Iterator[str]:
    """What in a Python file names a day of the calendar: a date in a text, or one that is built from numbers."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and A_DATE.search(node.value):
            yield f"{path.name}:{node.lineno} {A_DATE.search(node.value).group()}"  # type: ignore[union-attr]
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BUILDERS:
            first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "year"), None)
            if isinstance(first, ast.Constant) and isinstance(first.value, int) and first.value >= 1971:
                yield f"{path.name}:{node.lineno} {ast.unparse(node)}"


def examples_as_written(path: Path) -> Iterator[str]:
    """Where a Python file takes a contract's example with the times that it was written with."""
    for node in ast.walk(ast.parse(path.read_text())):
        called = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "example_of"
        folder = isinstance(node, ast.Constant) and node.value == "examples"
        if called or folder:
            yield f"{path.name}:{node.lineno} {ast.unparse(node)}"


def checked(root: Path) -> Iterator[Path]:
    """The Python files that run on the real clock."""
    for folder in ON_THE_REAL_CLOCK:
        for path in sorted((root / folder).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            if not any(place == known or place.startswith(f"{known}/") for known in OWN_CLOCK):
                yield path


def test_nothing_on_the_real_clock_sets_a_fixed_date(root: Path) -> None:
    assert [found for path in checked(root) for found in fixed_dates(path)] == []


def test_running_services_get_no_example_as_written(root: Path) -> None:
    served = [path for path in checked(root) if path.relative_to(root).parts[1] not in READS_EXAMPLES]
    assert [found for path in served for found in examples_as_written(path)] == []


def test_every_exemption_is_there_and_needed(root: Path) -> None:
    for known in OWN_CLOCK:
        paths = [root / known] if known.endswith(".py") else list((root / known).rglob("*.py"))
        assert any(list(fixed_dates(path)) for path in paths), f"{known} needs no exemption"


@pytest.mark.parametrize(
    "line",
    [
        'BODY = {"starts_on": "2031-01-06"}',
        'AT = "2026-11-23T09:00:00Z"',
        "AT = datetime(2031, 1, 6, tzinfo=UTC)",
        "AT = datetime.now(UTC).replace(year=2031)",
        "DAY = dt.date(year=2031, month=1, day=6)",
        'SHOWN = "le 6 janvier 2031"',
        'TEXT = f"until 2031-01-06, {who}"',
    ],
)
def test_a_planted_date_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "planted.py").write_text(line)
    assert len(list(fixed_dates(tmp_path / "planted.py"))) == 1


@pytest.mark.parametrize("line", ["AT = datetime.now(UTC)", 'TEXT = "RFC 9110, 4711-12"', "AT = datetime(1970, 1, 1)"])
def test_what_is_no_date_is_left_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / "clean.py").write_text(line)
    assert list(fixed_dates(tmp_path / "clean.py")) == []


def test_a_planted_example_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text('DATA = example_of("x")\nFOLDER = root / "contracts" / "examples"')
    assert len(list(examples_as_written(tmp_path / "planted.py"))) == 2
