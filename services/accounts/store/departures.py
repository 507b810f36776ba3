"""Departures in MongoDB, one per account, until they are stopped, refused or granted."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import Departure


def find_departure(unit: Unit, account_id: str) -> Departure | None:
    """The account's departure as this transaction sees it, or None."""
    row = unit.find("departures", {"_id": account_id})
    return departure_from(row) if row else None


def read_departure(database: Documents, actor: Actor) -> Departure | None:
    """The caller's own departure, or None."""
    row = database.departures.find_one({"_id": actor.id})
    return departure_from(row) if row else None


def save_departure(unit: Unit, departure: Departure) -> None:
    """Stores a new or changed departure; its events are stored with its account."""
    unit.put("departures", departure_document(departure))


def remove_departure(unit: Unit, account_id: str) -> None:
    """Deletes the account's departure."""
    unit.collection("departures").delete_one({"_id": account_id})


def departure_document(departure: Departure) -> Document:
    """The departure as it is stored; ``due_at`` only while it is to be asked."""
    row = asdict(departure)
    due = {"due_at": departure.due_at} if departure.due_at else {}
    return {"_id": row.pop("account"), "question": row.pop("id"), **row, **due}


def departure_from(row: Mapping[str, Any]) -> Departure:
    """Reads a row written by `departure_document`."""
    known = {field.name: row[field.name] for field in fields(Departure) if field.name in row}
    return Departure(account=row["_id"], id=row["question"], **known)
