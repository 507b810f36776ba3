"""How this service's documents came to look as they do. See `chassis.migrations`."""

from chassis.migrations import Migration, change_each
from chassis.mongo import Documents


def let_several_act_for_a_client(database: Documents) -> None:
    """A round had one client; colleagues came later."""
    older = {"clients": None, "client": {"$type": "string"}}
    change_each(database.rounds, older, [{"$set": {"clients": ["$client"]}}, {"$unset": "client"}])


MIGRATIONS = (Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),)
