"""Erasure: a service that has erased what it held of a person keeps the account's id, so that nothing comes back.

An access token outlives its account by minutes, and an event about it may come late: `is_erased` tells.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact
from chassis.unit import Unit

COLLECTION = "erasures"


def indexes(horizon: timedelta) -> list[IndexModel]:
    """The ids go when no event of the person can come again."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(horizon.total_seconds() * 1.2))]


def is_erased(unit: Unit, account: str) -> bool:
    """Whether this service has erased the person."""
    return bool(erased_of(unit, [account]))


def erased_of(unit: Unit, accounts: Iterable[str]) -> set[str]:
    """Those of these accounts that this service has erased."""
    found = unit.collection(COLLECTION).find({"_id": {"$in": list(accounts)}}, {"_id": 1})
    return {row["_id"] for row in found}


def confirm(unit: Unit, account: str, facts: Sequence[Fact]) -> None:
    """Keeps the id and says that it is done; asked again, it says so again."""
    kept = unit.find(COLLECTION, {"_id": account}) or {"_id": account, "version": 0}
    unit.put(COLLECTION, {**kept, "at": unit.now}, facts)
