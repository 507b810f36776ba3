"""Orders, and what each side wants on its invoices, in MongoDB. `store` says whose project it is.

A row of ``billing`` stands for an organisation or a mentor: ``details`` as given, None before that, and ``orders``, how
many orders it has. That count is where a client's numbers come from. Every order writes both sides' rows, so that
MongoDB lets neither two orders take one number nor details slip in between.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.orders import completion
from services.projects.model.project import AWARDED, Project

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "billing": [],
    "orders": [
        IndexModel([("organisation", ASCENDING), ("number", ASCENDING)], unique=True),
        IndexModel([("mentor.account", ASCENDING)]),
    ],
}
OWNER_OF = {"client": "organisation", "mentor": "mentor.account"}


def count_order(unit: Unit, party: str) -> Document:
    """The billing row of an organisation or a mentor with one order more."""
    new = {"$inc": {"orders": 1}, "$setOnInsert": {"details": None, "version": 0}}
    row = unit.collection("billing").find_one_and_update(
        {"_id": party}, new, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert row is not None  # it was made where it was not there
    return row


def find_billing(unit: Unit, party: str) -> Document:
    """The billing row as this transaction sees it; at version 0 before anything was given."""
    return unit.find("billing", {"_id": party}) or {"_id": party, "orders": 0, "details": None, "version": 0}


def save_billing(unit: Unit, row: Mapping[str, Any], side: str, details: Mapping[str, Any], now: datetime) -> int:
    """Stores the details, completes the orders that were issued without any, and gives the row's new version."""
    version = int(row["version"]) + 1
    new = {**row, "details": dict(details), "version": version}
    unit.collection("billing").replace_one({"_id": row["_id"]}, new, upsert=True)
    unit.collection("orders").update_many(
        {OWNER_OF[side]: row["_id"], f"{side}.billing": None},
        {"$set": completion(side, details, now), "$inc": {"version": 1}},
    )
    return version


def forget_billing(unit: Unit, party: str) -> None:
    """Details go. How many orders there are stays: an order that is still to come takes the next number."""
    forgotten = {"$set": {"details": None}, "$inc": {"version": 1}}
    unit.collection("billing").update_one({"_id": party}, forgotten)


def read_billing(database: Documents, party: str) -> Document:
    """The billing row; ``not-found`` before anything was given."""
    row = database.billing.find_one({"_id": party, "details": {"$ne": None}})
    if row is None:
        raise not_found()
    return row


def has_order(unit: Unit, project_id: str) -> bool:
    """Whether the project's order was issued."""
    return unit.find("orders", {"_id": project_id}) is not None


def save_order(unit: Unit, order: Mapping[str, Any]) -> None:
    """Stores a new order. It has no events: it names both sides."""
    unit.put("orders", order)


def read_order(database: Documents, project: Project) -> Document:
    """The order of a project that the caller may see; ``unavailable`` between the award and its issue.

    ``not-found`` where nothing is awarded, or was before there were orders.
    """
    if project.state not in AWARDED or project.awarded_at is None:
        raise not_found()
    order = database.orders.find_one({"_id": project.id})
    if order is None:
        raise Refusal("unavailable", "The order is being drawn up.", retry_after=1)
    return order


def everything_of(database: Documents, actor: Actor, parties: Sequence[str], project_ids: Sequence[str]) -> Document:
    """The caller's billing details, and the orders of the caller's projects and of those it was chosen for."""
    row = database.billing.find_one({"_id": {"$in": list(parties)}, "details": {"$ne": None}})
    mine = {"$or": [{"_id": {"$in": list(project_ids)}}, {"mentor.account": actor.id}]}
    return {
        "billing": row["details"] if row else None,
        "orders": list(database.orders.find(mine).sort("issued_at", ASCENDING)),
    }
