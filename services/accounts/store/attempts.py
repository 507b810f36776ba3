"""Attempts to sign in, counted in MongoDB by a digest of the e-mail."""

import hashlib
import math
from datetime import UTC, datetime

from pymongo import ReturnDocument

from chassis.facts import Refusal
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import WAITS_S

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def count_attempt(database: Documents, email_key: str) -> None:
    """Counts an attempt to sign in before the password is checked; refused as ``rate-limited`` during a wait.

    One atomic update decides by the database's clock, so that concurrent guesses are counted one by one, and an unknown
    e-mail is throttled like a known one. Only a digest of the e-mail is stored, for a day.
    """
    ticket = new_id()
    allowed = {"$lte": [{"$ifNull": ["$blocked_until", LONG_AGO]}, "$$NOW"]}
    counted = {"$eq": ["$ticket", ticket]}
    count = {"$cond": [allowed, {"$add": [{"$ifNull": ["$count", 0]}, 1]}, "$count"]}
    wait = {"$arrayElemAt": [[seconds * 1000 for seconds in WAITS_S], {"$min": ["$count", len(WAITS_S) - 1]}]}
    update: list[Document] = [
        {"$set": {"at": "$$NOW", "ticket": {"$cond": [allowed, ticket, "$ticket"]}, "count": count}},
        {"$set": {"blocked_until": {"$cond": [counted, {"$add": ["$$NOW", wait]}, "$blocked_until"]}}},
    ]
    row = database.attempts.find_one_and_update(
        {"_id": _attempts_id(email_key)}, update, upsert=True, return_document=ReturnDocument.AFTER
    )
    if row is not None and row["ticket"] != ticket:
        wait_s = math.ceil((row["blocked_until"] - row["at"]).total_seconds())
        raise Refusal("rate-limited", "Too many attempts; please wait.", retry_after=max(1, wait_s))


def forget_attempts(database: Documents, email_key: str) -> None:
    """Resets the count, after a correct or a new password."""
    database.attempts.delete_one({"_id": _attempts_id(email_key)})


def drop_attempts(unit: Unit, email_key: str) -> None:
    """Deletes the count of an erased account, within a unit of work."""
    unit.collection("attempts").delete_one({"_id": _attempts_id(email_key)})


def read_attempts(database: Documents, email_key: str) -> int:
    """The number of failed attempts stored."""
    row = database.attempts.find_one({"_id": _attempts_id(email_key)})
    return int(row["count"]) if row else 0


def _attempts_id(email_key: str) -> str:
    return hashlib.sha256(email_key.encode()).hexdigest()
