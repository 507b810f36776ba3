"""No test above unit level, story, benchmark or rehearsal sets a fixed date against the real clock."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ON_THE_REAL_CLOCK = ("tests", "stories", "benchmarks", "tests/rehearsal", "deploy/local")
MONTHS = "jan|feb|fév|mar|apr|avr|may|mai|jun|jui|jul|aug|aoû|sep|oct|nov|dec|déc"
DAY = r"(?:0[1-9]|[12]\d|3[01])"
MONTH = r"(?:0[1-9]|1[0-2])"
WRITTEN = (
    rf"\b(?:19|2\d)\d\d-{MONTH}-{DAY}(?!\d)",
    rf"\b20\d\d{MONTH}{DAY}(?:T\d{{4,6}}Z?)?\b",
    r"\b20\d\d-?W[0-5]\d",
    r"\b[0-3]?\d[./][01]?\d[./]20\d\d\b",
    rf"\b[0-3]?\d(?:er)? (?:{MONTHS})\w*\.? 20\d\d\b",
    rf"\b(?:{MONTHS})\w* [0-3]?\d, 20\d\d\b",
)
A_DATE = re.compile("|".join(WRITTEN), re.IGNORECASE)
SINCE_1970 = range(1_000_000_000, 4_200_000_000)
"""Numbers read as seconds since 1970 (2001 to 2103), or as milliseconds when a thousand times as large."""
OWN_CLOCK = {
    "benchmarks/fairness.py": "a market in virtual time, which starts on a Monday",
    "benchmarks/answering.py": "a market in virtual time, which starts on a Monday",
    "tests/unit": "rules and pages that take their time as an argument",
    "tests/simulation/clock.py": "the simulation's virtual clock starts at a fixed date",
    "tests/faults/sound.py": "a handwritten run that is never compared with a clock",
    "tests/integration/test_programme_mails.py": "notify with a clock in the hand of the test",
    "tests/kit/examples.py": "the date of the contract's examples, from which they are moved to the present",
    "tests/kit/fitting.py": "mentors for rules that take the day as an argument",
    "tests/kit/letters.py": "mails whose composition takes the time as an argument",
    "tests/kit/orders.py": "an order for rules that take their time as an argument",
    "tests/clocks/__main__.py": "the dates to which clocks are shifted",
    "tests/test_calendar.py": "the dates planted by this test",
}
BUILDERS = ("date", "datetime", "fromisocalendar", "replace")
TEXTS = (".json", ".yaml", ".yml", ".sh", ".js", ".html", ".c")
READS_EXAMPLES = ("contract", "unit")  # tests of the documents themselves, which never meet a clock


def fixed_dates(path: Path) -> Iterator[str]:
    """Every date that a file names: in text, in numbers, or as seconds since 1970."""
    if path.suffix == ".py":
        for line, text in _in_python(path):
            yield f"{path.name}:{line} {text}"
        return
    for line, text in enumerate(path.read_text().splitlines(), 1):
        if found := A_DATE.search(text):
            yield f"{path.name}:{line} {found.group()}"


def _in_python(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text())
    numbers = {
        name.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for name in node.targets
        if isinstance(name, ast.Name)
    }
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings are exempt
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in remarks:
            if isinstance(node.value, str) and (found := A_DATE.search(node.value)):
                yield node.lineno, found.group()
            if isinstance(node.value, int) and (node.value in SINCE_1970 or node.value // 1000 in SINCE_1970):
                yield node.lineno, str(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BUILDERS:
            year = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "year"), None)
            value = numbers.get(year.id) if isinstance(year, ast.Name) else getattr(year, "value", None)
            if isinstance(value, int) and value >= 1971:
                yield node.lineno, ast.unparse(node)


def examples_as_written(path: Path) -> Iterator[str]:
    """Places where a Python file uses a contract's example with its original times."""
    for node in ast.walk(ast.parse(path.read_text())):
        called = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "example_of"
        folder = isinstance(node, ast.Constant) and node.value == "examples"
        if (called or folder) and isinstance(node, ast.expr):
            yield f"{path.name}:{node.lineno} {ast.unparse(node)}"


