"""Deliveries in MongoDB: claimed with a short lease, and written only while the claim holds.

Two workers never hold a delivery at once; one that dies in between leaves it to the next after the lease.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument, UpdateOne

from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.notify.model.deliveries import MAILED, NET, Delivery, email_id

NULLABLE = ("notification_id", "project_id")
"""None in the row of a mail that is about neither."""
LEASE = timedelta(minutes=2)
MANY_TRIES = 5
"""A mail that has failed more often is shown to operators."""
IN_ORDER = [("created_at", ASCENDING), ("_id", ASCENDING)]
DONE = ("due_at", "claim")
"""What a delivery no longer has once it is sent, suppressed or dead."""


def add(unit: Unit, every: Sequence[Delivery]) -> None:
    """Adds deliveries, each id once: what was taken back and is true again has perhaps been mailed."""
    if every:
        unit.collection("deliveries").bulk_write([_once(delivery) for delivery in every])


def take_back(unit: Unit, notification_ids: Sequence[str]) -> None:
    """Removes the mails of notifications, except those that the person has."""
    unsent = {"_id": {"$in": [email_id(id) for id in notification_ids]}, "state": {"$nin": list(MAILED)}}
    unit.collection("deliveries").delete_many(unsent)


def claim(database: Documents, now: datetime) -> Delivery | None:
    """The delivery that is due longest, None where none is. Nobody else finds it due until the lease ends."""
    claimed = {"$set": {"due_at": now + LEASE, "claim": new_id()}}
    row = database["deliveries"].find_one_and_update(
        {"due_at": {"$lte": now}}, claimed, sort=[("due_at", ASCENDING)], return_document=ReturnDocument.AFTER
    )
    return delivery_from(row) if row else None


def postpone(database: Documents, delivery: Delivery, until: datetime, **more: Any) -> None:
    """Gives the delivery back, due at ``until``, with what else changes of it."""
    _write(database, delivery, {**more, "due_at": until}, ("claim",))


def gather(database: Documents, delivery: Delivery, digest: Delivery, until: datetime) -> None:
    """Puts the delivery aside for the digest of that moment, which is there before anything is in it."""
    database["deliveries"].bulk_write([_once(digest)])
    postpone(database, delivery, until + NET, state="gathered", digest=digest.id)


def finish(database: Documents, delivery: Delivery, state: str, **more: Any) -> None:
    """Nothing more is to be done: ``sent``, ``suppressed`` or ``dead``."""
    _write(database, delivery, {"state": state, **more}, DONE)


def settle(database: Documents, gathered: Sequence[Delivery], state: str, **more: Any) -> None:
    """Ends what was gathered, with its digest."""
    these = {"_id": {"$in": [delivery.id for delivery in gathered]}, "state": "gathered"}
    update = {"$set": {"state": state, **more}, "$unset": dict.fromkeys(DONE, "")}
    database["deliveries"].update_many(these, update)


def is_on_its_way(database: Documents, id: str | None) -> bool:
    """Whether this delivery is there, and not finished."""
    return database["deliveries"].find_one({"_id": id, "due_at": {"$exists": True}}, {"_id": 1}) is not None


def gathered_for(database: Documents, digest: Delivery) -> list[Delivery]:
    """What waits for this digest, oldest first."""
    rows = database["deliveries"].find({"digest": digest.id, "state": "gathered"}).sort(IN_ORDER)
    return [delivery_from(row) for row in rows]


def digested_at(database: Documents, digest: Delivery) -> datetime | None:
    """When the digest was sent, if somebody sent it and died before they could say so of the digest itself."""
    row = database["deliveries"].find_one({"digest": digest.id, "state": "digested"})
    return delivery_from(row).sent_at if row else None


def read_every(database: Documents, actor: Actor) -> list[Delivery]:
    """All deliveries that are kept of the actor."""
    rows = database["deliveries"].find({"account": actor.id}).sort("created_at", ASCENDING)
    return [delivery_from(row) for row in rows]


def read_failing(database: Documents, query: Mapping[str, Any], view: Callable[[Delivery], Document]) -> Document:
    """The mails that were given up or go on failing, newest first, for an operator."""
    failing = {"$or": [{"state": "dead"}, {"state": "retrying", "tries": {"$gt": MANY_TRIES}}]}
    return page(database["deliveries"], failing, query, lambda row: view(delivery_from(row)))


def _write(database: Documents, delivery: Delivery, change: Mapping[str, Any], gone: Sequence[str]) -> None:
    """Only while the delivery is still ours: after the lease somebody else may be at it."""
    ours = {"_id": delivery.id, "claim": delivery.claim}
    update = {"$set": dict(change), "$unset": dict.fromkeys(gone, "")}
    database["deliveries"].update_one(ours, update)


def _once(delivery: Delivery) -> UpdateOne:
    """Inserts it as a new one, unless it is there."""
    row = delivery_document(delivery)
    return UpdateOne({"_id": row.pop("_id")}, {"$setOnInsert": row}, upsert=True)


def delivery_document(delivery: Delivery) -> Document:
    """What a delivery has not (a claim, a reason) its row lacks, but for the ids of notification and project."""
    row = {field.name: getattr(delivery, field.name) for field in fields(Delivery) if field.name != "id"}
    present = {name: value for name, value in row.items() if value is not None or name in NULLABLE}
    return {"_id": delivery.id, **present}


def delivery_from(row: Mapping[str, Any]) -> Delivery:
    """What `delivery_document` wrote, and what changed since."""
    known = {"due_at": None, **row}
    return Delivery(row["_id"], **{field.name: known[field.name] for field in fields(Delivery) if field.name in known})
