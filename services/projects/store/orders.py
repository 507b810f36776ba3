"""Orders and billing details in MongoDB. `store.projects` checks access to the project.

A row of ``billing`` belongs to an organisation or a mentor: ``details`` as given (None until then), and ``orders``, the
number of its orders, from which a client's order numbers come. Every order writes both sides' rows, so that concurrent
orders cannot take the same number and a concurrent change of details conflicts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.orders import Billing, Buyer, Order, OrderedQuote, Seller, Vat, vat_under
from services.projects.model.project import AWARDED, Project

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "billing": [],
    "orders": [
        IndexModel([("organisation", ASCENDING), ("number", ASCENDING)], unique=True),
        IndexModel([("mentor.account", ASCENDING)]),
    ],
}
OWNER_OF = {"client": "organisation", "mentor": "mentor.account"}


def count_order(unit: Unit, party: str) -> Billing:
    """Increments the number of orders of an organisation or a mentor; returns the billing row."""
    new = {"$inc": {"orders": 1}, "$setOnInsert": {"details": None, "version": 0}}
    row = unit.collection("billing").find_one_and_update(
        {"_id": party}, new, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert row is not None  # upserted
    return _billing(row)


def find_billing(unit: Unit, party: str) -> Billing:
    """The billing row as this transaction sees it; version 0 if there is none yet."""
    row = unit.find("billing", {"_id": party})
    return _billing(row) if row else Billing(party)


def save_billing(unit: Unit, billing: Billing, side: str, details: Mapping[str, Any], now: datetime) -> int:
    """Stores the details and completes the orders issued without any; returns the row's new version."""
    version = billing.version + 1
    new = {"_id": billing.party, "orders": billing.orders, "details": dict(details), "version": version}
    unit.collection("billing").replace_one({"_id": billing.party}, new, upsert=True)
    unit.collection("orders").update_many(
        {OWNER_OF[side]: billing.party, f"{side}.billing": None},
        {"$set": completion(side, details, now), "$inc": {"version": 1}},
    )
    return version


def completion(side: str, details: Mapping[str, Any], now: datetime) -> Document:
    """The update, by path, of orders issued without a side's details once that side gives them."""
    change: Document = {f"{side}.billing": dict(details), "revised_at": now}
    vat = vat_under(details) if side == "mentor" else None
    return change | ({"vat": asdict(vat)} if vat else {})


def forget_billing(unit: Unit, party: str) -> None:
    """Erases the details. The number of orders is kept, since a pending order takes the next number."""
    forgotten = {"$set": {"details": None}, "$inc": {"version": 1}}
    unit.collection("billing").update_one({"_id": party}, forgotten)


def read_billing(database: Documents, party: str) -> Billing:
    """The billing row; raises ``not-found`` if no details were given."""
    row = database.billing.find_one({"_id": party, "details": {"$ne": None}})
    if row is None:
        raise not_found()
    return _billing(row)


def has_order(unit: Unit, project_id: str) -> bool:
    """Whether the project's order has been issued."""
    return unit.find("orders", {"_id": project_id}) is not None


def save_order(unit: Unit, order: Order) -> None:
    """Stores a new order. It publishes no event, because it names both sides."""
    unit.put("orders", order_document(order))


def order_document(order: Order) -> Document:
    """The stored form of an order."""
    row = asdict(order)
    return {"_id": row.pop("id"), **row}


def read_order(database: Documents, project: Project) -> Order:
    """The order of a project that the caller may see.

    Raises ``unavailable`` between award and issue; ``not-found`` without an award, or if it gets no order: awarded
    before orders existed, or to somebody who has left.
    """
    if project.state not in AWARDED or project.awarded_at is None:
        raise not_found()
    row = database.orders.find_one({"_id": project.id})
    if row is None and project.order_lost:
        raise not_found()
    if row is None:
        raise Refusal("unavailable", "The order is being issued.", retry_after=1)
    return order_from(row)


def everything_of(database: Documents, actor: Actor, parties: Sequence[str], project_ids: Sequence[str]) -> Document:
    """The caller's billing details, and the orders of projects that the caller posted or was chosen for."""
    row = database.billing.find_one({"_id": {"$in": list(parties)}, "details": {"$ne": None}})
    mine = {"$or": [{"_id": {"$in": list(project_ids)}}, {"mentor.account": actor.id}]}
    return {
        "billing": row["details"] if row else None,
        "orders": [order_from(row) for row in database.orders.find(mine).sort("issued_at", ASCENDING)],
    }


def _billing(row: Document) -> Billing:
    return Billing(row["_id"], row["orders"], row["details"], row["version"])


def order_from(row: Document) -> Order:
    """The order from its stored form."""
    known = {field.name: row[field.name] for field in fields(Order) if field.name in row}
    known |= {
        "client": Buyer(**row["client"]),
        "mentor": Seller(**row["mentor"]),
        "quote": OrderedQuote(**row["quote"]),
        "vat": Vat(**row["vat"]) if row["vat"] else None,
    }
    return Order(id=row["_id"], **known)
