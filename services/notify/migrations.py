"""How this service's documents came to look as they do. See `chassis.migrations`."""

from chassis.migrations import Migration, change_each
from chassis.mongo import Documents


def let_several_act_for_a_client(database: Documents) -> None:
    """One account was told as the client, none ("") while the project was a placeholder; colleagues came later."""
    clients = {"$cond": [{"$in": ["$client", ["", None]]}, [], ["$client"]]}
    older = {"clients": None, "client": {"$exists": True}}
    change_each(database.projects, older, [{"$set": {"clients": clients}}, {"$unset": "client"}])


MIGRATIONS = (Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),)
