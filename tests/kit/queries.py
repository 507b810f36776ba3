"""A pytest plugin that records the queries which a run sends to MongoDB, with the place in the code of each.

``-p tests.kit.queries --queries=<file>`` writes them at the end, with some of the documents that were stored, for
`tests/integration/test_queries.py`. Each call of the driver carries its place as the comment of its command, so that
a query is found again wherever its cursor is read.
"""

import ast
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, wraps
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from bson import json_util
from pymongo import monitoring
from pymongo.collection import Collection
from pymongo.errors import InvalidOperation

from chassis.mongo import Document, Documents
from chassis.places import PLACES, collections_of, names_of, rows_of
from chassis.unit import UnitOfWork

ROOT = Path(__file__).resolve().parents[2]
OURS = (f"{ROOT}/services/", f"{ROOT}/chassis/")
MARK = "called-at"
RECORDER = pytest.StashKey["Recorder"]()
METHODS = (
    "aggregate", "bulk_write", "count_documents", "delete_many", "delete_one", "distinct", "find", "find_one",
    "find_one_and_delete", "find_one_and_update", "replace_one", "update_many", "update_one",
)  # fmt: skip
"""The methods of a collection that search."""
FUNCTIONS = ("find_all", "page")
"""Functions that search for their caller, whose place counts like that of a method."""
COMMANDS = ("aggregate", "count", "delete", "distinct", "find", "findAndModify", "update")
OF_CONNECTION = (
    "autocommit", "comment", "lsid", "maxTimeMS", "readConcern", "startTransaction", "txnNumber", "writeConcern",
    "ordered", "bypassDocumentValidation",
)  # fmt: skip
WRITTEN = ("batchSize", "cursor", "new", "update", "upsert")
COMMANDS_KEPT = 3
"""Number of commands kept of each shape."""
SAMPLES = 40
"""Number of documents kept of each collection."""
Place = str
"""``path:line:column:function`` of the end of a call, such as ``chassis/unit.py:62:55:Unit.find``."""


def places(root: Path = ROOT) -> dict[Place, str]:
    """The calls of these methods and functions in the services and the chassis, with their text."""
    found = dict[Place, str]()

    def walk(path: str, node: ast.AST, function: str) -> None:
        if isinstance(node, ast.Call) and _called(node.func) in (*METHODS, *FUNCTIONS):
            found[f"{path}:{node.end_lineno}:{node.end_col_offset}:{function}"] = ast.unparse(node)
        for inner in ast.iter_child_nodes(node):
            inside = isinstance(inner, ast.FunctionDef | ast.ClassDef) and f"{function}.{inner.name}".lstrip(".")
            walk(path, inner, inside or function)

    for file in sorted([*(root / "services").rglob("*.py"), *(root / "chassis").rglob("*.py")]):
        walk(file.relative_to(root).as_posix(), ast.parse(file.read_text()), "")
    return found


