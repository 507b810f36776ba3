"""Limits of requests an hour, counted in MongoDB by digests: by the caller's network, or by the person."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument

from chassis.clock import LONG_AGO
from chassis.facts import Refusal, seconds_until
from chassis.mongo import Document, Documents

COLLECTION = "limits"
PERIOD = timedelta(hours=1)
WRONG = ("bad-credentials", "not-found")
"""The refusals of a wrong password, and of a wrong token."""
_MILLISECONDS = int(PERIOD.total_seconds()) * 1000


def indexes() -> list[IndexModel]:
    """Counts expire after their hour."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(PERIOD.total_seconds()))]


@dataclass(frozen=True)
class Limit:
    """At most ``most`` requests within an hour that begins with the first; 0: no limit. ``name`` keeps counts apart."""

    name: str
    most: int

    def count(self, database: Documents, who: str) -> None:
        """Counts a request of ``who``. Refused as ``rate-limited`` if it is one too many, and then not counted."""
        if not self.most:
            return
        fresh = {"$lte": [{"$ifNull": ["$at", LONG_AGO]}, {"$subtract": ["$$NOW", _MILLISECONDS]}]}
        update: list[Document] = [
            {"$set": {"again": fresh}},
            {
                "$set": {
                    "at": {"$cond": ["$again", "$$NOW", "$at"]},
                    "count": {"$cond": ["$again", 1, {"$min": [{"$add": ["$count", 1]}, self.most + 1]}]},
                    "now": "$$NOW",
                }
            },
            {"$unset": "again"},
        ]
        row = database[COLLECTION].find_one_and_update(
            self._mine(who), update, upsert=True, return_document=ReturnDocument.AFTER
        )
        if row is not None:  # always: it was just written
            self._check(row, self.most)

    def check(self, database: Documents, who: str) -> None:
        """Refuses as ``rate-limited`` once the limit is reached, without counting: callers count only failures."""
        if not self.most:
            return
        row = database[COLLECTION].find_one_and_update(
            self._mine(who), [{"$set": {"now": "$$NOW"}}], return_document=ReturnDocument.AFTER
        )
        if row is not None and row["at"] > row["now"] - PERIOD:
            self._check(row, self.most - 1)

    @contextmanager
    def of_failures(self, database: Documents, who: str) -> Iterator[None]:
        """Counts wrong passwords and tokens here. Refused as ``rate-limited`` before anything is done beyond the limit.

        What goes right is not counted: many people may share an address.
        """
        self.check(database, who)
        try:
            yield
        except Refusal as refusal:
            if refusal.name in WRONG:
                self.count(database, who)
            raise

    def _mine(self, who: str) -> Document:
        return {"_id": hashlib.sha256(f"{self.name}\n{who}".encode()).hexdigest()}

    @staticmethod
    def _check(row: Document, most: int) -> None:
        if row["count"] > most:
            left = seconds_until(row["at"] + PERIOD - row["now"])
            raise Refusal("rate-limited", "Too many requests of this kind; please wait.", retry_after=left)
