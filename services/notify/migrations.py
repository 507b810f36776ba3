"""How this service's documents came to look as they do. See `chassis.migrations`."""

from chassis.migrations import Migration, change_each
from chassis.mongo import Documents
from contracts.market import DEFAULT_ZONE


def let_several_act_for_a_client(database: Documents) -> None:
    """One account was told as the client, none ("") while the project was a placeholder; colleagues came later."""
    clients = {"$cond": [{"$in": ["$client", ["", None]]}, [], ["$client"]]}
    older = {"clients": None, "client": {"$exists": True}}
    change_each(database.projects, older, [{"$set": {"clients": clients}}, {"$unset": "client"}])


def tell_chosen_zones_from_the_default(database: Documents) -> None:
    """Preferences that named no time zone were kept with the default; nobody can tell whether it was chosen."""
    chosen = {"$cond": [{"$eq": ["$zone", DEFAULT_ZONE]}, None, "$zone"]}
    change_each(database.people, {"zone": {"$exists": True}}, [{"$set": {"chosen_zone": chosen}}, {"$unset": "zone"}])


MIGRATIONS = (
    Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),
    Migration(2, "tell_chosen_zones_from_the_default", tell_chosen_zones_from_the_default),
)
