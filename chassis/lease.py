"""A lease: at most one process at a time does a job, by the database's clock; an epoch rises with each change."""

from datetime import timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chassis.ids import new_id
from chassis.mongo import Documents

COLLECTION = "leases"


class Lease:
    """One process's bid for the lease ``name``. Not shared between threads."""

    def __init__(self, database: Documents, name: str, life: timedelta) -> None:
        self._leases = database[COLLECTION]
        self._name = name
        self._life_ms = int(life.total_seconds() * 1000)
        self.holder = new_id()
        self.epoch = 0

    def hold(self) -> bool:
        """Takes or renews the lease; False while somebody else has it. Call it well within the lease's life."""
        free = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$eq": ["$holder", self.holder]}]}
        fresh = {"$ne": ["$holder", self.holder]}
        take = [
            {
                "$set": {
                    "epoch": {"$add": [{"$ifNull": ["$epoch", 0]}, {"$cond": [fresh, 1, 0]}]},
                    "until": {"$add": ["$$NOW", self._life_ms]},
                    "holder": self.holder,
                }
            }
        ]
        try:
            row = self._leases.find_one_and_update(
                {"_id": self._name, "$expr": free}, take, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:  # the row exists and its holder is alive
            return False
        self.epoch = row["epoch"] if row else self.epoch
        return True

    def release(self) -> None:
        """Lets the next one start at once; nothing happens when it is not ours any more."""
        self._leases.update_one(
            {"_id": self._name, "holder": self.holder}, [{"$set": {"until": "$$NOW", "holder": None}}]
        )
