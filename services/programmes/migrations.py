"""Migrations of this service's documents, in order. See `chassis.migrations`."""

from chassis.keys import wrap_signing_key
from chassis.migrations import Migration, drop_index
from chassis.mongo import Documents
from chassis.outbox import COLLECTION as OUTBOX
from chassis.places import keep_apart


def drop_replaced_indexes(database: Documents) -> None:
    """Drops the indexes that longer ones replace."""
    for collection, name in (
        ("contributions", "by_1"), ("endings", "by_1"), ("pairs", "mentor_1"), ("pairs", "mentee_1"),
        ("teams", "programme_1"),
    ):  # fmt: skip
        drop_index(database[collection], name)
    drop_index(database[OUTBOX], "log_1")


MIGRATIONS = (
    Migration(1, "keep_apart", keep_apart(keys="keys")),
    Migration(2, "wrap_signing_key", seal=wrap_signing_key),
    Migration(3, "drop_replaced_indexes", drop_replaced_indexes),
)
