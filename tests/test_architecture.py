"""Rules of docs/architecture.md: imports, reading of environment and clock, the layout of every service."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.parts import PARTS, Part, Route
from contracts.topics import SERVICES

FILES = {"app", "api", "schemas", "commands", "handlers", "model", "store"}
PACKAGES = ("chassis", "contracts", "services", "web", "stories", "deploy", "benchmarks", "tests")
CARRY_THE_SESSION = {"chassis/unit.py", "chassis/collection.py"}
SESSIONS_OF_ACCOUNTS = {"actor.session", "change.session", "token.session"}
CLOCKS = {"now", "utcnow", "today"}
PLANTED_IMPORTS = [
    ("services/quotes/store/rounds.py", "import services.projects.store", "No service imports another"),
    ("chassis/relay.py", "import contracts.events", "Packages stand on each other in one direction"),
    ("chassis/relay.py", "import confluent_kafka", "One place knows the Kafka library"),
    ("services/quotes/store/rounds.py", "from kafka import KafkaProducer", "One place knows the Kafka library"),
    ("services/quotes/store/rounds.py", "import services.quotes.api", "Data flows one way inside a service"),
    ("services/quotes/commands.py", "import services.quotes.api", "Data flows one way inside a service"),
    ("services/quotes/store/rounds.py", "import services.quotes.commands", "Data flows one way inside a service"),
    ("services/quotes/commands.py", "from flask import request", "Commands know no Flask"),
    ("services/quotes/views.py", "import services.quotes.store", "Data flows one way inside a service"),
    ("services/notify/clients/smtp.py", "import services.notify.commands", "Data flows one way inside a service"),
    ("services/quotes/model/round.py", "import pymongo", "Rules are pure"),
    ("services/projects/model/leaks/words.py", "import secrets", "Rules are pure"),
    ("services/notify/store/people.py", "import deploy.local", "Packages stand on each other in one direction"),
    ("stories/people.py", "import services.quotes.model", "Packages stand on each other in one direction"),
    ("deploy/dlq.py", "import tests.kit", "Packages stand on each other in one direction"),
    ("contracts/events.py", "import chassis.unit", "The contracts stand on nothing"),
]
STRAY = "services/quotes/beside.py"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@cache
def _attributes(text: str) -> list[str]:
    """Every dotted name in a program; kept by text, because most files are the same in every copy."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]


def calls(path: Path) -> list[str]:
    return _attributes(path.read_text())


def env_readers(root: Path) -> set[str]:
    """Files of the services, the chassis and the contracts that read the environment."""
    found = set()
    for package in ("services", "chassis", "contracts", "web"):
        for path in (root / package).rglob("*.py"):
            if any(name in ("os.environ", "os.getenv", "os.environb") for name in calls(path)):
                found.add(path.relative_to(root).as_posix())
    return found


def clock_readers(root: Path) -> set[str]:
    """Code of services and chassis that reads the time from the machine or the database instead of the given clock."""
    found = set()
    for path in [*(root / "services").rglob("*.py"), *(root / "chassis").rglob("*.py")]:
        for name in calls(path):
            owner, _, member = name.rpartition(".")
            if member in CLOCKS and owner.split(".")[-1] in ("datetime", "date"):
                found.add(path.relative_to(root).as_posix())
            if "model" in path.as_posix() and name in ("time.time", "time.monotonic"):
                found.add(path.relative_to(root).as_posix())
        if "database_now" in path.read_text():
            found.add(path.relative_to(root).as_posix())
    return found - {"chassis/mongo.py", "chassis/clock.py"}


def patched_surroundings(root: Path) -> set[str]:
    """Tests that patch this process's environment or search for modules to patch, instead of passing dependencies in.

    Allowed are only the tests of the shifted clock, whose child processes inherit it, and the rehearsal, a program.
    """
    wrong = re.compile(
        r"dict\(os\.environ,|setenv\(|delenv\(|os\.environ\[[^]]+\] =|in sys\.modules|sys\.modules\.items"
    )
    tests = [
        path
        for path in (root / "tests").rglob("*.py")
        if path.name not in ("test_architecture.py", "test_shift.py") and path.parent.name != "rehearsal"
    ]
    return {path.relative_to(root).as_posix() for path in tests if wrong.search(path.read_text())}


def beside_the_transaction(root: Path) -> set[str]:
    """Code with a unit of work that names a session, or uses a database without one."""
    found = set()
    for path in [*(root / "chassis").rglob("*.py"), *(root / "services").rglob("*.py")]:
        name = path.relative_to(root).as_posix()
        if name not in CARRY_THE_SESSION:
            found |= {f"{name}: {said}" for said in _sessions(path.read_text())}
    return found


@cache
def _sessions(text: str) -> list[str]:
    return list(_named_sessions(ast.parse(text)))