def _called(function: ast.expr) -> str:
    """The name of a method or of a function."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def shape(value: Any) -> Any:
    """A query without its values: keys, operators and types remain."""
    if isinstance(value, Mapping):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        seen = list[Any]()
        for one in map(shape, value):
            if one not in seen:
                seen.append(one)
        return seen
    return value if isinstance(value, bool) else type(value).__name__


def without_writes(command: Document) -> Document:
    """The command without what it writes and how much it returns, which decide nothing about how it searches."""
    kept = {key: value for key, value in command.items() if key not in WRITTEN}
    if "updates" in kept:
        kept["updates"] = [{"q": kept["updates"][0]["q"]}]
    return kept


def parts(command: Mapping[str, Any]) -> Iterator[Document]:
    """The commands to explain: one for each statement of an update or a delete."""
    plain = {key: value for key, value in command.items() if not key.startswith("$") and key not in OF_CONNECTION}
    for many in ("updates", "deletes"):
        if many in plain:
            yield from ({**plain, many: [one]} for one in plain[many])
            return
    steps = plain.get("pipeline", [])
    if any("$changeStream" in step for step in steps):
        return
    yield plain
    for joined in (step["$lookup"] for step in steps if "$lookup" in step):  # a plan shows nothing of what is joined
        conditions = [step["$match"] for step in joined.get("pipeline", []) if "$match" in step]
        yield {"find": joined["from"], "filter": {"$and": [{joined["foreignField"]: "any"}, *conditions]}}


class Recorder(monitoring.CommandListener):
    """Notes each shape of a query once, with all its places, and documents that were stored meanwhile."""

    def __init__(self) -> None:
        self.services = dict[str, tuple[Documents, str, str]]()
        self.touched = set[str]()
        self.queries = dict[str, Document]()
        self.documents = dict[str, dict[str, dict[str, Document]]]()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        command = event.command
        comment = str(command.get("comment", ""))
        if event.command_name not in COMMANDS or not comment.startswith(MARK):
            return
        if event.database_name not in self.services:
            return
        _, service, place = self.services[event.database_name]
        self.touched.add(event.database_name)
        for one in parts(command):
            collection = place + str(next(iter(one.values())))
            key = json.dumps([service, collection, shape(without_writes(one))], sort_keys=True)
            if '"$in": []' in key:  # finds nothing, whatever the index
                continue
            row = self.queries.setdefault(
                key, {"service": service, "collection": collection, "places": [], "commands": []}
            )
            row["places"] = sorted({*row["places"], *comment.split()[1:]})
            if len(row["commands"]) < COMMANDS_KEPT and one not in row["commands"]:
                row["commands"].append(one)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """What came of a query decides nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """What came of a query decides nothing."""

    def serves(self, service: str, database: Documents) -> None:
        """A service uses this database from now on."""
        for name, place in zip(names_of(database.name), ("", *(f"{place}/" for place in PLACES)), strict=True):
            self.services[name] = database, service, place

    def take_documents(self) -> None:
        """Keeps documents of the databases that were used since the last call, if their test has not closed them."""
        used = {name: self.services[name] for name in self.touched}
        self.touched.clear()
        for database, service, place in used.values():
            kept = self.documents.setdefault(service, {})
            with suppress(InvalidOperation):
                for name in collections_of(database):
                    mine = kept.setdefault(name, {})
                    if name.startswith(place) and len(mine) < SAMPLES:
                        found = rows_of(database, name).find().limit(SAMPLES)
                        mine.update({str(row["_id"]): row for row in found})

    def write(self, file: Path) -> None:
        """Writes what was noted as MongoDB's extended JSON."""
        documents = {
            service: {name: list(rows.values()) for name, rows in kept.items()}
            for service, kept in self.documents.items()
        }
        file.write_text(json_util.dumps({"queries": list(self.queries.values()), "documents": documents}))


def _placed(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, with the places of its callers as the command's comment."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if "comment" not in kwargs and (found := _callers(sys._getframe(1))):
            kwargs["comment"] = " ".join([MARK, *found])
        return method(*args, **kwargs)

    return call


def _callers(frame: FrameType | None) -> list[Place]:
    found = list[Place]()
    while frame:
        if frame.f_code.co_filename.startswith(OURS):
            found.append(_place(frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return found


@cache
def _place(code: CodeType, instruction: int) -> Place:
    _, line, _, column = list(code.co_positions())[instruction // 2]
    function = code.co_qualname.replace(".<locals>", "")
    for nameless in (".<listcomp>", ".<dictcomp>", ".<setcomp>", ".<genexpr>", ".<lambda>"):
        function = function.replace(nameless, "")
    return f"{Path(code.co_filename).relative_to(ROOT).as_posix()}:{line}:{column}:{function.replace('<module>', '')}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--queries", type=Path, required=True, help="where to write the queries of the run")


def pytest_configure(config: pytest.Config) -> None:
    """Listens before any client is made: pymongo hands its listeners to new clients only."""
    recorder = Recorder()
    monitoring.register(recorder)
    for name in METHODS:
        setattr(Collection, name, _placed(getattr(Collection, name)))
    begin = UnitOfWork.__init__

    def began(work: UnitOfWork, database: Documents, service: str, *args: Any, **kwargs: Any) -> None:
        recorder.serves(service, database)
        begin(work, database, service, *args, **kwargs)

    UnitOfWork.__init__ = began  # type: ignore[method-assign, assignment]
    config.stash[RECORDER] = recorder


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    item.config.stash[RECORDER].take_documents()
    yield


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[RECORDER].write(session.config.getoption("--queries"))
