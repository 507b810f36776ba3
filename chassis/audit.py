"""The audit trail: who did what to whom, when, why, and in which request.

A row is written in the action's transaction. It stands in a database where the service may not change it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import has_request_context, request

from chassis.clock import DATABASE_CLOCK
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.places import TRAIL, rows_of
from chassis.unit import Unit, UnitOfWork

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
PLACE = "at a terminal"
"""The actor of a command that was run in a shell on the machine."""


def record(unit: Unit, who: str, what: str, whom: str, reason: str) -> None:
    """Adds a row in the action's own transaction. ``who`` and ``whom`` are account ids."""
    row = {"_id": new_id(), "who": who, "what": what, "whom": whom, "at": unit.now, "reason": reason}
    unit.collection(TRAIL).insert_one({**row, "request": _request_id()})


def record_alone(database: Documents, what: str, whom: str, reason: str) -> None:
    """Adds a row for a command at a terminal that is no transaction. Call it before the deed. Raises PyMongoError."""
    row = {"_id": new_id(), "who": PLACE, "what": what, "whom": whom, "at": DATABASE_CLOCK.now(database)}
    rows_of(database, TRAIL).insert_one({**row, "reason": reason, "request": ""})


def record_reading(work: UnitOfWork, actor: Actor, what: str, whom: Iterable[str] = ("",)) -> None:
    """Adds a row for each person whose data an operator is about to read, or one with an empty ``whom`` for none."""

    accounts = sorted(set(whom)) or [""]
    command(work, actor, lambda unit: _record_each(unit, actor, what, accounts))


def _record_each(unit: Unit, actor: Actor, what: str, accounts: Iterable[str]) -> Document:
    for account in accounts:
        record(unit, actor.id, what, account, "")
    return {}


def read(database: Documents, query: Mapping[str, Any]) -> Document:
    """A page of the audit trail, newest first. ``query`` has ``limit``, ``cursor``, optionally ``whom`` and ``who``."""
    wanted = {name: query[name] for name in ("whom", "who") if name in query}
    return page(rows_of(database, TRAIL), wanted, query, lambda row: {"request": "", **row, "id": row["_id"]}, "at")


def _request_id() -> str:
    """The id that the gateway gave the request and put into its answer; empty at a terminal."""
    found = request.headers.get("X-Request-Id", "") if has_request_context() else ""
    return found if REQUEST_ID.fullmatch(found) else ""
