"""A lease: at most one process at a time does a job, by the database's clock; an epoch rises with each change."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chassis.ids import new_id
from chassis.mongo import Documents

COLLECTION = "leases"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Lease:
    """One process's bid for the lease ``name``. Not shared between threads."""

    def __init__(self, database: Documents, name: str, life: timedelta) -> None:
        self._leases = database[COLLECTION]
        self._name = name
        self._life_ms = int(life.total_seconds() * 1000)
        self._renew_s = life.total_seconds() / 4
        self._renewed = float("-inf")
        self.holder = new_id()
        self.epoch = 0

    def hold(self) -> bool:
        """Takes or renews the lease; False while somebody else has it. Call it well within the lease's life.

        Asked often, it writes only when a quarter of the life has passed: by this machine's clock, which goes on
        while the process is stopped.
        """
        asked = time.monotonic()
        if asked - self._renewed < self._renew_s:
            return True
        if self.epoch == 0:
            with suppress(DuplicateKeyError):  # the row is there; an upsert may not compare with $$NOW
                self._leases.insert_one({"_id": self._name, "holder": None, "epoch": 0, "until": _LONG_AGO})
        free = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$eq": ["$holder", self.holder]}]}
        fresh = {"$ne": ["$holder", self.holder]}
        take = [
            {
                "$set": {
                    "epoch": {"$add": ["$epoch", {"$cond": [fresh, 1, 0]}]},
                    "until": {"$add": ["$$NOW", self._life_ms]},
                    "holder": self.holder,
                }
            }
        ]
        row = self._leases.find_one_and_update(
            {"_id": self._name, "$expr": free}, take, return_document=ReturnDocument.AFTER
        )
        self._renewed = asked if row else float("-inf")
        if row is None:
            return False
        self.epoch = row["epoch"]
        return True

    def release(self) -> None:
        """Lets the next one start at once; nothing happens when it is not ours any more."""
        self._renewed = float("-inf")
        self._leases.update_one(
            {"_id": self._name, "holder": self.holder}, [{"$set": {"until": "$$NOW", "holder": None}}]
        )