def _named_sessions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not ast.unparse(node.func).startswith("telemetry.log."):
            yield from (f"session= in {ast.unparse(node.func)}" for word in node.keywords if word.arg == "session")
        if isinstance(node, ast.Attribute) and node.attr == "with_transaction":
            yield node.attr
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and "unit" in {argument.arg for argument in node.args.args}:
            yield from (
                ast.unparse(inner)
                for inner in ast.walk(node)
                if isinstance(inner, ast.Attribute) and inner.attr.strip("_") in ("database", "session")
                if ast.unparse(inner) not in SESSIONS_OF_ACCOUNTS
            )


def uncovered(root: Path) -> set[str]:
    """Modules of our packages that no import contract covers as a source."""
    covered = [re.compile(rf"{pattern}(\..+)?") for pattern in _covered_by_contracts(root)]
    modules = {".".join(path.relative_to(root).with_suffix("").parts) for path in _sources(root)}
    names = {module.removesuffix(".__init__") for module in modules}
    return {name for name in names if not any(pattern.fullmatch(name) for pattern in covered)}


def _covered_by_contracts(root: Path) -> Iterator[str]:
    """Patterns of the packages in the import contracts; their submodules are covered too."""
    rules = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    for contract in rules["contracts"]:
        names = [*contract.get("source_modules", []), *contract.get("modules", [])]
        if contract.get("exhaustive"):
            names += contract["containers"]
        elif "containers" not in contract:
            names += [name for layer in contract.get("layers", []) for name in re.split(r"[|:\s]+", layer)]
        analysed = [name for name in names if name.split(".")[0] in rules["root_packages"]]
        yield from (name.replace(".", r"\.").replace("*", r"\w+") for name in analysed)


def _sources(root: Path) -> Iterator[Path]:
    """Python files below the root, except installed and generated ones."""
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in ("build", "backups"):
            yield from folder.rglob("*.py")


