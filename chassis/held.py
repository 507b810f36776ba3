"""Held aggregates: those with events in the dead letters. Later events of the same aggregate follow them there.

A row lists the ids of the waiting events in order. An event of a held aggregate is handled only when it is the first in
that list, as it is when dead letters are replayed. So events keep their order, however often and whenever they are
replayed. Publishing everything again to a broker that lost its data releases an aggregate in the same way.
"""

from collections.abc import Iterable, Sequence

from chassis.mongo import Documents
from chassis.unit import Unit

COLLECTION = "held"


def key(group: str, topic: str, subject: str) -> str:
    """The id of an aggregate's row, unique over all groups and topics."""
    return f"{group}:{topic}/{subject}"


def among(database: Documents, aggregates: Iterable[str]) -> dict[str, list[str]]:
    """The held ones among these aggregates, each with the ids of its waiting events in order."""
    rows = database[COLLECTION].find({"_id": {"$in": sorted(set(aggregates))}})
    return {row["_id"]: list(row["waiting"]) for row in rows}


def hold(database: Documents, aggregate: str, event_id: str) -> None:
    """Appends the event to those that wait; does nothing if it waits already."""
    database[COLLECTION].update_one({"_id": aggregate}, {"$addToSet": {"waiting": event_id}}, upsert=True)


def release(unit: Unit, aggregate: str, event_id: str) -> None:
    """Removes the event from those that wait; an aggregate with no waiting event is no longer held."""
    rows = unit.collection(COLLECTION)
    rows.update_one({"_id": aggregate}, {"$pull": {"waiting": event_id}})
    rows.delete_one({"_id": aggregate, "waiting": []})


def first(waiting: Sequence[str] | None) -> str | None:
    """The event that an aggregate waits for, or None if the aggregate is not held."""
    return waiting[0] if waiting else None
