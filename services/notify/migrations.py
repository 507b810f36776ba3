"""Migrations of this service's documents, in order. See `chassis.migrations`."""

from chassis.migrations import Migration, change_each
from chassis.mongo import Documents
from chassis.outbox import drop_replaced_indexes
from chassis.places import keep_apart
from contracts.market import DEFAULT_ZONE


def let_several_act_for_a_client(database: Documents) -> None:
    """Replaces ``client``, one account or "" for a placeholder, by the list ``clients``: colleagues may share it."""
    clients = {"$cond": [{"$in": ["$client", ["", None]]}, [], ["$client"]]}
    older = {"clients": None, "client": {"$exists": True}}
    change_each(database.projects, older, [{"$set": {"clients": clients}}, {"$unset": "client"}])


def tell_chosen_zones_from_the_default(database: Documents) -> None:
    """Replaces ``zone`` by ``chosen_zone``, None where it was the default: preferences without a zone stored it too."""
    chosen = {"$cond": [{"$eq": ["$zone", DEFAULT_ZONE]}, None, "$zone"]}
    change_each(database.people, {"zone": {"$exists": True}}, [{"$set": {"chosen_zone": chosen}}, {"$unset": "zone"}])


MIGRATIONS = (
    Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),
    Migration(2, "tell_chosen_zones_from_the_default", tell_chosen_zones_from_the_default),
    Migration(3, "keep_apart", keep_apart()),
    Migration(4, "drop_replaced_indexes", drop_replaced_indexes(deliveries=["account_1"])),
)
