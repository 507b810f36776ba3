"""A copy of the tree with one more part, following "Adding a service" in docs/architecture.md: for dry runs."""

import hashlib
import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", ".git", ".venv", ".releve", ".*_cache", ".hypothesis", "secrets", "backups", "build"
)

SERVICE = {
    "__init__.py": "",
    "app.py": '''"""Composition of the surveys service, and its only look at the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.surveys import api, handlers, store


def compose(environ: Mapping[str, str]) -> Service:
    """The service from its parts, as these settings describe it; raises `chassis.settings.BadSetting`."""
    return Service(
        settings=Settings.read("surveys", environ),
        config=None,
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
    )


def create_http() -> Flask:
    """The WSGI application, for the server."""
    return from_environment(compose, os.environ).http()


if __name__ == "__main__":
    main("services.surveys.app", compose, os.environ)
''',
    "api.py": '''"""HTTP in: surveys."""

from typing import Any

from chassis.http import trail
from chassis.http.auth import Actor, signed_in
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.trail import AuditEntrySchema
from services.surveys import schemas, store


def blueprints(work: UnitOfWork, _config: Any) -> list[Blueprint]:
    """The routes."""
    routes = Blueprint("surveys", __name__)

    @routes.get("/api/surveys/count")
    @signed_in("client")
    @routes.response(200, schemas.CountSchema)
    def count_surveys(*, actor: Actor) -> Document:
        """How many surveys the caller runs."""
        return {"count": store.count(work.database, actor)}

    return [routes, trail.routes(work, "/api/operations/surveys/audit", AuditEntrySchema)]
''',
    "schemas.py": '''"""The HTTP bodies of this service."""

from marshmallow import Schema

from contracts.fields import WholeNumber


class CountSchema(Schema):
    """How many there are."""

    count = WholeNumber(metadata={"example": 3})
''',
    "handlers.py": '''"""Events in."""

from collections.abc import Mapping
from typing import Any

from chassis.erasure import confirm
from chassis.events import Event
from chassis.inbox import Handler
from chassis.revocations import keep_revocation
from chassis.unit import Unit
from contracts.facts import ErasureDone


def erase_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.erased: nothing of the person stays."""
    confirm(unit, event.subject, [ErasureDone(service="surveys")])


HANDLERS: Mapping[str, Handler] = {"account.erased": erase_person, "sessions.revoked": keep_revocation}
''',
    "commands.py": '"""What people may do: nothing yet but look."""\n',
    "model.py": '"""The rules: pure."""\n',
    "store.py": '''"""Surveys in MongoDB."""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

from chassis.http.auth import Actor
from chassis.mongo import Documents

INDEXES: Mapping[str, Sequence[IndexModel]] = {"surveys": [IndexModel([("client", ASCENDING)])]}


def count(database: Documents, actor: Actor) -> int:
    """Those of the caller."""
    return database["surveys"].count_documents({"client": actor.account})
''',
    "pyproject.toml": """[project]
name = "releve-surveys"
version = "0.2.0"
description = "Surveys"
requires-python = ">=3.11"
dependencies = []
""",
}
SERVICE_ENTRY = """    service(
        "surveys",
        "Surveys and their answers.",
        routes=(Route("/api/surveys"),),
        secrets=("blind_secret",),
    ),
"""
SCHEMA = '''class SurveyPublished(EventData):
    """A survey may be answered."""

    title = Text(most=200, required=True)


'''
FACT = '''@dataclass(frozen=True, kw_only=True)
class SurveyPublished(Fact, name="survey.published"):
    """A survey may be answered."""

    title: str


'''
EVENT = '        EventType("survey.published", ("surveys",), (), SurveyPublished),\n'
CLIENT = {
    "__init__.py": "",
    "app.py": '"""A kiosk: pages, no data of its own."""\n',
    "pyproject.toml": SERVICE["pyproject.toml"].replace("surveys", "pages").replace("Surveys", "Pages"),
}
CLIENT_ENTRY = """    Part(
        "kiosk",
        "Pages for a screen in a hall, no data.",
        package="kiosk",
        routes=(Route("/kiosk"),),
        one_time=("/kiosk/links",),
        secrets=("kiosk_key",),
    ),
"""


def copy_of_the_tree(target: Path) -> Path:
    """Copies our source files, without generated files or those that belong to this machine."""
    shutil.copytree(ROOT, target, ignore=LEFT_OUT)
    return target


def add_service(tree: Path) -> None:
    """A sixth service: its folder, an entry in the registry, an event."""
    _write(tree / "services/surveys", SERVICE)
    _enter(tree, SERVICE_ENTRY)
    events = tree / "contracts/events.py"
    _insert(events, "@dataclass(frozen=True)\nclass EventType:", SCHEMA)
    _insert(events, '        EventType("account.registered"', EVENT)
    _insert(tree / "contracts/facts.py", "def check(", FACT)
    example = tree / "contracts/examples/survey.published.json"
    example.write_text(json.dumps({"title": "Le numérique pour le comité exécutif"}, ensure_ascii=False) + "\n")


def add_client(tree: Path) -> None:
    """A client without data or events: its folder and an entry in the registry."""
    _write(tree / "kiosk", CLIENT)
    _enter(tree, CLIENT_ENTRY)


def files(tree: Path) -> dict[str, str]:
    """Every file with a digest of its content."""
    found = (path for path in tree.rglob("*") if path.is_file() and not {"__pycache__", "build"} & {*path.parts})
    return {path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    shutil.copy(ROOT / "services/notify/requirements.txt", folder)  # it needs the same packages as every service


def _enter(tree: Path, entry: str) -> None:
    _insert(tree / "contracts/parts.py", ")\n\nDATABASES: ", entry)


def _insert(path: Path, before: str, text: str) -> None:
    """Inserts a text; raises ValueError unless the place exists exactly once."""
    now = path.read_text()
    if now.count(before) != 1:
        raise ValueError(f"{path.name} does not hold once: {before}")
    path.write_text(now.replace(before, text + before))
