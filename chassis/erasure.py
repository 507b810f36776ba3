"""Erasure: a service that has erased a person's data keeps the account's id, so that the data cannot return.

An access token outlives its account by minutes, and an event about the account may arrive late: check `is_erased`.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact
from chassis.unit import Unit

COLLECTION = "erasures"


def indexes(horizon: timedelta) -> list[IndexModel]:
    """Ids expire once no event about the account can be delivered any more."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(horizon.total_seconds() * 1.2))]


def is_erased(unit: Unit, account: str) -> bool:
    """Whether this service has erased the account's data."""
    return bool(erased_of(unit, [account]))


def erased_of(unit: Unit, accounts: Iterable[str]) -> set[str]:
    """The accounts among these that this service has erased."""
    found = unit.collection(COLLECTION).find({"_id": {"$in": list(accounts)}}, {"_id": 1})
    return {row["_id"] for row in found}


def confirm(unit: Unit, account: str, facts: Sequence[Fact]) -> None:
    """Stores the id and publishes ``facts``, which confirm the erasure. A repeated call publishes them again."""
    kept = unit.find(COLLECTION, {"_id": account}) or {"_id": account, "version": 0}
    unit.put(COLLECTION, {**kept, "at": unit.now}, facts)
