"""A collection bound to a transaction: every call passes the session, so none reads or writes outside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, ReturnDocument, UpdateMany, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as Anywhere
from pymongo.command_cursor import CommandCursor
from pymongo.cursor import Cursor
from pymongo.results import BulkWriteResult, DeleteResult, InsertManyResult, InsertOneResult, UpdateResult

from chassis.mongo import Document

Filter = Mapping[str, Any]
Change = Mapping[str, Any]
Write = InsertOne[Document] | ReplaceOne[Document] | UpdateOne | UpdateMany | DeleteOne | DeleteMany


class Collection:
    """The subset of pymongo's collection methods in use. `chassis.unit.Unit.collection` returns it."""

    def __init__(self, rows: Anywhere[Document], session: ClientSession) -> None:
        self._rows = rows
        self._session = session

    def find(self, filter: Filter, projection: Filter | None = None, *, batch_size: int = 0) -> Cursor[Document]:
        return self._rows.find(filter, projection, batch_size=batch_size, session=self._session)

    def find_one(self, filter: Filter) -> Document | None:
        return self._rows.find_one(filter, session=self._session)

    def find_one_and_update(
        self, filter: Filter, change: Change, *, upsert: bool = False, return_document: bool = ReturnDocument.BEFORE
    ) -> Document | None:
        return self._rows.find_one_and_update(
            filter, change, upsert=upsert, return_document=return_document, session=self._session
        )

    def find_one_and_delete(self, filter: Filter) -> Document | None:
        return self._rows.find_one_and_delete(filter, session=self._session)

    def count_documents(self, filter: Filter) -> int:
        return self._rows.count_documents(filter, session=self._session)

    def distinct(self, key: str, filter: Filter) -> list[Any]:
        return self._rows.distinct(key, filter, session=self._session)

    def aggregate(self, pipeline: Sequence[Mapping[str, Any]]) -> CommandCursor[Document]:
        return self._rows.aggregate(pipeline, session=self._session)

    def insert_one(self, document: Document) -> InsertOneResult:
        return self._rows.insert_one(document, session=self._session)

    def insert_many(self, documents: Sequence[Document]) -> InsertManyResult:
        return self._rows.insert_many(documents, session=self._session)

    def replace_one(self, filter: Filter, document: Filter, *, upsert: bool = False) -> UpdateResult:
        return self._rows.replace_one(filter, document, upsert=upsert, session=self._session)

    def update_one(self, filter: Filter, change: Change, *, upsert: bool = False) -> UpdateResult:
        return self._rows.update_one(filter, change, upsert=upsert, session=self._session)

    def update_many(
        self, filter: Filter, change: Change, *, array_filters: Sequence[Filter] | None = None
    ) -> UpdateResult:
        return self._rows.update_many(filter, change, array_filters=array_filters, session=self._session)

    def delete_one(self, filter: Filter) -> DeleteResult:
        return self._rows.delete_one(filter, session=self._session)

    def delete_many(self, filter: Filter) -> DeleteResult:
        return self._rows.delete_many(filter, session=self._session)

    def bulk_write(self, writes: Sequence[Write]) -> BulkWriteResult:
        return self._rows.bulk_write(writes, session=self._session)
