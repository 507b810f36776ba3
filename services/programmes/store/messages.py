"""Messages that notify is to send, and the links in them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import not_found
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.programmes.model.messages import MOST_TOKENS, Message, digest_of
from services.programmes.store.rows import Rows, find_one

INDEXES = [
    IndexModel([("digests", ASCENDING)], sparse=True),
    IndexModel([("participant", ASCENDING)], sparse=True),
    IndexModel([("account", ASCENDING)], sparse=True),
    IndexModel([("programme", ASCENDING)]),
    IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=0),
]


def add_messages(unit: Unit, messages: Sequence[Message]) -> None:
    """Stores messages until they expire; `model.messages.request` gives the facts that request them."""
    if messages:
        unit.collection("messages").insert_many([message_document(one) for one in messages])


def find_message(database: Documents, message_id: str, now: datetime) -> Message:
    """A message that has neither been sent nor expired; raises ``not-found``."""
    row = database["messages"].find_one({"_id": message_id, "expires_at": {"$gt": now}, "sent": {"$ne": True}})
    if row is None:
        raise not_found()
    return message_from(row)


def prepare_message(database: Documents, message_id: str, token: str, now: datetime) -> None:
    """Makes the message's link accept ``token`` from now on; raises ``not-found`` once it has expired."""
    push: dict[str, Any] = {"$push": {"digests": {"$each": [digest_of(token)], "$slice": -MOST_TOKENS}}}
    if not database["messages"].update_one({"_id": message_id, "expires_at": {"$gt": now}}, push).matched_count:
        raise not_found()


def link_owner(rows: Rows, token: str, now: datetime) -> Message:
    """The message whose link has this token; raises ``not-found`` if it is unknown or has expired."""
    row = find_one(rows, "messages", {"digests": digest_of(token), "expires_at": {"$gt": now}})
    if row is None:
        raise not_found()
    return message_from(row)


def expired_link_owner(unit: Unit, token: str) -> str | None:
    """The participant whose mail held this token, even if the link has expired; None if it is unknown."""
    row = unit.find("messages", {"digests": digest_of(token)})
    return row.get("participant") if row else None


def count_messages(unit: Unit, participant_id: str, kinds: Sequence[str], since: datetime) -> int:
    """How many messages of these kinds a participant has been sent since then."""
    wanted = {"participant": participant_id, "kind": {"$in": list(kinds)}, "created_at": {"$gt": since}}
    return unit.collection("messages").count_documents(wanted)


def drop_messages(unit: Unit, participant_id: str) -> None:
    """Deletes a participant's messages, so that their links stop working."""
    unit.collection("messages").delete_many({"participant": participant_id})


def forget_message(database: Documents, message_id: str) -> None:
    """Deletes what a sent message was about; its link, if it has one, goes on working."""
    database["messages"].update_one({"_id": message_id}, {"$set": {"data": {}, "sent": True}})
    database["messages"].delete_one({"_id": message_id, "digests": {"$exists": False}})


def message_document(message: Message) -> Document:
    """The stored form of a message; it has digests only once a link was made."""
    row: Document = {one.name: getattr(message, one.name) for one in fields(Message) if one.name != "id"}
    row |= {"_id": message.id, "expires_at": message.expires_at, "gone_at": message.gone_at}
    row |= {"kept": message.kept.total_seconds()}
    if not message.digests:
        del row["digests"]
    return {name: value for name, value in row.items() if value is not None}


def message_from(document: Document) -> Message:
    """The message from its stored form."""
    known = {one.name: document[one.name] for one in fields(Message) if one.name in document}
    return Message(id=document["_id"], **{**known, "kept": timedelta(seconds=document["kept"])})
