"""Invitations of organisers in MongoDB, until they are accepted or expire."""

from dataclasses import asdict, fields
from datetime import datetime

from pymongo import ASCENDING, IndexModel

from chassis.facts import not_found
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.organisers import Invited
from services.programmes.store.messages import link_owner
from services.programmes.store.rows import Rows, find_all, find_one

INDEXES = [
    IndexModel([("programme", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
]


def add_invited(unit: Unit, invited: Invited) -> None:
    """Stores an invitation until it expires."""
    row = asdict(invited)
    unit.collection("organiser_invitations").insert_one({"_id": row.pop("id"), **row, "expires_at": invited.expires_at})


def find_invited(rows: Rows, invitation_id: str) -> Invited | None:
    """An invitation that was not accepted yet, or None."""
    row = find_one(rows, "organiser_invitations", {"_id": invitation_id})
    return invited_from(row) if row else None


def invited_of(rows: Rows, programme_id: str, now: datetime) -> list[Invited]:
    """A programme's open invitations, the oldest first."""
    wanted = {"programme": programme_id, "expires_at": {"$gt": now}}
    oldest = [("created_at", ASCENDING), ("_id", ASCENDING)]
    return [invited_from(row) for row in find_all(rows, "organiser_invitations", wanted, oldest)]


def invitation_of(unit: Unit, token: str) -> Invited:
    """The open invitation whose link has this token; raises ``not-found``."""
    found = find_invited(unit, link_owner(unit, token, unit.now).id)
    if found is None or found.expires_at <= unit.now:
        raise not_found()
    return found


def forget_invited(unit: Unit, invited: Invited) -> None:
    """Deletes an invitation with its address and its link, which works once."""
    unit.collection("organiser_invitations").delete_one({"_id": invited.id})
    unit.collection("messages").delete_one({"_id": invited.id})


def dismiss_everywhere(unit: Unit, account: str) -> None:
    """Removes an erased account as an organiser."""
    theirs = {"organisers.account": account}
    change = {"$pull": {"organisers": {"account": account}}, "$inc": {"version": 1}}
    unit.collection("programmes").update_many(theirs, change)


def invited_from(document: Document) -> Invited:
    """The invitation from its stored form."""
    known = {one.name: document[one.name] for one in fields(Invited) if one.name in document}
    return Invited(id=document["_id"], **known)
