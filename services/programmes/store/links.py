"""Invitation links in MongoDB."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.programmes.model.enrolling.links import CONFIRM_WITHIN, Link

INDEXES = [
    IndexModel([("digest", ASCENDING)], unique=True),
    IndexModel([("created_by", ASCENDING)]),
    IndexModel([("programme", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
]


def add_link(unit: Unit, link: Link) -> None:
    """Stores a new link."""
    unit.collection("links").insert_one(link_document(link))


def link_by_digest(unit: Unit, digest: str) -> Link | None:
    """The link whose token has this digest, or None."""
    row = unit.find("links", {"digest": digest})
    return link_from(row) if row else None


def count_links(unit: Unit, programme_id: str) -> int:
    """How many links of a programme are open."""
    return unit.collection("links").count_documents({"programme": programme_id, "expires_at": {"$gt": unit.now}})


def take_place(unit: Unit, link: Link) -> int:
    """How many people hold a place of the link, somebody with an address still to be confirmed included.

    The write makes transactions that join by the same link conflict: of two that count at the same time, one counts
    again after the other.
    """
    unit.collection("links").update_one({"_id": link.id}, {"$inc": {"uses": 1}})
    return unit.collection("participants").count_documents(_holding(link.id, unit.now))


def places_taken(database: Documents, link_id: str, now: datetime) -> int:
    """The same count, for whoever reads the link."""
    return database["participants"].count_documents(_holding(link_id, now))


def drop_link(unit: Unit, programme_id: str, wanted: Mapping[str, Any]) -> bool:
    """Deletes a link of a programme, so that nobody joins by it any more; returns whether there was one."""
    return unit.collection("links").delete_one({"programme": programme_id, **wanted}).deleted_count > 0


def read_links(
    database: Documents, wanted: Mapping[str, Any], query: Mapping[str, Any], now: datetime
) -> tuple[list[tuple[Link, int]], str | None]:
    """The links, newest first, each with the number of places taken, and the cursor of the next page."""
    found = page(database["links"], wanted, query, lambda row: {"link": link_from(row)})
    links = [item["link"] for item in found["items"]]
    return [(link, places_taken(database, link.id, now)) for link in links], found["next_cursor"]


def link_document(link: Link) -> Document:
    """The stored form of a link."""
    row: Document = {one.name: getattr(link, one.name) for one in fields(Link) if one.name != "id"}
    return {"_id": link.id, **row}


def link_from(document: Document) -> Link:
    """The link from its stored form."""
    known = {one.name: document[one.name] for one in fields(Link) if one.name in document}
    return Link(id=document["_id"], **known)


def _holding(link_id: str, now: datetime) -> Document:
    return {"link": link_id, "$or": [{"confirmed": True}, {"created_at": {"$gt": now - CONFIRM_WITHIN}}]}
