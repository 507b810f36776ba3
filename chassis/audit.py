"""The audit trail: who did what to whom, when and why, written with the deed itself. Rows are added, never changed."""

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
"""Who did it, where somebody with access to the machine ran a command."""


def indexes() -> list[IndexModel]:
    """Newest first, of all or of one person."""
    by_time = [("at", ASCENDING), ("_id", ASCENDING)]
    return [IndexModel(by_time), IndexModel([("whom", ASCENDING), *by_time])]


def record(unit: Unit, who: str, what: str, whom: str, reason: str) -> None:
    """One row, in the deed's own transaction. ``who`` and ``whom`` are ids."""
    row = {"_id": new_id(), "who": who, "what": what, "whom": whom, "at": unit.now, "reason": reason}
    unit.collection(COLLECTION).insert_one(row)


def record_reading(work: UnitOfWork, actor: Actor, what: str, whom: Iterable[str] = ("",)) -> None:
    """One row for each of those whose matter an operator is about to read; at least one, of nobody in particular."""

    accounts = sorted(set(whom)) or [""]
    command(work, actor, lambda unit: _record_each(unit, actor, what, accounts))


def _record_each(unit: Unit, actor: Actor, what: str, accounts: Iterable[str]) -> Document:
    for account in accounts:
        record(unit, actor.id, what, account, "")
    return {}


def read(database: Documents, query: Mapping[str, Any]) -> Document:
    """A page of the trail, newest first; ``query`` has limit, cursor and perhaps ``whom``."""
    wanted = {"whom": query["whom"]} if "whom" in query else {}
    return page(database[COLLECTION], wanted, query, lambda row: {**row, "id": row["_id"]}, "at")
