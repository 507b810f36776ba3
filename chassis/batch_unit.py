"""A unit of work for a batch of documents of one collection: one query reads them all, and one writes them all.

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
from chassis.keyring import Keyring
from chassis.mongo import Document, Documents
from chassis.unit import Unit

Write = InsertOne[Document] | ReplaceOne[Document]


class Conflict(Exception):
    """A document no longer had the version that was read, so the whole unit of work is aborted."""


class BatchUnit(Unit):
    """Buffers writes until the end of the transaction and caches loaded and buffered documents by id.

    `collection`, and a `find` by anything but the id, first write the buffer, so that they see earlier changes.
    """

    def __init__(
        self,
        database: Documents,
        session: ClientSession,
        clock: Clock,
        rows: outbox.Rows,
        keys: Keyring | None = None,
    ) -> None:
        super().__init__(database, session, clock, rows, keys)
        self._writes: dict[str, list[Write]] = defaultdict(list)
        self._outbox_rows: list[Document] = []
        self._cached: dict[str, dict[Any, Document]] = defaultdict(dict)

    def load(self, collection: str, ids: Sequence[Any]) -> None:
        """Reads these documents into the cache with one query."""
        rows = self._bound(collection).find({"_id": {"$in": list(ids)}})
        self._cached[collection] = {row["_id"]: row for row in rows}

    def collection(self, name: str) -> Collection:
        self.finish()
        self._cached.pop(name, None)  # the caller may change cached documents through the collection
        return super().collection(name)

    def find(self, collection: str, filter: Mapping[str, Any]) -> Document | None:
        if filter.keys() != {"_id"}:
            self.finish()
        elif filter["_id"] in self._cached[collection]:
            return self._cached[collection][filter["_id"]]
        return super().find(collection, filter)

    def _store(self, collection: str, read: int, written: Document, only_if: Mapping[str, Any]) -> bool:
        if only_if:  # the database must evaluate the condition immediately
            self.finish()
            self._cached[collection].pop(written["_id"], None)
            return super()._store(collection, read, written, only_if)
        guard = {"_id": written["_id"], "version": read}
        self._writes[collection].append(ReplaceOne(guard, written) if read else InsertOne(written))
        self._cached[collection][written["_id"]] = written
        return True

    def _write_outbox(self, rows: Sequence[Document]) -> None:
        self._outbox_rows += rows

    def finish(self) -> None:
        """Writes the buffered documents and outbox rows. Raises `Conflict`."""
        writes, self._writes = self._writes, defaultdict(list)
        outbox_rows, self._outbox_rows = self._outbox_rows, []
        for collection, some in writes.items():
            done = self._bound(collection).bulk_write(some)
            if done.matched_count + done.inserted_count != len(some):
                raise Conflict
        super()._write_outbox(outbox_rows)
