"""Aggregates whose events wait in the dead letters: what comes later of such an aggregate follows it there.

A row holds the ids of the events that wait, in their order. An event of a held aggregate is handled only when it is
the first of them, which is what a replay brings; so the order holds, however often and whenever letters are replayed.
A broker that lost its data and is told everything again sets such an aggregate free in the same way.
"""

from collections.abc import Iterable, Sequence

from chassis.mongo import Documents
from chassis.unit import Unit

COLLECTION = "held"


def key(group: str, topic: str, subject: str) -> str:
    """One aggregate's name among those of all topics, for one group."""
    return f"{group}:{topic}/{subject}"


def among(database: Documents, aggregates: Iterable[str]) -> dict[str, list[str]]:
    """Those of these aggregates that are held, with the events that wait, the first first."""
    rows = database[COLLECTION].find({"_id": {"$in": sorted(set(aggregates))}})
    return {row["_id"]: list(row["waiting"]) for row in rows}


def hold(database: Documents, aggregate: str, event_id: str) -> None:
    """The event waits, behind those that wait already; twice is once."""
    database[COLLECTION].update_one({"_id": aggregate}, {"$addToSet": {"waiting": event_id}}, upsert=True)


def release(unit: Unit, aggregate: str, event_id: str) -> None:
    """The event waits no longer; an aggregate of which none waits is free."""
    rows = unit.collection(COLLECTION)
    rows.update_one({"_id": aggregate}, {"$pull": {"waiting": event_id}})
    rows.delete_one({"_id": aggregate, "waiting": []})


def first(waiting: Sequence[str] | None) -> str | None:
    """Which event an aggregate waits for; None when it is not held."""
    return waiting[0] if waiting else None