def checked(root: Path) -> Iterator[Path]:
    """The files that run on the real clock, or are read by code that does."""
    for folder in ON_THE_REAL_CLOCK:
        for path in sorted((root / folder).rglob("*")):
            place = path.relative_to(root).as_posix()
            exempt = any(place == known or place.startswith(f"{known}/") for known in OWN_CLOCK)
            if path.suffix in (".py", *TEXTS) and not exempt:
                yield path


def commands_to_copy(text: str) -> Iterator[str]:
    """The code blocks of a page that a reader is meant to run."""
    yield from re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_code_on_the_real_clock_sets_no_fixed_date(root: Path) -> None:
    assert [found for path in checked(root) for found in fixed_dates(path)] == []


def test_commands_in_the_readme_set_no_fixed_date(root: Path) -> None:
    blocks = list(commands_to_copy((root / "README.md").read_text()))
    assert blocks
    assert [found.group() for block in blocks for found in A_DATE.finditer(block)] == []


def test_running_services_get_no_example_with_original_dates(root: Path) -> None:
    python = (path for path in checked(root) if path.suffix == ".py")
    served = [path for path in python if path.relative_to(root).parts[1] not in READS_EXAMPLES]
    assert [found for path in served for found in examples_as_written(path)] == []


def test_every_exemption_exists_and_is_needed(root: Path) -> None:
    for known in OWN_CLOCK:
        paths = [root / known] if known.endswith(".py") else list((root / known).rglob("*.py"))
        assert any(list(fixed_dates(path)) for path in paths), f"{known} no longer needs its exemption"


@pytest.mark.parametrize(
    "line",
    [
        'BODY = {"starts_on": "2031-01-06"}',
        'AT = "2026-11-23T09:00:00Z"',
        'AT = "20310106T090000Z"',
        'AT = date.fromisoformat("2031-W02-1")',
        'AT = datetime.strptime("06/01/2031", "%d/%m/%Y")',
        "AT = datetime(2031, 1, 6, tzinfo=UTC)",
        "AT = datetime.now(UTC).replace(year=2031)",
        "DAY = dt.date(year=2031, month=1, day=6)",
        "YEAR = 2031\nDAY = date(YEAR, 1, 6)",
        "DAY = date.fromisocalendar(2031, 2, 1)",
        'CLAIMS = {"exp": 4_000_000_000}',
        "AT = datetime.fromtimestamp(1_924_000_000_000 / 1000, UTC)",
        'SHOWN = "le 6 janvier 2031"',
        'SHOWN = "January 6, 2031"',
        'TEXT = f"until 2031-01-06, {who}"',
    ],
)
def test_planted_date_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "planted.py").write_text(line)
    assert len(list(fixed_dates(tmp_path / "planted.py"))) == 1


def test_date_planted_in_another_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.json").write_text('{"name": "Lille",\n "starts_on": "2031-01-06"}')
    assert list(fixed_dates(tmp_path / "planted.json")) == ["planted.json:2 2031-01-06"]


@pytest.mark.parametrize(
    "line",
    [
        "AT = datetime.now(UTC)",
        'TEXT = "RFC 9110, 4711-12, 20310000, 10.0.20.31"',
        "AT = datetime(1970, 1, 1)",
        '"""Written on 2026-11-23."""',
    ],
)
def test_text_that_is_no_date_is_ignored(tmp_path: Path, line: str) -> None:
    (tmp_path / "clean.py").write_text(line)
    assert list(fixed_dates(tmp_path / "clean.py")) == []


def test_planted_example_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text('DATA = example_of("x")\nFOLDER = root / "contracts" / "examples"')
    assert len(list(examples_as_written(tmp_path / "planted.py"))) == 2
