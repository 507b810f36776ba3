"""Migrations of this service's documents. See `chassis.migrations`."""

from datetime import timedelta

from chassis.migrations import Migration, change_each, drop_index
from chassis.mongo import Documents

CHOICE_PERIOD = timedelta(days=14)
"""The default when the choice period was introduced; the setting may have changed since."""


def end_open_choices(database: Documents) -> None:
    """Gives a deadline to projects whose window closed before there was one; without it they never end."""
    until = {"$add": ["$ended.at", CHOICE_PERIOD // timedelta(milliseconds=1)]}
    older = {"state": "choosing", "choose_until": None}
    change_each(database.projects, older, [{"$set": {"choose_until": until, "due_at": until}}])


def let_several_act_for_a_client(database: Documents) -> None:
    """Makes the account whose id an organisation used to have its owner, and the client of its projects."""
    owner = [{"account": "$_id", "role": "owner"}]
    change_each(database.organisations, {"members": None}, [{"$set": {"members": owner}}])
    shared = {"organisation": "$client", "clients": ["$client"]}
    change_each(database.projects, {"clients": None}, [{"$set": shared}])
    drop_index(database.projects, "client_1_created_at_1__id_1")


def remember_relaunches(database: Documents) -> None:
    """Records on each relaunched project the id of its relaunch; without it, it could be relaunched repeatedly."""
    again = database.projects.find({"relaunched_from": {"$ne": None}}, {"relaunched_from": 1}).sort("created_at", -1)
    for row in again:  # newest first: the first relaunch counts, so it is written last
        first = {"$set": {"relaunched_as": row["_id"]}}
        database.projects.update_one({"_id": row["relaunched_from"]}, first)


MIGRATIONS = (
    Migration(1, "end_open_choices", end_open_choices),
    Migration(2, "let_several_act_for_a_client", let_several_act_for_a_client),
    Migration(3, "remember_relaunches", remember_relaunches),
)
