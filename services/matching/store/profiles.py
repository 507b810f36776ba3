"""Profiles in MongoDB, by account. A client reads cards once the window of its project is over."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import Admission, Profile
from services.matching.store.shortlists import read_own_shortlists
from services.matching.store.suspensions import suspended_of


def my_profile(unit: Unit, actor: Actor) -> Profile | None:
    """The mentor's own profile as this transaction sees it."""
    row = unit.find("profiles", {"_id": actor.id})
    return profile_from(row) if row else None


def find_profile(unit: Unit, account: str) -> Profile:
    """A mentor's profile, for an operator's deed; ``not-found`` if there is none."""
    row = unit.find("profiles", {"_id": account})
    if row is None:
        raise not_found()
    return profile_from(row)


def save_profile(unit: Unit, profile: Profile, facts: Sequence[Fact]) -> Profile:
    """Stores the profile and returns it with its new version.

    The subject of ``facts`` is the card's id, so that ``erasure.done``, whose subject is the account, has its own
    sequence.
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
    """The current profiles of these accounts, without suspended ones."""
    found = profiles_of(unit, accounts)
    suspended = suspended_of(unit, [profile.account for profile in found])
    return {profile.account: profile for profile in found if profile.account not in suspended}


def profiles_of(unit: Unit, accounts: Sequence[str]) -> list[Profile]:
    """The current profiles of these accounts."""
    return [profile_from(row) for row in unit.collection("profiles").find({"_id": {"$in": list(accounts)}})]


def count_invitations(unit: Unit, invited: Sequence[Profile]) -> None:
    """Stores the invitations that count for the mentors' weekly caps.

    Each wave that invites a mentor writes the profile, so that of two concurrent ones one is aborted and retried.
    """
    writes = [
        UpdateOne({"_id": one.account}, {"$set": {"invited_at": one.invited_at, "free_from": one.free_from}})
        for one in invited
    ]
    if writes:
        unit.collection("profiles").bulk_write(writes)


def admitted_since(unit: Unit, admission: Admission, since: datetime, most: int) -> list[str]:
    """At most ``most`` accounts of mentors admitted after ``since``, those below their weekly cap first."""
    wanted: Document = {"$and": [*_admitted(admission, unit.now), _admitted_after(admission, since)]}
    busy = {"$gt": [{"$ifNull": ["$free_from", unit.now]}, unit.now]}
    pipeline: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$project": {"busy": busy, "lot": {"$rand": {}}}},
        {"$sort": {"busy": 1, "lot": 1}},
        {"$limit": most},
    ]
    return [row["_id"] for row in unit.collection("profiles").aggregate(pipeline)]


def read_cards(database: Documents, projects: Sequence[str], actor: Actor) -> list[Profile]:
    """The profiles of the mentors who quoted, for the projects' client once the window is over.

    ``not-found`` before, if only one project is asked for. They are ordered by a random id, which does not reveal who
    quoted first.
    """
    known = read_own_shortlists(database, projects, actor)
    over = [one for one in known if one.reason is not None and not one.cancelled]
    if not over and len(set(projects)) == 1:
        raise not_found()
    quoted = {"_id": {"$in": sorted({account for one in over for account in one.quoted})}}
    return [profile_from(row) for row in database.profiles.find(quoted).sort("mentor_id", ASCENDING)]


def erase_person(unit: Unit, account: str) -> None:
    """Deletes what is known of a mentor and their account, and blanks their places on lists."""
    for name in ("profiles", "suspensions", "accounts"):
        unit.collection(name).delete_one({"_id": account})
    unit.collection("invitations").delete_many({"account": account})
    blank = {"account": "", "mentor_id": "", "school": "", "excluded": [], "why": []}
    unit.collection("listings").update_many(  # the place stays, because other entries are found by theirs
        {"rows.account": account},
        {"$set": {f"rows.$[theirs].{name}": value for name, value in blank.items()}},
        array_filters=[{"theirs.account": account}],
    )


def _admitted(admission: Admission, now: datetime) -> list[Document]:
    """The part of `is_candidate` that MongoDB can check, so that fresh accounts do not displace others."""
    of_age: Document = {"registered_at": {"$not": {"$gt": now - admission.after}}}
    grown: Document = {"$or": [{"registered_at": {"$ne": None}}, {"joined_at": {"$lte": now - admission.after}}]}
    return [of_age, grown, *([{"verified_at": {"$ne": None}}] if admission.verified else [])]


def _admitted_after(admission: Admission, since: datetime) -> Document:
    later = [{"joined_at": {"$gt": since - admission.after}}, {"registered_at": {"$gt": since - admission.after}}]
    return {"$or": [*later, *([{"verified_at": {"$gt": since}}] if admission.verified else [])]}


def profile_document(profile: Profile) -> Document:
    """The profile as it is stored."""
    row = asdict(profile)
    return {"_id": row.pop("account"), **row}


def profile_from(row: Document) -> Profile:
    """Reads a row written by `profile_document`."""
    known = {field.name: row[field.name] for field in fields(Profile) if field.name in row}
    return Profile(**{**known, "account": row["_id"]})
