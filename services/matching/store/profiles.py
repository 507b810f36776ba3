"""Profiles in MongoDB, by account. A client reads cards once the window of its project is over."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import SOON_DAYS, Need, Profile, near_skills
from services.matching.store.shortlists import read_own_shortlist
from services.matching.store.suspensions import suspended_of


def my_profile(unit: Unit, actor: Actor) -> Profile | None:
    """The mentor's own profile as this transaction sees it."""
    row = unit.find("profiles", {"_id": actor.id})
    return profile_from(row) if row else None


def save_profile(unit: Unit, profile: Profile, facts: Sequence[Fact]) -> Profile:
    """Stores the profile; as it is then, with its new version.

    The card is the subject of ``facts``: ``erasure.done`` of the same account counts from 1 by itself.
    """
    unit.put("profiles", profile_document(profile), facts, subject=profile.mentor_id)
    return replace(profile, version=profile.version + 1)


def read_profile(database: Documents, actor: Actor) -> Profile:
    """The mentor's own profile; ``not-found`` before the first one."""
    row = database.profiles.find_one({"_id": actor.id})
    if row is None:
        raise not_found()
    return profile_from(row)


def find_own_profile(database: Documents, actor: Actor) -> Profile | None:
    """The mentor's own profile, None before the first one."""
    row = database.profiles.find_one({"_id": actor.id})
    return profile_from(row) if row else None


def invitable_profiles(unit: Unit, accounts: Sequence[str]) -> dict[str, Profile]:
    """The profiles of these accounts as they are now, without those that are suspended."""
    found = [profile_from(row) for row in unit.collection("profiles").find({"_id": {"$in": list(accounts)}})]
    suspended = suspended_of(unit, [profile.account for profile in found])
    return {profile.account: profile for profile in found if profile.account not in suspended}


def count_invitations(unit: Unit, invited: Sequence[Profile]) -> None:
    """Keeps what counts for the weekly caps of these.

    Every wave that invites a mentor writes this document: of two at the same moment one is cut and begins again.
    """
    writes = [
        UpdateOne({"_id": one.account}, {"$set": {"invited_at": one.invited_at, "free_from": one.free_from}})
        for one in invited
    ]
    if writes:
        unit.collection("profiles").bulk_write(writes)


def fitting_profiles(
    unit: Unit, need: Need, clients: Sequence[str], today: date, since: datetime | None, most: int
) -> list[Profile]:
    """At most ``most`` of the profiles that may fit, of those that joined after ``since`` where it is given.

    Of more, those whose weekly cap is not reached and that name most of the topics themselves; among equals chance
    decides. Without the ``clients`` themselves.
    """
    wanted = _selection(need, clients, today) | ({"joined_at": {"$gt": since}} if since else {})
    busy = {"$gt": [{"$ifNull": ["$free_from", unit.now]}, unit.now]}
    overlap = {"$size": {"$setIntersection": ["$skills", list(need.topics)]}}
    pipeline: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$addFields": {"busy": busy, "overlap": overlap, "lot": {"$rand": {}}}},
        {"$sort": {"busy": 1, "overlap": -1, "lot": 1}},
        {"$limit": most},
    ]
    return [profile_from(row) for row in unit.collection("profiles").aggregate(pipeline)]


def read_cards(database: Documents, project_id: str, actor: Actor) -> list[Profile]:
    """The profiles of those who quoted, to the project's client once the window is over; ``not-found`` before.

    Their order, by a random id, says nothing of who was first.
    """
    shortlist = read_own_shortlist(database, project_id, actor)
    if shortlist is None or shortlist.reason is None or shortlist.cancelled:
        raise not_found()
    quoted = {"_id": {"$in": shortlist.quoted}}
    return [profile_from(row) for row in database.profiles.find(quoted).sort("mentor_id", ASCENDING)]


def erase_person(unit: Unit, account: str) -> None:
    """A mentor's profile, invitations and places on lists go."""
    for name in ("profiles", "suspensions"):
        unit.collection(name).delete_one({"_id": account})
    unit.collection("invitations").delete_many({"account": account})
    nobody = {"account": "", "mentor_id": "", "school": "", "excluded": [], "why": []}
    unit.collection("listings").update_many(  # the place stays: others are found by theirs
        {"rows.account": account},
        {"$set": {f"rows.$[theirs].{name}": value for name, value in nobody.items()}},
        array_filters=[{"theirs.account": account}],
    )


def _selection(need: Need, clients: Sequence[str], today: date) -> Document:
    """What MongoDB can tell of who is eligible; the ranking judges again."""
    soon = (today + timedelta(days=SOON_DAYS)).isoformat()
    wanted: Document = {
        "_id": {"$nin": list(clients)},
        "paused": False,
        "weekly_invitations": {"$gt": 0},
        "$or": [{"available_from": None}, {"available_from": {"$lte": soon}}],
    }
    if need.languages:
        wanted["languages"] = {"$in": list(need.languages)}
    if need.topics:
        wanted["skills"] = {"$in": near_skills(need.topics)}
    return wanted


def profile_document(profile: Profile) -> Document:
    """The profile as it is stored."""
    row = asdict(profile)
    return {"_id": row.pop("account"), **row}


def profile_from(row: Document) -> Profile:
    """What `profile_document` wrote."""
    known = {field.name: row[field.name] for field in fields(Profile) if field.name in row}
    return Profile(**{**known, "account": row["_id"]})
