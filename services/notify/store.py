"""Projects, people, notifications and deliveries in MongoDB. What a person reads is read as that person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from chassis.erasure import erased_of, is_erased
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.notify.model import News, Project
from services.notify.people import Person, person_from, preference_row

STREAM_BATCH = 100
MANY_TRIES = 5
"""A mail that has failed more often is shown to operators."""


def indexes(kept: timedelta) -> Mapping[str, Sequence[IndexModel]]:
    """Notifications, deliveries and projects go when nothing has happened to them for as long as ``kept``."""
    life = int(kept.total_seconds())
    return {
        "projects": [IndexModel([("touched_at", ASCENDING)], expireAfterSeconds=life)],
        "notifications": [
            IndexModel([("account", ASCENDING), ("counter", ASCENDING)], unique=True),
            IndexModel([("account", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("created_at", ASCENDING)], expireAfterSeconds=life),
        ],
        "deliveries": [
            IndexModel([("due_at", ASCENDING)], sparse=True),
            IndexModel([("account", ASCENDING)]),
            IndexModel([("digest", ASCENDING)], sparse=True),
            IndexModel([("state", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("created_at", ASCENDING)], expireAfterSeconds=life),
        ],
    }


def find_project(unit: Unit, project_id: str) -> Project:
    """The project as this transaction sees it; a placeholder when nothing is known of it."""
    row = unit.find("projects", {"_id": project_id})
    return _project(row) if row else Project(project_id)


def save_project(unit: Unit, project: Project, news_at: datetime) -> None:
    """Stores the project and brings its notifications in line with what is now known.

    Each person's counter rises in this transaction: whoever commits later has the higher number.
    """
    wanted = {news.id: news for news in project.news()}
    known = set(project.made)
    _take_back(unit, sorted(known - wanted.keys()))
    _tell(unit, [news for id, news in wanted.items() if id not in known], news_at)
    project.made = sorted(wanted)
    if not unit.put("projects", _document(project, unit.now)):
        raise RuntimeError("the projection changed within its own transaction")


def _tell(unit: Unit, every: Sequence[News], news_at: datetime) -> None:
    erased = erased_of(unit, {news.account for news in every})
    every = [news for news in every if news.account not in erased]
    if not every:
        return
    people = unit.collection("people")
    counts = Counter(news.account for news in every)
    people.bulk_write(
        [UpdateOne({"_id": account}, {"$inc": {"counter": n}}, upsert=True) for account, n in counts.items()]
    )
    rows = {row["_id"]: row for row in people.find({"_id": {"$in": list(counts)}})}
    place = {account: rows[account]["counter"] - n for account, n in counts.items()}
    notifications, deliveries = [], []
    for news in every:
        place[news.account] += 1
        person = person_from(news.account, rows[news.account])
        common = {"account": news.account, "kind": news.kind, "project_id": news.project_id, "created_at": unit.now}
        shown = {"data": dict(news.data), "counter": place[news.account], "read_at": None}
        notifications.append({"_id": news.id, **common, **shown, "in_app": person.wants(news.kind, "in_app")})
        if news.mailed:
            state = {"channel": "email", "state": "pending", "tries": 0, "due_at": unit.now, "news_at": news_at}
            row = {"notification_id": news.id, **common, **state}
            once = {"$setOnInsert": row}  # what was taken back and is true again has perhaps been mailed
            deliveries.append(UpdateOne({"_id": f"{news.id}.email"}, once, upsert=True))
    unit.collection("notifications").insert_many(notifications)
    if deliveries:
        unit.collection("deliveries").bulk_write(deliveries)


def add_account_mail(unit: Unit, account: str, mail_id: str, kind: str, news_at: datetime) -> None:
    """A mail that accounts asked for, once however often it asks. What it says is asked for when it is sent."""
    state = {"channel": "email", "state": "pending", "tries": 0, "due_at": unit.now, "news_at": news_at}
    row = {"account": account, "kind": kind, "mail_id": mail_id, "created_at": unit.now, **state}
    once = {"$setOnInsert": {**row, "notification_id": None, "project_id": None}}
    unit.collection("deliveries").update_one({"_id": f"{mail_id}.email"}, once, upsert=True)


def erase_person(unit: Unit, account: str) -> None:
    """All that is kept of a person goes; projects keep opaque ids."""
    unit.collection("people").delete_one({"_id": account})
    for name in ("notifications", "deliveries"):
        unit.collection(name).delete_many({"account": account})


def _take_back(unit: Unit, ids: Sequence[str]) -> None:
    """Older news has come late and these were never true; what was mailed stays on record."""
    if ids:
        unit.collection("notifications").delete_many({"_id": {"$in": ids}})
        unsent = {"_id": {"$in": [f"{id}.email" for id in ids]}, "state": {"$nin": ["sent", "digested"]}}
        unit.collection("deliveries").delete_many(unsent)


def learn_person(unit: Unit, account: str, said: Mapping[str, str], sequence: int) -> None:
    """What accounts says of a person, role and language or one of them; of the language the highest sequence holds."""
    known = unit.find("people", {"_id": account}) or {}
    change: Document = {name: said[name] for name in ("role",) if name in said}
    if known.get("sequence", 0) < sequence:
        change |= {"locale": said["locale"], "sequence": sequence}
    if change and not is_erased(unit, account):
        unit.collection("people").update_one({"_id": account}, {"$set": change}, upsert=True)


def learn_zone(unit: Unit, account: str, zone: str, sequence: int) -> None:
    """What a mentor's profile says; the highest sequence holds."""
    known = unit.find("people", {"_id": account}) or {}
    if known.get("profile_sequence", 0) < sequence and not is_erased(unit, account):
        change = {"$set": {"profile_zone": zone, "profile_sequence": sequence}}
        unit.collection("people").update_one({"_id": account}, change, upsert=True)


