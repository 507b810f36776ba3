"""The audit trail: who did what to whom, when and why. A row is written with the action and never changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit, UnitOfWork

COLLECTION = "audit"
PLACE = "at a terminal"
"""The actor of a command that was run in a shell on the machine."""


def indexes() -> list[IndexModel]:
    """Indexes for reading the rows by time, all or those about one person."""
    by_time = [("at", ASCENDING), ("_id", ASCENDING)]
    return [IndexModel(by_time), IndexModel([("whom", ASCENDING), *by_time])]


def record(unit: Unit, who: str, what: str, whom: str, reason: str) -> None:
    """Adds a row in the action's own transaction. ``who`` and ``whom`` are account ids."""
    row = {"_id": new_id(), "who": who, "what": what, "whom": whom, "at": unit.now, "reason": reason}
    unit.collection(COLLECTION).insert_one(row)


def record_reading(work: UnitOfWork, actor: Actor, what: str, whom: Iterable[str] = ("",)) -> None:
    """Adds a row for each person whose data an operator is about to read, or one with an empty ``whom`` for none."""

    accounts = sorted(set(whom)) or [""]
    command(work, actor, lambda unit: _record_each(unit, actor, what, accounts))


def _record_each(unit: Unit, actor: Actor, what: str, accounts: Iterable[str]) -> Document:
    for account in accounts:
        record(unit, actor.id, what, account, "")
    return {}


def read(database: Documents, query: Mapping[str, Any]) -> Document:
    """A page of the audit trail, newest first. ``query`` has ``limit``, ``cursor`` and optionally ``whom``."""
    wanted = {"whom": query["whom"]} if "whom" in query else {}
    return page(database[COLLECTION], wanted, query, lambda row: {**row, "id": row["_id"]}, "at")
