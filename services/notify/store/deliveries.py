"""Deliveries in MongoDB: claimed with a short lease, and written only by the worker that holds the claim.

At most one worker holds a delivery; if it crashes, another worker claims the delivery after the lease expires.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne

from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.notify.model.deliveries import MAILED, NET, Delivery, email_id

NULLABLE = ("notification_id", "project_id")
"""Stored as None in the row of a mail that concerns neither."""
LEASE = timedelta(minutes=2)
MANY_TRIES = 5
"""Operators see mails that have failed more often than this."""
IN_ORDER = [("created_at", ASCENDING), ("_id", ASCENDING)]
DONE = ("due_at", "claim")
"""Fields removed once a delivery is sent, suppressed or dead."""


def add(unit: Unit, every: Sequence[Delivery]) -> None:
    """Adds deliveries unless their id exists: a notification taken back and made again may have been mailed before."""
    if every:
        unit.collection("deliveries").bulk_write([_once(delivery) for delivery in every])


def take_back(unit: Unit, notification_ids: Sequence[str]) -> None:
    """Deletes the mails of notifications, except those already sent."""
    unsent = {"_id": {"$in": [email_id(id) for id in notification_ids]}, "state": {"$nin": list(MAILED)}}
    unit.collection("deliveries").delete_many(unsent)


def claim(database: Documents, now: datetime, most: int) -> list[Delivery]:
    """Claims up to ``most`` deliveries that have been due longest; empty if none is due. In order of their due times.

    No one else can claim them until the lease expires.
    """
    rows, claimed = database["deliveries"], {"due_at": now + LEASE, "claim": new_id()}
    while due := list(rows.find({"due_at": {"$lte": now}}, {"_id": 1}).sort("due_at", ASCENDING).limit(most)):
        places = {row["_id"]: place for place, row in enumerate(due)}
        if rows.update_many({"_id": {"$in": list(places)}, "due_at": {"$lte": now}}, {"$set": claimed}).matched_count:
            ours = map(delivery_from, rows.find({"_id": {"$in": list(places)}, "claim": claimed["claim"]}))
            return sorted(ours, key=lambda delivery: places[delivery.id])
    return []


def is_ours(database: Documents, delivery: Delivery) -> bool:
    """Whether the claim under which the delivery was read still holds."""
    return database["deliveries"].find_one({"_id": delivery.id, "claim": delivery.claim}, {"_id": 1}) is not None


def postpone(database: Documents, delivery: Delivery, until: datetime, **more: Any) -> None:
    """Releases the claim with the delivery due at ``until``, and applies the changes ``more``."""
    _write(database, delivery, {**more, "due_at": until}, ("claim",))


def gather(database: Documents, delivery: Delivery, digest: Delivery, until: datetime) -> None:
    """Parks the delivery for a digest that is due at ``until``. Creates the digest first, if it does not exist."""
    database["deliveries"].bulk_write([_once(digest)])
    postpone(database, delivery, until + NET, state="gathered", digest=digest.id)


def release(database: Documents, every: Sequence[Delivery], until: datetime) -> None:
    """Releases the claims, with the deliveries due at ``until``."""
    _write_all(database, every, {"due_at": until}, ("claim",))


def finish(database: Documents, delivery: Delivery, state: str, **more: Any) -> None:
    """Records a final state: ``sent``, ``suppressed`` or ``dead``."""
    finish_all(database, [delivery], state, **more)


def finish_all(database: Documents, every: Sequence[Delivery], state: str, **more: Any) -> None:
    """Records the same final state for several deliveries."""
    _write_all(database, every, {"state": state, **more}, DONE)


def settle(database: Documents, gathered: Sequence[Delivery], state: str, **more: Any) -> None:
    """Sets the final state of gathered deliveries when their digest is sent or dropped."""
    these = {"_id": {"$in": [delivery.id for delivery in gathered]}, "state": "gathered"}
    update = {"$set": {"state": state, **more}, "$unset": dict.fromkeys(DONE, "")}
    database["deliveries"].update_many(these, update)


def is_unfinished(database: Documents, id: str | None) -> bool:
    """Whether the delivery exists and is not finished."""
    return database["deliveries"].find_one({"_id": id, "due_at": {"$exists": True}}, {"_id": 1}) is not None


def gathered_for(database: Documents, digest: Delivery) -> list[Delivery]:
    """The deliveries that wait for this digest, oldest first."""
    rows = database["deliveries"].find({"digest": digest.id, "state": "gathered"}).sort(IN_ORDER)
    return [delivery_from(row) for row in rows]


def digested_at(database: Documents, digest: Delivery) -> datetime | None:
    """When the digest was sent, if the worker crashed after settling its deliveries but before finishing the digest."""
    row = database["deliveries"].find_one({"digest": digest.id, "state": "digested"})
    return delivery_from(row).sent_at if row else None


def read_every(database: Documents, actor: Actor) -> list[Delivery]:
    """All stored deliveries of the actor, oldest first."""
    rows = database["deliveries"].find({"account": actor.id}).sort("created_at", ASCENDING)
    return [delivery_from(row) for row in rows]


def read_failing(database: Documents, query: Mapping[str, Any], view: Callable[[Delivery], Document]) -> Document:
    """The mails that were given up or keep failing, oldest first, for an operator."""
    failing = {"$or": [{"state": "dead"}, {"state": "retrying", "tries": {"$gt": MANY_TRIES}}]}
    return page(database["deliveries"], failing, query, lambda row: view(delivery_from(row)), ascending=True)


def _write(database: Documents, delivery: Delivery, change: Mapping[str, Any], removed: Sequence[str]) -> None:
    _write_all(database, [delivery], change, removed)


def _write_all(
    database: Documents, every: Sequence[Delivery], change: Mapping[str, Any], removed: Sequence[str]
) -> None:
    """Writes only while this worker holds the claims: after the lease another one may have them."""
    update = {"$set": dict(change), "$unset": dict.fromkeys(removed, "")}
    if every:
        ours = {"_id": {"$in": [one.id for one in every]}, "claim": {"$in": [one.claim for one in every]}}
        database["deliveries"].update_many(ours, update)


def _once(delivery: Delivery) -> UpdateOne:
    """Inserts the delivery unless its id exists."""
    row = delivery_document(delivery)
    return UpdateOne({"_id": row.pop("_id")}, {"$setOnInsert": row}, upsert=True)


def delivery_document(delivery: Delivery) -> Document:
    """The delivery as it is stored: fields that are None (a claim, a reason) are omitted, except `NULLABLE`."""
    row = {field.name: getattr(delivery, field.name) for field in fields(Delivery) if field.name != "id"}
    present = {name: value for name, value in row.items() if value is not None or name in NULLABLE}
    return {"_id": delivery.id, **present}


def delivery_from(row: Mapping[str, Any]) -> Delivery:
    """Reads a row written by `delivery_document` and changed since."""
    known = {"due_at": None, **row}
    return Delivery(row["_id"], **{field.name: known[field.name] for field in fields(Delivery) if field.name in known})
