"""Changes of e-mails in MongoDB. The rows, and the mails of their links, expire with the links."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo import ASCENDING

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import AddressChange
from services.accounts.store.accounts import account_of


def save_change(unit: Unit, change: AddressChange, facts: Sequence[Fact] = ()) -> None:
    """Stores a new or changed change with the request for its mail."""
    unit.put("address_changes", change_document(change), facts)


def change_by_link(unit: Unit, row: Document) -> AddressChange:
    """The change that the mail of a used link belongs to; ``not-found`` if it is gone."""
    found = unit.find("address_changes", {"_id": row["account"], "expires_at": {"$gt": unit.now}})
    if found is None:
        raise not_found()
    return change_from(found)


def is_reserved(unit: Unit, email_key: str, but: str | None = None) -> bool:
    """Whether another account than ``but`` may still have this address back."""
    left = {"email_key": email_key, "confirmed_at": {"$ne": None}, "expires_at": {"$gt": unit.now}}
    return unit.find("address_changes", {**left, "account": {"$ne": but}}) is not None


def is_taken(unit: Unit, email_key: str, but: str | None = None) -> bool:
    """Whether an account has this address, or another than ``but`` may have it back."""
    return account_of(unit, email_key) is not None or is_reserved(unit, email_key, but)


def read_changes(database: Documents, actor: Actor) -> list[AddressChange]:
    """The caller's own changes, oldest first."""
    return [
        change_from(row) for row in database.address_changes.find({"account": actor.id}).sort("asked_at", ASCENDING)
    ]


def drop_changes(unit: Unit, account_id: str, **which: Any) -> None:
    """Deletes changes of the account with their mails, so that their links stop working: all, or those that match."""
    rows = unit.collection("address_changes")
    ids = [row["_id"] for row in rows.find({"account": account_id, **which}, {"_id": 1})]
    if ids:
        unit.collection("mails").delete_many({"account": {"$in": ids}})
        rows.delete_many({"_id": {"$in": ids}})


def change_document(change: AddressChange) -> Document:
    """The change as it is stored."""
    row = asdict(change)
    return {"_id": row.pop("id"), **row}


def change_from(row: Document) -> AddressChange:
    """Reads a row written by `change_document`."""
    return AddressChange(
        id=row["_id"], **{field.name: row[field.name] for field in fields(AddressChange) if field.name != "id"}
    )
