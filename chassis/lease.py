"""A lease lets at most one process at a time do a job. It expires by the database's clock.

Its epoch rises with each change of holder.
"""

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
    """One process's claim to the lease ``name``, which expires after ``life``. Not safe to share between threads."""

    def __init__(self, database: Documents, name: str, life: timedelta) -> None:
        self._leases = database[COLLECTION]
        self._name = name
        self._life_ms = int(life.total_seconds() * 1000)
        self._renew_s = life.total_seconds() / 4
        self._renewed = float("-inf")
        self.holder = new_id()
        self.epoch = 0

    def hold(self) -> bool:
        """Takes or renews the lease; returns False while another process holds it. Call it often within its life.

        It writes only when a quarter of the life has passed since the last renewal. It measures that by this machine's
        monotonic clock, which continues while the process is suspended.
        """
        asked = time.monotonic()
        if asked - self._renewed < self._renew_s:
            return True
        if self.epoch == 0:
            with suppress(DuplicateKeyError):  # the row exists; an upsert cannot compare with $$NOW
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
        """Gives up the lease, so that another process can take it immediately. Does nothing if it is not held."""
        self._renewed = float("-inf")
        self._leases.update_one(
            {"_id": self._name, "holder": self.holder}, [{"$set": {"until": "$$NOW", "holder": None}}]
        )
