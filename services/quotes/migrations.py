"""Migrations of this service's documents. See `chassis.migrations`."""

from chassis.keys import wrap_signing_key
from chassis.migrations import Migration, change_each
from chassis.mongo import Documents
from chassis.outbox import drop_replaced_indexes
from chassis.places import keep_apart


def let_several_act_for_a_client(database: Documents) -> None:
    """Replaces a round's single ``client`` by the list ``clients``."""
    older = {"clients": None, "client": {"$type": "string"}}
    change_each(database.rounds, older, [{"$set": {"clients": ["$client"]}}, {"$unset": "client"}])


MIGRATIONS = (
    Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),
    Migration(2, "keep_apart", keep_apart(keys="keys")),
    Migration(3, "wrap_signing_key", seal=wrap_signing_key),
    Migration(
        4,
        "drop_replaced_indexes",
        drop_replaced_indexes(
            sketches=["probes_1"],
            drafts=["account_1"],
            invitations=["account_1"],
            rounds=["clients_1"],
        ),
    ),
)
