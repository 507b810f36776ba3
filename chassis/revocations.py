"""Revoked access tokens: each service keeps them until the tokens would have expired, and refuses them.

The service that issues tokens publishes a revocation with ``account``, the session ``ended`` (None: all sessions of
the account that began until ``at``, but the session ``kept``), ``at``, and ``until``, when the last of them expires.
"""

from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.events import Event
from chassis.unit import Unit

COLLECTION = "revocations"


def indexes() -> list[IndexModel]:
    """Rows are read by the time at which they were kept, and expire with the tokens."""
    return [IndexModel([("kept_at", ASCENDING)]), IndexModel([("until", ASCENDING)], expireAfterSeconds=0)]


def keep_revocation(event: Event, unit: Unit, _config: Any) -> None:
    """The handler: keeps the revocation for the HTTP side, unless its tokens have expired already."""
    if event.data["until"] > unit.now:
        change = {"$setOnInsert": {**event.data, "kept_at": unit.now}}
        unit.collection(COLLECTION).update_one({"_id": event.subject}, change, upsert=True)
