"""How often an address was mailed within a day, over all programmes: counted by digest, and kept for that day."""

from collections.abc import Collection
from datetime import timedelta

from pymongo import ASCENDING, IndexModel, UpdateOne

from chassis.unit import Unit

DAY = timedelta(days=1)
INDEXES = [IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=0)]


def mailed_often(unit: Unit, digests: Collection[str], most: int) -> set[str]:
    """Those of these addresses that were mailed ``most`` times or more within the last day."""
    rows = unit.collection("mailed").find({"_id": {"$in": list(digests)}})
    return {row["_id"] for row in rows if sum(at > unit.now - DAY for at in row["times"]) >= most}


def count_mailed(unit: Unit, digests: Collection[str], most: int) -> None:
    """Counts a mail to each of these addresses; more than the last ``most`` times are not kept."""
    change = {"$push": {"times": {"$each": [unit.now], "$slice": -most}}, "$set": {"gone_at": unit.now + DAY}}
    unit.collection("mailed").bulk_write([UpdateOne({"_id": digest}, change, upsert=True) for digest in digests])
