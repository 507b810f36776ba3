"""Migrations of this service's documents, in order. See `chassis.migrations`."""

from chassis.keys import wrap_signing_key
from chassis.migrations import Migration
from chassis.places import keep_apart

MIGRATIONS = (
    Migration(1, "keep_apart", keep_apart(keys="keys")),
    Migration(2, "wrap_signing_key", seal=wrap_signing_key),
)
