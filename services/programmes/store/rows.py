"""Rows of this service, read inside a unit of work or outside any transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.mongo import Document, Documents
from chassis.unit import Unit

Rows = Documents | Unit
"""Where to read: the database, or a unit of work if the result is to be changed."""


def find_one(rows: Rows, collection: str, wanted: Mapping[str, Any]) -> Document | None:
    """One document, or None."""
    return rows.find(collection, wanted) if isinstance(rows, Unit) else rows[collection].find_one(wanted)


def find_all(
    rows: Rows, collection: str, wanted: Mapping[str, Any], sort: Sequence[tuple[str, int]] = ()
) -> list[Document]:
    """All matching documents, sorted if an order is given."""
    held = rows.collection(collection) if isinstance(rows, Unit) else rows[collection]
    found = held.find(wanted)
    return list(found.sort(list(sort)) if sort else found)
