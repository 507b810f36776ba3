"""Guards against write skew: transactions pass a guard concurrently, and one that closes it conflicts with them all.

A transaction that only reads a document conflicts with no other, so two that each read what the other writes can both
commit (write skew). If all of them wrote one guard document, they would queue. Here each passing thread writes a
document of its own, its lane, and a transaction that closes the guard writes all lanes, so one of the two is retried.
Where all of them depend on each other, as when they count towards a limit, `one_by_one` makes them queue.
"""

import itertools
import os
import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from pymongo import ASCENDING, IndexModel, UpdateOne

from chassis.unit import Unit

COLLECTION = "guards"
LANES = 64
"""Number of lanes; more than the threads of a process, so that its own transactions never share one."""
KEEP = timedelta(days=1)
"""How long an unused lane is kept; longer than any transaction."""

_mine = threading.local()


@cache
def _lanes(_process: int) -> Iterator[int]:
    """The lanes of the threads of a process, which start anywhere: two processes may be forks of the same one."""
    return itertools.count(random.randrange(LANES))


def indexes() -> list[IndexModel]:
    """Unused lanes expire after `KEEP`."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP.total_seconds()))]


def passing(unit: Unit, name: str) -> None:
    """Marks this transaction as relying on the state that the guard protects. Others may pass concurrently."""
    if not hasattr(_mine, "lane"):
        _mine.lane = next(_lanes(os.getpid())) % LANES
    change = {"$set": {"at": unit.now}, "$inc": {"uses": 1}}
    unit.collection(COLLECTION).update_one({"_id": f"{name}:{_mine.lane}"}, change, upsert=True)


def one_by_one(unit: Unit, name: str) -> None:
    """Of the transactions that call it with this name, one commits at a time; the others are retried after it."""
    change = {"$set": {"at": unit.now}, "$inc": {"uses": 1}}
    unit.collection(COLLECTION).update_one({"_id": name}, change, upsert=True)


def closing(unit: Unit, name: str) -> None:
    """Marks this transaction as changing the state that the guard protects; it conflicts with all that pass now."""
    change = {"$set": {"at": unit.now}, "$inc": {"uses": 1}}
    lanes = [UpdateOne({"_id": f"{name}:{lane}"}, change, upsert=True) for lane in range(LANES)]
    unit.collection(COLLECTION).bulk_write(lanes)
