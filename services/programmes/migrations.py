"""Migrations of this service's documents, in order. See `chassis.migrations`."""

from chassis.keys import wrap_signing_key
from chassis.migrations import Migration
from chassis.outbox import drop_replaced_indexes
from chassis.places import keep_apart

MIGRATIONS = (
    Migration(1, "keep_apart", keep_apart(keys="keys")),
    Migration(2, "wrap_signing_key", seal=wrap_signing_key),
    Migration(
        3,
        "drop_replaced_indexes",
        drop_replaced_indexes(
            contributions=["by_1"],
            endings=["by_1"],
            pairs=["mentor_1", "mentee_1"],
            teams=["programme_1"],
        ),
    ),
)
