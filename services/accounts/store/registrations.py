"""Registrations whose e-mail is not confirmed yet, in MongoDB; each ends with its last link."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from pymongo import DESCENDING

from chassis.facts import Fact
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import Registration


def save_registration(unit: Unit, registration: Registration, facts: Sequence[Fact]) -> None:
    """Stores a new or changed registration with the request for its mail."""
    unit.put("registrations", registration_document(registration), facts)


def registration_of(unit: Unit, email_key: str) -> Registration | None:
    """The latest registration of this e-mail, as this transaction sees it."""
    found = unit.collection("registrations").find({"email_key": email_key, "expires_at": {"$gt": unit.now}})
    row = next(iter(found.sort("created_at", DESCENDING).limit(1)), None)
    return registration_from(row) if row else None


def registration_by_id(unit: Unit, registration_id: str) -> Registration | None:
    """A registration, for its link, as this transaction sees it."""
    row = unit.find("registrations", {"_id": registration_id})
    return registration_from(row) if row else None


def find_registration_by_id(database: Documents, registration_id: str) -> Registration | None:
    """A registration, for its link."""
    row = database.registrations.find_one({"_id": registration_id})
    return registration_from(row) if row else None


def drop_registrations(unit: Unit, email_key: str) -> None:
    """Deletes every registration of this e-mail with its mails: there is an account now."""
    rows = unit.collection("registrations")
    ids = [row["_id"] for row in rows.find({"email_key": email_key}, {"_id": 1})]
    if ids:
        unit.collection("mails").delete_many({"account": {"$in": ids}})
        rows.delete_many({"_id": {"$in": ids}})


def registration_document(registration: Registration) -> Document:
    """The registration as it is stored."""
    row = asdict(registration)
    return {"_id": row.pop("id"), **row}


def registration_from(row: Document) -> Registration:
    """Reads a row written by `registration_document`."""
    return Registration(
        id=row["_id"], **{field.name: row[field.name] for field in fields(Registration) if field.name != "id"}
    )
