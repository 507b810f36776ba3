"""Ages and verification of mentors' accounts in MongoDB, as events of accounts tell them; also kept in the profiles."""

from datetime import datetime

from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit


def record_registration(unit: Unit, account: str, at: datetime) -> None:
    """Stores when a mentor's account was registered."""
    change: Document = {"$set": {"registered_at": at}}
    unit.collection("accounts").update_one({"_id": account}, change, upsert=True)
    unit.collection("profiles").update_one({"_id": account}, change)


def record_verification(unit: Unit, account: str) -> None:
    """Stores that the account's e-mail is verified from now on; it stays so. Does nothing for clients."""
    change: Document = {"$min": {"verified_at": unit.now}}
    unit.collection("accounts").update_one({"_id": account}, change)
    unit.collection("profiles").update_one({"_id": account, "verified_at": None}, {"$set": {"verified_at": unit.now}})


def account_times(unit: Unit, actor: Actor) -> tuple[datetime | None, datetime | None]:
    """When the mentor's account was registered and verified, for a first profile; None for what is unknown.

    It writes the row, so that an event about the account that is handled now conflicts, and one of the two is retried.
    """
    change: Document = {"$set": {"has_profile": True}}
    row = unit.collection("accounts").find_one_and_update({"_id": actor.id}, change) or {}
    return row.get("registered_at"), row.get("verified_at")


def read_account(database: Documents, actor: Actor) -> Document | None:
    """The caller's row, for the export."""
    return database.accounts.find_one({"_id": actor.id})
