"""Invitations in MongoDB. Mentors read their own; the shortlist determines the state of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, ReturnDocument

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import Invitation, Listed, Shortlist
from services.matching.store.profiles import count_invitations, profiles_of
from services.matching.store.reasons import reasons, rows
from services.matching.store.shortlists import find_shortlist, open_among, read_shortlists

Placed = tuple[Invitation, Shortlist]
"""An invitation with the shortlist that determines its state."""


def add_invitations(unit: Unit, project_id: str, chosen: Sequence[Listed]) -> None:
    """Stores one invitation for each mentor; the event is stored with the shortlist."""
    common = {"project_id": project_id, "created_at": unit.now, "seen_at": None, "version": 1}
    new = [{"_id": new_id(), **common, "account": one.account, "why": rows(one.why)} for one in chosen]
    if new:
        unit.collection("invitations").insert_many(new)


def is_invited(unit: Unit, project_id: str, account: str) -> bool:
    """Whether the mentor has an invitation to this project."""
    return unit.find("invitations", {"project_id": project_id, "account": account}) is not None


def give_back_invitations(unit: Unit, project_id: str) -> None:
    """Takes a cancelled project's invitations out of the mentors' weekly counts, each once."""
    counting: Document = {"project_id": project_id, "given_back": None}
    made = {row["account"]: row["created_at"] for row in unit.collection("invitations").find(counting)}
    if made:
        profiles = profiles_of(unit, list(made))
        count_invitations(unit, [profile.given_back(made[profile.account]) for profile in profiles])
        unit.collection("invitations").update_many(counting, {"$set": {"given_back": unit.now}})


def my_invitation(unit: Unit, invitation_id: str, actor: Actor) -> Placed:
    """An invitation of this mentor and its shortlist, in the transaction; ``not-found`` if it is not theirs."""
    row = unit.find("invitations", {"_id": invitation_id, "account": actor.id})
    if row is None:
        raise not_found()
    invitation = _invitation(row)
    return invitation, find_shortlist(unit, invitation.project_id)


def save_decline(unit: Unit, invitation: Invitation, reason: str | None) -> None:
    """Stores when and why a mentor declined."""
    change = {"$set": {"declined_at": unit.now, "reason": reason}, "$inc": {"version": 1}}
    unit.collection("invitations").update_one({"_id": invitation.id}, change)


def read_invitations(database: Documents, query: Mapping[str, Any], actor: Actor) -> tuple[list[Placed], str | None]:
    """One page of the mentor's invitations, newest first, and the cursor of the next one."""
    mine: Document = {"account": actor.id}
    if query["project_id"] is not None:
        mine["project_id"] = query["project_id"]
    if query["state"] is not None:
        known = database.invitations.distinct("project_id", {**mine, "declined_at": None})
        mine = {"account": actor.id, "declined_at": None, "project_id": {"$in": open_among(database, known)}}
    found = page(database.invitations, mine, query, dict)
    return _placed(database, found["items"]), found["next_cursor"]


def see_invitation(database: Documents, invitation_id: str, actor: Actor) -> Placed:
    """Marks an invitation of this mentor as seen and returns it; ``not-found`` if it is not theirs."""
    seen = [{"$set": {"seen_at": {"$ifNull": ["$seen_at", "$$NOW"]}}}]
    row = database.invitations.find_one_and_update(
        {"_id": invitation_id, "account": actor.id}, seen, return_document=ReturnDocument.AFTER
    )
    if row is None:
        raise not_found()
    return _placed(database, [row])[0]


def read_every_invitation(database: Documents, actor: Actor) -> list[Placed]:
    """All stored invitations of a mentor, oldest first."""
    return _placed(database, list(database.invitations.find({"account": actor.id}).sort("created_at", ASCENDING)))


def _placed(database: Documents, found: Sequence[Document]) -> list[Placed]:
    every = [_invitation(row) for row in found]
    shortlists = read_shortlists(database, list({invitation.project_id for invitation in every}))
    return [(invitation, shortlists[invitation.project_id]) for invitation in every]


def _invitation(row: Document) -> Invitation:
    return Invitation(
        id=row["_id"],
        project_id=row["project_id"],
        account=row["account"],
        created_at=row["created_at"],
        why=reasons(row["why"]),
        seen_at=row["seen_at"],
        declined_at=row.get("declined_at"),
        reason=row.get("reason"),
    )