def unmatched(root: Path) -> set[str]:
    """Folders of services missing from the registry, and registered parts without a program."""
    folders = {f"services/{place.parent.name}" for place in (root / "services").glob("*/app.py")}
    missing = {part.folder for part in PARTS if not (root / part.folder / "app.py").is_file()}
    return missing | (folders - {part.folder for part in PARTS})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which tests plant violations."""
    root = Path(__file__).resolve().parent.parent
    target = tmp_path_factory.mktemp("architecture")
    for package in PACKAGES:
        shutil.copytree(root / package, target / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", target)
    return target


def test_every_import_obeys_its_contract(root: Path) -> None:
    result = lint_imports(root)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def planted_imports(copy: Path) -> str:
    """What import-linter says when every forbidden import is planted, and a module that lies in no layer."""
    places = {place: (copy / place).read_text() for place, _, _ in PLANTED_IMPORTS}
    try:
        for place, line, _ in PLANTED_IMPORTS:
            with (copy / place).open("a") as file:
                file.write(f"\n{line}\n")
        (copy / STRAY).write_text("")
        result = lint_imports(copy)
    finally:
        (copy / STRAY).unlink()
        for place, honest in places.items():
            (copy / place).write_text(honest)
    assert result.returncode != 0
    return result.stdout


@pytest.mark.parametrize(("place", "line", "contract"), PLANTED_IMPORTS)
def test_planted_import_is_found(planted_imports: str, place: str, line: str, contract: str) -> None:
    broken = rf"^{contract}.* BROKEN( \(\d+ ignored imports\))?$"
    assert re.search(broken, planted_imports, re.MULTILINE), planted_imports
    _, *parts = re.split(r"^(.+)\n-{3,}$", planted_imports.partition("Broken contracts")[2], flags=re.MULTILINE)
    (report,) = (said for title, said in zip(parts[::2], parts[1::2], strict=True) if title.startswith(contract))
    module, imported = place.removesuffix(".py").replace("/", "."), line.split()[1]
    assert re.search(rf"{re.escape(module)} -> {re.escape(imported)}\b.* \(l\.", report), report


def test_every_module_lies_in_a_layer(planted_imports: str) -> None:
    assert "- services.quotes.beside" in planted_imports


def test_every_module_is_covered_by_an_import_contract(root: Path, copy: Path) -> None:
    assert uncovered(root) == set()
    for package in ("another", "services/quotes/api"):
        (copy / package).mkdir(exist_ok=True)
        (copy / package / "stray.py").write_text("")
    try:
        assert uncovered(copy) == {"another.stray"}
    finally:
        shutil.rmtree(copy / "another")
        (copy / "services/quotes/api/stray.py").unlink()


def test_every_folder_with_modules_is_a_package(root: Path) -> None:
    folders = {path.parent for path in _sources(root)}
    assert {folder.relative_to(root).as_posix() for folder in folders if not (folder / "__init__.py").exists()} == set()


def test_only_app_reads_the_environment(root: Path, copy: Path) -> None:
    allowed = {f"{part.folder}/app.py" for part in PARTS}
    assert env_readers(root) <= allowed
    planted = copy / "services" / "quotes" / "late.py"
    planted.write_text("import os\nPORT = os.environ['PORT']\n")
    assert env_readers(copy) - allowed == {"services/quotes/late.py"}


@pytest.mark.parametrize("line", ["LOADED = datetime.now()", "from chassis.mongo import database_now"])
def test_time_is_read_only_from_the_given_clock(root: Path, copy: Path, line: str) -> None:
    assert clock_readers(root) == set()
    planted = copy / "services" / "quotes" / "early.py"
    planted.write_text(f"{line}\n")
    found = clock_readers(copy)
    planted.unlink()
    assert found == {"services/quotes/early.py"}


@pytest.mark.parametrize("line", ["patch.dict(os.environ, {})", "monkeypatch.setenv('A', 'b')", "for m in sys.modules"])
def test_no_test_patches_the_environment_or_searches_for_modules(root: Path, tmp_path: Path, line: str) -> None:
    assert patched_surroundings(root) == set()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_planted.py").write_text(f"{line}\n")
    assert patched_surroundings(tmp_path) == {"tests/test_planted.py"}


@pytest.mark.parametrize(
    "line",
    [
        "    unit._session",
        "    unit.collection('rounds').delete_many({}, session=None)",
        "    work.database.rounds.delete_many({})",
    ],
)
def test_unit_of_work_is_never_bypassed(root: Path, copy: Path, line: str) -> None:
    assert beside_the_transaction(root) == set()
    planted = copy / "services" / "quotes" / "beside.py"
    planted.write_text(f"def careless(unit, work):\n{line}\n")
    found = beside_the_transaction(copy)
    planted.unlink()
    assert len(found) == 1
    assert found.pop().startswith("services/quotes/beside.py: ")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(root: Path, service: str) -> None:
    places = list((root / "services" / service).iterdir())
    modules = {path.stem for path in places if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules >= FILES
    assert {path.name for path in places} >= {"pyproject.toml", "requirements.txt"}


def test_events_need_no_package_of_one_service(root: Path) -> None:
    program = "import sys, contracts.events; print([name for name in sys.modules if name.startswith('contracts.scan')])"
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "images without the packages of the scan could not read events"


def test_service_folders_match_the_registry(root: Path, copy: Path) -> None:
    assert unmatched(root) == set()
    before = unmatched(copy)  # parts that belong to packages not copied here
    shutil.copytree(copy / "services/quotes", copy / "services/stray")
    (copy / "services/matching/app.py").rename(copy / "services/matching/program.py")
    try:
        assert unmatched(copy) - before == {"services/stray", "services/matching"}
    finally:
        shutil.rmtree(copy / "services/stray")
        (copy / "services/matching/program.py").rename(copy / "services/matching/app.py")


def test_names_and_routes_in_the_registry_are_unique() -> None:
    names, routes = (
        [part.name for part in PARTS],
        [route for part in PARTS for route in (*part.routes, *part.operations)],
    )
    assert sorted(set(names)) == sorted(names)
    assert len(set(routes)) == len(routes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "releve.half.v1", "sides": ("http", "worker")},
        {"dead_letters": "releve.half.dlq", "database": "half"},
        {"database": "another"},
        {"topic": "half", "database": "half", "sides": ("http", "worker")},
        {"sides": ("worker",)},
        {"routes": ()},
        {"routes": (Route("/api/operations/half"),)},
        {"operations": (Route("/half/operations"),)},
    ],
)
def test_incomplete_part_is_refused(wrong: dict[str, Any]) -> None:
    Part("half", "A client.", routes=(Route("/half"),))
    with pytest.raises(ValueError, match="lower-case letters"):
        Part("half-a-part", "A client.", routes=(Route("/half"),))
    with pytest.raises(ValueError, match=r"^half: "):
        Part("half", "A client.", **{"routes": (Route("/half"),), **wrong})


@pytest.mark.parametrize("part", [*(part.folder for part in PARTS), "deploy/local", "tests/load"])
def test_lock_files_agree_on_versions_and_have_hashes(root: Path, part: str) -> None:
    def pins(path: Path) -> dict[str, str]:
        text = path.read_text()
        blocks = re.split(r"\n(?=\S)", text.strip())
        for block in blocks:
            assert "--hash=sha256:" in block, f"{path}: {block.splitlines()[0]} has no hash"
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))

    every, own = pins(root / "tests" / "requirements.txt"), pins(root / part / "requirements.txt")
    assert own
    assert own.items() <= every.items()


def test_no_lock_file_holds_a_url(root: Path) -> None:
    for path in [*root.glob("*/requirements.txt"), *root.glob("*/*/requirements.txt"), root / "deploy/local/jars.lock"]:
        assert "://" not in path.read_text(), path
