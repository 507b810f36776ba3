"""A unit of work on many documents of one collection: read with one query, written with one, however many they are.

Source: Fowler, Patterns of Enterprise Application Architecture: Unit of Work, Identity Map.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from chassis import outbox
from chassis.facts import Fact
from chassis.mongo import Document, Documents
from chassis.unit import Unit

Write = InsertOne[Document] | ReplaceOne[Document]


class Conflict(Exception):
    """A document was not at the version that was read: nothing of this unit of work stands."""


class Gathered(Unit):
    """Keeps what is put until the end, and finds by id what it has loaded or kept.

    Whoever asks for a collection gets it as it is after all that was put before.
    """

    def __init__(self, database: Documents, session: ClientSession, now: datetime, rows: outbox.Rows) -> None:
        super().__init__(database, session, now, rows)
        self._writes: dict[str, list[Write]] = defaultdict(list)
        self._told: list[Document] = []
        self._kept: dict[str, dict[Any, Document]] = defaultdict(dict)

    def load(self, collection: str, ids: Sequence[Any]) -> None:
        """Reads these documents at once."""
        rows = self.database[collection].find({"_id": {"$in": list(ids)}}, session=self.session)
        self._kept[collection] = {row["_id"]: row for row in rows}

    def collection(self, name: str) -> Collection[Document]:
        self.finish()
        self._kept.pop(name, None)  # whoever has the collection may change what was kept of it
        return super().collection(name)

    def find(self, collection: str, filter: Mapping[str, Any]) -> Document | None:
        if filter.keys() != {"_id"}:
            self.finish()
        elif filter["_id"] in self._kept[collection]:
            return self._kept[collection][filter["_id"]]
        return super().find(collection, filter)

    def put(
        self,
        collection: str,
        document: Mapping[str, Any],
        facts: Sequence[Fact] = (),
        *,
        subject: str | None = None,
        only_if: Mapping[str, Any] | None = None,
    ) -> bool:
        read = int(document["version"])
        if only_if:
            self.finish()
            self._kept[collection].pop(document["_id"], None)
            return super().put(collection, document, facts, subject=subject, only_if=only_if)
        written = {**document, "version": read + max(1, len(facts))}
        guard = {"_id": document["_id"], "version": read}
        self._writes[collection].append(ReplaceOne(guard, written) if read else InsertOne(written))
        self._told += self._rows(subject or str(document["_id"]), read, facts, self.now)
        self._kept[collection][document["_id"]] = written
        return True

    def finish(self) -> None:
        """Writes what was put. Raises `Conflict`."""
        writes, self._writes = self._writes, defaultdict(list)
        told, self._told = self._told, []
        for collection, some in writes.items():
            done = self.database[collection].bulk_write(some, session=self.session)
            if done.matched_count + done.inserted_count != len(some):
                raise Conflict
        if told:
            self.database[outbox.COLLECTION].insert_many(told, session=self.session)
