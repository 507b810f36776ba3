"""A service's databases in tests: its own, and those beside it (`chassis.places`)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pymongo import WriteConcern

from chassis.mongo import Document, Documents
from chassis.places import collections_of, names_of, rows_of


def drop(database: Documents) -> None:
    """Drops a service's databases."""
    for name in names_of(database.name):
        database.client.drop_database(name)


def empty(database: Documents, known: Mapping[str, Sequence[Document]] = MappingProxyType({})) -> None:
    """Leaves only the known documents of a service, by collection; collections and their indexes stay.

    Durability does not matter here: it does not wait for the journal.
    """
    for name in collections_of(database):
        rows = rows_of(database, name).with_options(write_concern=WriteConcern(1, j=False))
        rows.delete_many({})
        if name in known:
            rows.insert_many(known[name])


def everything(database: Documents) -> dict[str, list[Document]]:
    """All documents of a service, by collection, such as ``rounds`` and ``vault/keys``."""
    return {name: list(rows_of(database, name).find()) for name in collections_of(database)}
