"""Notifications in MongoDB: added, taken back, and read by their recipient."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from chassis.erasure import erased_of
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.notify.model.audience import Notice
from services.notify.model.notifications import Notification, mails_of, notifications_of
from services.notify.store import deliveries, people

STREAM_BATCH = 100
MOST_COUNTED = 1_000
"""Unread notifications are counted up to this number."""


def add(unit: Unit, every: Sequence[Notice], news_at: datetime) -> None:
    """Stores the notifications, and the mails of those that are mailed; skips erased accounts."""
    erased = erased_of(unit, {notice.account for notice in every})
    every = [notice for notice in every if notice.account not in erased]
    if not every:
        return
    known, last = people.raise_counters(unit, Counter(notice.account for notice in every))
    made = notifications_of(every, known, last, unit.now)
    unit.collection("notifications").insert_many([notification_document(notification) for notification in made])
    deliveries.add(unit, mails_of(every, news_at, unit.now))


def unknown(unit: Unit, every: Sequence[Notice]) -> list[Notice]:
    """Those of these notices that are not stored yet."""
    stored = {"_id": {"$in": [notice.id for notice in every]}}
    known = {row["_id"] for row in unit.collection("notifications").find(stored, {"_id": 1})}
    return [notice for notice in every if notice.id not in known]


def take_back(unit: Unit, ids: Sequence[str]) -> None:
    """Deletes notifications that a late event has shown to be false, and their unsent mails."""
    if ids:
        unit.collection("notifications").delete_many({"_id": {"$in": ids}})
        deliveries.take_back(unit, ids)


def mark_read(unit: Unit, notification_id: str, actor: Actor) -> Notification:
    """Marks the actor's notification as read, unless it is already, and returns it; ``not-found`` if there is none."""
    mine = {"_id": notification_id, "account": actor.id, "in_app": True}
    row = unit.find("notifications", mine)
    if row is None:
        raise not_found()
    before = notification_from(row)
    after = before.read(unit.now)
    if after != before:
        unit.collection("notifications").update_one(mine, {"$set": {"read_at": after.read_at}})
    return after


def mark_read_until(unit: Unit, notification_id: str, actor: Actor) -> int:
    """Marks the actor's notification and all older ones as read; returns how many were unread. ``not-found``."""
    mine = {"account": actor.id, "in_app": True}
    row = unit.find("notifications", {"_id": notification_id, **mine})
    if row is None:
        raise not_found()
    unread = {**mine, "read_at": None, "counter": {"$lte": row["counter"]}}
    return unit.collection("notifications").update_many(unread, {"$set": {"read_at": unit.now}}).modified_count


def unread_left(unit: Unit, actor: Actor) -> int:
    """How many of the actor's notifications are unread, as this transaction sees it."""
    return unit.collection("notifications").count_documents(_unread(actor))


def count_unread(database: Documents, actor: Actor) -> int:
    """How many of the actor's notifications are unread; `MOST_COUNTED` at most."""
    return database["notifications"].count_documents(_unread(actor), limit=MOST_COUNTED)


def read_one(database: Documents, notification_id: str, actor: Actor) -> Notification:
    """The actor's notification; ``not-found`` if there is none."""
    row = database["notifications"].find_one({"_id": notification_id, "account": actor.id, "in_app": True})
    if row is None:
        raise not_found()
    return notification_from(row)


def _unread(actor: Actor) -> Document:
    return {"account": actor.id, "in_app": True, "read_at": None}


def find_all(database: Documents, ids: Iterable[str]) -> dict[str, Notification]:
    """Notifications by id, for their mails, without those that were taken back."""
    rows = database["notifications"].find({"_id": {"$in": sorted(set(ids))}})
    return {row["_id"]: notification_from(row) for row in rows}


def read_page(
    database: Documents, actor: Actor, query: Mapping[str, Any], view: Callable[[Notification], Document]
) -> dict[str, Any]:
    """The actor's notifications, newest first."""
    mine: Document = {"account": actor.id, "in_app": True} | ({"read_at": None} if query["unread"] else {})
    return page(database["notifications"], mine, query, lambda row: view(notification_from(row)))


def position(database: Documents, actor: Actor, last_event_id: str | None) -> int:
    """The counter after which the actor's stream resumes: of that notification, 0 if unknown, the latest if None."""
    if last_event_id:
        row = database["notifications"].find_one({"_id": last_event_id, "account": actor.id}, {"counter": 1})
        return int(row["counter"]) if row else 0
    return people.read_counter(database, actor.id)


def read_after(database: Documents, actor: Actor, counter: int) -> list[Notification]:
    """The actor's next notifications by counter, at most `STREAM_BATCH`, including those that are not ``in_app``."""
    later = {"account": actor.id, "counter": {"$gt": counter}}
    rows = database["notifications"].find(later).sort("counter", ASCENDING).limit(STREAM_BATCH)
    return [notification_from(row) for row in rows]


def read_every(database: Documents, actor: Actor) -> list[Notification]:
    """All stored notifications of the actor, by counter."""
    rows = database["notifications"].find({"account": actor.id}).sort("counter", ASCENDING)
    return [notification_from(row) for row in rows]


def notification_document(notification: Notification) -> Document:
    """The notification as it is stored."""
    return {
        "_id": notification.id,
        "account": notification.account,
        "kind": notification.kind,
        "project_id": notification.project_id,
        "created_at": notification.created_at,
        "data": dict(notification.data),
        "counter": notification.counter,
        "read_at": notification.read_at,
        "in_app": notification.in_app,
        **({"programme_id": notification.programme_id} if notification.programme_id else {}),
    }


def notification_from(row: Mapping[str, Any]) -> Notification:
    """Reads a row written by `notification_document`."""
    known = {field.name: row[field.name] for field in fields(Notification) if field.name in row}
    return Notification(row["_id"], **known)
