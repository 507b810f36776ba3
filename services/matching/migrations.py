"""Migrations of this service's documents, in order. See `chassis.migrations`."""

from functools import partial

from chassis.migrations import Migration, change_each, drop_index
from chassis.mongo import Documents
from chassis.outbox import COLLECTION as OUTBOX
from chassis.outbox import drop_replaced_indexes
from chassis.places import keep_apart
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.market import DEFAULT_ZONE
from services.matching.model import zone_facts


def let_several_act_for_a_client(database: Documents) -> None:
    """Adds the list ``clients`` with the one ``client`` that posted; empty for a placeholder."""
    clients = {"$cond": [{"$eq": [{"$type": "$client"}, "string"]}, ["$client"], []]}
    change_each(database.shortlists, {"clients": None}, [{"$set": {"clients": clients}}])
    drop_index(database.shortlists, "client_1")


def tell_time_zones(database: Documents) -> None:
    """Publishes the time zones of profiles stored before ``profile.changed`` existed, unless they are the default."""
    work = UnitOfWork(database, "matching", CONTRACT)

    def publish(unit: Unit, account: str) -> None:
        profile = unit.find("profiles", {"_id": account})
        if profile and not unit.find(OUTBOX, {"subject": profile["mentor_id"]}):
            facts = zone_facts(account, None, profile["timezone"])
            unit.put("profiles", profile, facts, subject=profile["mentor_id"])

    elsewhere = {"timezone": {"$nin": [DEFAULT_ZONE, None]}}
    for account in [row["_id"] for row in database.profiles.find(elsewhere, {"_id": 1})]:
        work.run(partial(publish, account=account))


def admit_known_mentors(database: Documents) -> None:
    """Profiles stored before accounts had an age here: as old as the profile, and verified.

    Nobody could tell matching so far. An account that is not verified cannot sign in where that is required, so that
    its invitations tell it nothing.
    """
    known = {"registered_at": "$joined_at", "verified_at": "$joined_at", "excludes_since": "$joined_at"}
    change_each(database.profiles, {"registered_at": None}, [{"$set": known}])


def date_profiles(database: Documents) -> None:
    """Profiles stored before workers kept a shelf: as if written when they were created."""
    change_each(database.profiles, {"written_at": None}, [{"$set": {"written_at": "$joined_at"}}])
    drop_index(database.profiles, "skills_1")


MIGRATIONS = (
    Migration(1, "let_several_act_for_a_client", let_several_act_for_a_client),
    Migration(2, "tell_time_zones", tell_time_zones),
    Migration(3, "keep_apart", keep_apart()),
    Migration(4, "admit_known_mentors", admit_known_mentors),
    Migration(5, "date_profiles", date_profiles),
    Migration(6, "drop_replaced_indexes", drop_replaced_indexes()),
)
