"""The log of decisions in MongoDB: one document for each wave and each override, deleted when its time is over."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from chassis.facts import not_found
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import SETTLED, Decision


def add_decision(unit: Unit, decision: Decision, kept: timedelta) -> None:
    """Stores a decision in the transaction of its effect; MongoDB deletes it after ``kept``."""
    row = asdict(decision)
    unit.collection("decisions").insert_one({"_id": row.pop("id"), **row, "expires_at": decision.at + kept})


def settled_of(unit: Unit, project_id: str) -> dict[str, str]:
    """The outcome, in every later wave of a round, of each account about which an operator has decided."""
    mine = {"project_id": project_id, "kind": {"$in": list(SETTLED)}}
    return {
        row["account"]: SETTLED[decision["kind"]]
        for decision in unit.collection("decisions").find(mine)
        for row in decision["rows"]
    }


def read_decisions(
    database: Documents, project_id: str, query: Mapping[str, Any], view: Callable[[Decision], Document]
) -> Document:
    """One page of a round's decisions, newest first; ``not-found`` for a round that matching does not know."""
    if database.shortlists.find_one({"_id": project_id}, {"_id": 1}) is None:
        raise not_found()
    return page(database.decisions, {"project_id": project_id}, query, lambda row: view(_decision(row)), "at")


def erase_from_decisions(unit: Unit, account: str) -> None:
    """Takes a mentor's id out of the log. The row stays, with the score, because the others are judged beside it."""
    unit.collection("decisions").update_many(
        {"rows.account": account}, {"$set": {"rows.$[theirs].account": ""}}, array_filters=[{"theirs.account": account}]
    )


def _decision(row: Document) -> Decision:
    known = {field.name: row[field.name] for field in fields(Decision) if field.name in row}
    return Decision(**{**known, "id": row["_id"]})