def read_person(database: Documents, account: str) -> Person:
    """Language, zone and preferences."""
    return person_from(account, database["people"].find_one({"_id": account}))


def save_preferences(unit: Unit, person: Person) -> None:
    """Replaces what the person wants to be told."""
    change = {"$set": preference_row(person)}
    unit.collection("people").update_one({"_id": person.id}, change, upsert=True)


def read_page(database: Documents, actor: Actor, query: Mapping[str, Any], view: Any) -> dict[str, Any]:
    """The actor's notifications, newest first."""
    mine: Document = {"account": actor.id, "in_app": True} | ({"read_at": None} if query["unread"] else {})
    return page(database["notifications"], mine, query, view)


def mark_read(unit: Unit, notification_id: str, actor: Actor) -> Document:
    """The notification, read now or, if it was before, then."""
    mine = {"_id": notification_id, "account": actor.id, "in_app": True}
    row = unit.find("notifications", mine)
    if row is None:
        raise not_found()
    if row["read_at"] is None:
        row["read_at"] = unit.now
        change = {"$set": {"read_at": unit.now}}
        unit.collection("notifications").update_one(mine, change)
    return row


def position(database: Documents, actor: Actor, last_event_id: str | None) -> int:
    """Where the actor's stream goes on: after that notification, at the start when it is not known, else now."""
    if last_event_id:
        row = database["notifications"].find_one({"_id": last_event_id, "account": actor.id}, {"counter": 1})
        return int(row["counter"]) if row else 0
    person = database["people"].find_one({"_id": actor.id}, {"counter": 1}) or {}
    return int(person.get("counter", 0))


def read_after(database: Documents, actor: Actor, counter: int) -> list[Document]:
    """The actor's next notifications in the order of their counter; some may not be for the eye (``in_app``)."""
    later = {"account": actor.id, "counter": {"$gt": counter}}
    return list(database["notifications"].find(later).sort("counter", ASCENDING).limit(STREAM_BATCH))


def read_everything(database: Documents, actor: Actor) -> tuple[list[Document], list[Document]]:
    """All notifications and deliveries that are kept of the actor."""
    notifications = database["notifications"].find({"account": actor.id}).sort("counter", ASCENDING)
    deliveries = database["deliveries"].find({"account": actor.id}).sort("created_at", ASCENDING)
    return list(notifications), list(deliveries)


def read_failing(database: Documents, query: Mapping[str, Any], view: Any) -> Document:
    """The mails that were given up or go on failing, newest first, for an operator."""
    failing = {"$or": [{"state": "dead"}, {"state": "retrying", "tries": {"$gt": MANY_TRIES}}]}
    return page(database["deliveries"], failing, query, view)


def read_project(database: Documents, project_id: str) -> Project | None:
    """What is known of a project now, for a mail that is about to go."""
    row = database["projects"].find_one({"_id": project_id})
    return _project(row) if row else None


def _document(project: Project, now: datetime) -> Document:
    row = {field.name: getattr(project, field.name) for field in fields(Project) if field.name != "id"}
    row |= {"_id": project.id, "window": project.window.total_seconds(), "touched_at": now}
    return row | ({"due_at": project.due_at} if project.due_at else {})


def _project(row: Mapping[str, Any]) -> Project:
    known = {field.name: row[field.name] for field in fields(Project) if field.name in row}
    return Project(row["_id"], **{**known, "window": timedelta(seconds=row["window"])})
