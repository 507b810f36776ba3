"""Attempts to sign in, counted in MongoDB by digests: by e-mail and network, and more leniently by e-mail alone.

An owner's networks, from which the right password came before, are known for 90 days and skip the second count.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pymongo import ReturnDocument

from chassis.clock import LONG_AGO
from chassis.facts import Refusal, seconds_until
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import GUESS_WAITS_S, WAITS_S

NO_WAITS = (0,)


def count_attempt(database: Documents, email_key: str, network: str) -> None:
    """Counts an attempt to sign in before the password is checked; refused as ``rate-limited`` during a wait."""
    _count(database, "attempts", _pair(email_key, network), WAITS_S, email_key)
    mine = _pair(email_key, network)
    if database.known_networks.find_one({"_id": mine}, {"_id": 1}) is None:
        _count(database, "guesses", _digest(email_key), GUESS_WAITS_S, email_key)
    else:  # as many writes, because only an account has known networks
        _count(database, "decoys", mine, NO_WAITS, email_key)


def _count(database: Documents, collection: str, row_id: str, waits_s: Sequence[int], email_key: str) -> None:
    """Counts under this id; refused as ``rate-limited`` during a wait.

    One atomic update decides by the database's clock, so that concurrent guesses are counted one by one, and an unknown
    e-mail is throttled like a known one. Only digests are stored, for a day. No wait is stored as no time: the clock of
    a concurrent guess may have been read a moment before this one, and would lie within a wait of nothing.
    """
    ticket = new_id()
    allowed = {"$lte": [{"$ifNull": ["$blocked_until", LONG_AGO]}, "$$NOW"]}
    counted = {"$eq": ["$ticket", ticket]}
    count = {"$cond": [allowed, {"$add": [{"$ifNull": ["$count", 0]}, 1]}, "$count"]}
    wait = {"$arrayElemAt": [[seconds * 1000 for seconds in waits_s], {"$min": ["$count", len(waits_s) - 1]}]}
    then = {"$cond": [{"$gt": ["$wait", 0]}, {"$add": ["$$NOW", "$wait"]}, None]}
    update: list[Document] = [
        {
            "$set": {
                "at": "$$NOW",
                "email": _digest(email_key),
                "ticket": {"$cond": [allowed, ticket, "$ticket"]},
                "count": count,
            }
        },
        {"$set": {"wait": wait}},
        {"$set": {"blocked_until": {"$cond": [counted, then, "$blocked_until"]}}},
        {"$unset": "wait"},
    ]
    row = database[collection].find_one_and_update(
        {"_id": row_id}, update, upsert=True, return_document=ReturnDocument.AFTER
    )
    if row is not None and row["ticket"] != ticket:
        left = seconds_until(row["blocked_until"] - row["at"])
        raise Refusal("rate-limited", "Too many attempts; please wait.", retry_after=left)


def admit_network(database: Documents, email_key: str, network: str, now: datetime) -> None:
    """After a correct or a new password: resets the network's count, and knows the network from now on."""
    database.attempts.delete_one({"_id": _pair(email_key, network)})
    row = {"email": _digest(email_key), "at": now}
    database.known_networks.replace_one({"_id": _pair(email_key, network)}, row, upsert=True)


def forget_guesses(database: Documents, email_key: str) -> None:
    """Resets every count of this e-mail, after a new password by a link."""
    database.attempts.delete_many({"email": _digest(email_key)})
    database.guesses.delete_one({"_id": _digest(email_key)})


def drop_attempts(unit: Unit, email_key: str) -> None:
    """Deletes the counts and networks of an erased account, within a unit of work."""
    for collection in ("attempts", "guesses", "known_networks"):
        unit.collection(collection).delete_many({"email": _digest(email_key)})


def read_attempts(database: Documents, email_key: str) -> int:
    """The number of failed attempts stored."""
    return sum(int(row["count"]) for row in database.attempts.find({"email": _digest(email_key)}))


def _pair(email_key: str, network: str) -> str:
    return _digest(f"{network}\n{email_key}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
