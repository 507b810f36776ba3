"""Guards: many transactions pass one at the same moment, and one that closes it meets every one of them.

A transaction that reads a document conflicts with nobody, so two that each read what the other writes can both commit
(write skew). Where all of them wrote one guard document, they would queue. Here each thread that passes writes a
document of its own, its lane, and whoever closes the guard writes all lanes: of the two, one begins again.
"""

import itertools
import random
import threading
from datetime import timedelta

from pymongo import ASCENDING, IndexModel, UpdateOne

from chassis.unit import Unit

COLLECTION = "guards"
LANES = 64
"""More than the threads of a process, so that its own transactions never share one."""
KEEP = timedelta(days=1)
"""How long a lane outlives its last use; longer than any transaction."""

_lanes = itertools.count(random.randrange(LANES))  # processes begin at different lanes
_mine = threading.local()


def indexes() -> list[IndexModel]:
    """Lanes that nobody uses go."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP.total_seconds()))]


def passing(unit: Unit, name: str) -> None:
    """Notes that this transaction relies on what the guard protects. Others pass beside it."""
    if not hasattr(_mine, "lane"):
        _mine.lane = next(_lanes) % LANES
    change = {"$set": {"at": unit.now}, "$inc": {"uses": 1}}
    unit.collection(COLLECTION).update_one({"_id": f"{name}:{_mine.lane}"}, change, upsert=True)


def closing(unit: Unit, name: str) -> None:
    """Notes that this transaction changes what the guard protects: none that passes now commits beside it."""
    change = {"$set": {"at": unit.now}, "$inc": {"uses": 1}}
    lanes = [UpdateOne({"_id": f"{name}:{lane}"}, change, upsert=True) for lane in range(LANES)]
    unit.collection(COLLECTION).bulk_write(lanes)
