"""A unit of work on many documents of one collection: read with one query, written with one, however many they are.

Source: Fowler, Patterns of Enterprise Application Architecture: Unit of Work, Identity Map.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.client_session import ClientSession

from chassis import outbox
from chassis.clock import Clock
from chassis.collection import Collection
from chassis.mongo import Document, Documents
from chassis.unit import Unit

Write = InsertOne[Document] | ReplaceOne[Document]


class Conflict(Exception):
    """A document was not at the version that was read: nothing of this unit of work stands."""


class Gathered(Unit):
    """Keeps what is put until the end, and finds by id what it has loaded or kept.

    Whoever asks for a collection gets it as it is after all that was put before.
    """

    def __init__(self, database: Documents, session: ClientSession, clock: Clock, rows: outbox.Rows) -> None:
        super().__init__(database, session, clock, rows)
        self._writes: dict[str, list[Write]] = defaultdict(list)
        self._told: list[Document] = []
        self._kept: dict[str, dict[Any, Document]] = defaultdict(dict)

    def load(self, collection: str, ids: Sequence[Any]) -> None:
        """Reads these documents at once."""
        rows = self._bound(collection).find({"_id": {"$in": list(ids)}})
        self._kept[collection] = {row["_id"]: row for row in rows}

    def collection(self, name: str) -> Collection:
        self.finish()
        self._kept.pop(name, None)  # whoever has the collection may change what was kept of it
        return super().collection(name)

    def find(self, collection: str, filter: Mapping[str, Any]) -> Document | None:
        if filter.keys() != {"_id"}:
            self.finish()
        elif filter["_id"] in self._kept[collection]:
            return self._kept[collection][filter["_id"]]
        return super().find(collection, filter)

    def _store(self, collection: str, read: int, written: Document, only_if: Mapping[str, Any]) -> bool:
        if only_if:  # the database decides, now
            self.finish()
            self._kept[collection].pop(written["_id"], None)
            return super()._store(collection, read, written, only_if)
        guard = {"_id": written["_id"], "version": read}
        self._writes[collection].append(ReplaceOne(guard, written) if read else InsertOne(written))
        self._kept[collection][written["_id"]] = written
        return True

    def _tell(self, rows: Sequence[Document]) -> None:
        self._told += rows

    def finish(self) -> None:
        """Writes what was put. Raises `Conflict`."""
        writes, self._writes = self._writes, defaultdict(list)
        told, self._told = self._told, []
        for collection, some in writes.items():
            done = self._bound(collection).bulk_write(some)
            if done.matched_count + done.inserted_count != len(some):
                raise Conflict
        super()._tell(told)
