"""How this service's documents came to look as they do. See `chassis.migrations`."""

from chassis.migrations import Migration, change_each, drop_index
from chassis.mongo import Documents


def let_several_act_for_a_client(database: Documents) -> None:
    """A shortlist was shown to the one client that posted; colleagues came later. A placeholder has no client yet."""
    clients = {"$cond": [{"$eq": [{"$type": "$client"}, "string"]}, ["$client"], []]}
    change_each(database.shortlists, {"clients": None}, [{"$set": {"clients": clients}}])
    drop_index(database.shortlists, "client_1")


MIGRATIONS = (Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),)
