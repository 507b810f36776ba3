"""Profiles, shortlists and invitations in MongoDB. What a person reads is read as that person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import Listed, Shortlist, Standing
from services.matching.ranking import Reason

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "profiles": [
        IndexModel([("skills", ASCENDING)]),
        IndexModel([("joined_at", ASCENDING)]),
        IndexModel([("mentor_id", ASCENDING)], unique=True),
    ],
    "shortlists": [IndexModel([("clients", ASCENDING)])],
    "suspensions": [],
    "listings": [
        IndexModel([("project_id", ASCENDING), ("last", ASCENDING)]),
        IndexModel([("rows.account", ASCENDING)]),
    ],
    "invitations": [
        IndexModel([("project_id", ASCENDING), ("account", ASCENDING)], unique=True),
        IndexModel([("account", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    ],
}


def my_profile(unit: Unit, actor: Actor) -> Document | None:
    """The mentor's own profile as this transaction sees it."""
    return unit.find("profiles", {"_id": actor.id})


def save_profile(
    unit: Unit, actor: Actor, kept: Mapping[str, Any] | None, body: Mapping[str, Any], facts: Sequence[Fact]
) -> Document:
    """Stores what the mentor wrote; a first profile gets an id for its card, which is not the account's.

    The card is the subject of ``facts``: ``erasure.done`` of the same account counts from 1 by itself.
    """
    new = {"_id": actor.id, "mentor_id": new_id(), "joined_at": unit.now, "invited_at": [], "version": 0}
    profile = {**(kept or new), **body}
    unit.put("profiles", profile, facts, subject=profile["mentor_id"])
    return {**profile, "version": profile["version"] + 1}


def read_profile(database: Documents, actor: Actor) -> Document:
    """The mentor's own profile; ``not-found`` before the first one."""
    profile = database.profiles.find_one({"_id": actor.id})
    if profile is None:
        raise not_found()
    return profile


def find_profiles(unit: Unit, accounts: Sequence[str]) -> dict[str, Document]:
    """The profiles of these accounts as they are now."""
    found = unit.collection("profiles").find({"_id": {"$in": list(accounts)}})
    return {profile["_id"]: profile for profile in found}


def count_invitations(unit: Unit, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Counts invitations for the weekly caps, by account.

    Every wave that invites a mentor writes this document: of two at the same moment one is cut and begins again.
    """
    writes = [UpdateOne({"_id": account}, {"$set": dict(change)}) for account, change in changes.items()]
    if writes:
        unit.collection("profiles").bulk_write(writes)


def fitting_profiles(unit: Unit, wanted: Mapping[str, Any], topics: Sequence[str], most: int) -> list[Document]:
    """At most ``most`` of the profiles that ``wanted`` selects; ``busy`` are those whose weekly cap is reached.

    Of more, those that are not busy and name most of ``topics`` themselves; among equals chance decides.
    """
    busy = {"$gt": [{"$ifNull": ["$free_from", unit.now]}, unit.now]}
    overlap = {"$size": {"$setIntersection": ["$skills", list(topics)]}}
    pipeline: list[dict[str, Any]] = [
        {"$match": dict(wanted)},
        {"$addFields": {"busy": busy, "overlap": overlap, "lot": {"$rand": {}}}},
        {"$sort": {"busy": 1, "overlap": -1, "lot": 1}},
        {"$limit": most},
    ]
    return list(unit.collection("profiles").aggregate(pipeline))


def suspended_of(unit: Unit, accounts: Sequence[str]) -> set[str]:
    """Those of these accounts that an operator keeps out."""
    suspended = {"_id": {"$in": list(accounts)}, "suspended": True}
    return {row["_id"] for row in unit.collection("suspensions").find(suspended)}


def note_suspension(unit: Unit, account: str, suspended: bool, sequence: int) -> None:
    """What accounts says; the highest sequence holds."""
    known = unit.find("suspensions", {"_id": account}) or {"sequence": 0}
    if known["sequence"] < sequence:
        change = {"$set": {"suspended": suspended, "sequence": sequence}}
        unit.collection("suspensions").update_one({"_id": account}, change, upsert=True)


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


def shortlists_of(unit: Unit, account: str) -> list[Shortlist]:
    """The shortlists of a client, about to be changed."""
    mine = unit.collection("shortlists").find({"clients": account})
    return [_shortlist(document) for document in mine]


def find_shortlist(unit: Unit, project_id: str) -> Shortlist:
    """The project's shortlist, or a placeholder for one that is not known yet."""
    document = unit.find("shortlists", {"_id": project_id})
    return _shortlist(document) if document else Shortlist(project_id)


def save_shortlist(unit: Unit, shortlist: Shortlist, facts: Sequence[Fact] = ()) -> None:
    """Stores the shortlist with what happened; the list behind it goes once the round is over."""
    unit.put("shortlists", _document(shortlist), facts)
    if shortlist.over:
        unit.collection("listings").delete_many({"project_id": shortlist.id})


def add_listing(unit: Unit, project_id: str, first: int, listed: Sequence[Listed]) -> None:
    """Appends a stretch of the ranked list, from place ``first`` on."""
    stretch = {"_id": f"{project_id}:{first}", "project_id": project_id, "first": first, "last": first + len(listed)}
    unit.collection("listings").insert_one({**stretch, "rows": [asdict(one) for one in listed]})


def listings(unit: Unit, project_id: str, place: int) -> Iterator[list[Listed]]:
    """The list from ``place`` on, a stretch at a time."""
    after = {"project_id": project_id, "last": {"$gt": place}}
    found = unit.collection("listings").find(after, batch_size=1).sort("last", ASCENDING)
    for stretch in found:
        yield [_listed(row) for row in stretch["rows"][max(0, place - stretch["first"]) :]]


def listed_accounts(unit: Unit, project_id: str) -> list[str]:
    """Everybody who stands on the list."""
    rows = unit.collection("listings")
    return list(rows.distinct("rows.account", {"project_id": project_id}))


def add_invitations(unit: Unit, project_id: str, chosen: Sequence[Listed]) -> None:
    """One invitation for each; the shortlist carries the event."""
    common = {"project_id": project_id, "created_at": unit.now, "seen_at": None, "version": 1}
    rows = [{"_id": new_id(), **common, "account": one.account, "why": _rows(one.why)} for one in chosen]
    if rows:
        unit.collection("invitations").insert_many(rows)


def my_invitation(unit: Unit, invitation_id: str, actor: Actor) -> tuple[Document, Shortlist]:
    """An invitation of this mentor, with the shortlist that says where it stands."""
    invitation = unit.find("invitations", {"_id": invitation_id, "account": actor.id})
    if invitation is None:
        raise not_found()
    return invitation, find_shortlist(unit, invitation["project_id"])


def save_decline(unit: Unit, invitation: Mapping[str, Any], reason: str | None) -> None:
    """Keeps when and why a mentor declined."""
    change = {"$set": {"declined_at": unit.now, "reason": reason}, "$inc": {"version": 1}}
    unit.collection("invitations").update_one({"_id": invitation["_id"]}, change)


def read_invitations(database: Documents, query: Mapping[str, Any], actor: Actor) -> Document:
    """One page of the mentor's invitations, newest first, each with its shortlist as a pair."""
    found = page(database.invitations, {"account": actor.id}, query, dict)
    return {**found, "items": _with_shortlists(database, found["items"])}


def see_invitation(database: Documents, invitation_id: str, actor: Actor) -> tuple[Document, Shortlist]:
    """An invitation of this mentor, from now on seen."""
    seen = [{"$set": {"seen_at": {"$ifNull": ["$seen_at", "$$NOW"]}}}]
    invitation = database.invitations.find_one_and_update(
        {"_id": invitation_id, "account": actor.id}, seen, return_document=ReturnDocument.AFTER
    )
    if invitation is None:
        raise not_found()
    return _with_shortlists(database, [invitation])[0]


def read_cards(database: Documents, project_id: str, actor: Actor) -> list[Document]:
    """The profiles of those who quoted, to the project's client once the window is over; ``not-found`` before.

    Their order, by a random id, says nothing of who was first.
    """
    document = database.shortlists.find_one({"_id": project_id, "clients": actor.id})
    if document is None or document["reason"] is None or document["cancelled"]:
        raise not_found()
    quoted = {"_id": {"$in": _shortlist(document).quoted}}
    return list(database.profiles.find(quoted).sort("mentor_id", ASCENDING))


def read_everything(
    database: Documents, actor: Actor
) -> tuple[Document | None, list[tuple[Document, Shortlist]], list[Shortlist]]:
    """All that is held of a person: the profile, the invitations, the projects posted.

    Places on the lists of open rounds are left out: whoever stands there uninvited is not to learn why.
    """
    profile = database.profiles.find_one({"_id": actor.id})
    invitations = list(database.invitations.find({"account": actor.id}).sort("created_at", ASCENDING))
    posted = [_shortlist(document) for document in database.shortlists.find({"clients": actor.id})]
    return profile, _with_shortlists(database, invitations), posted


def _with_shortlists(database: Documents, invitations: Sequence[Document]) -> list[tuple[Document, Shortlist]]:
    projects = list({invitation["project_id"] for invitation in invitations})
    found = {row["_id"]: _shortlist(row) for row in database.shortlists.find({"_id": {"$in": projects}})}
    return [(invitation, found[invitation["project_id"]]) for invitation in invitations]


def _document(shortlist: Shortlist) -> Document:
    document = {field.name: getattr(shortlist, field.name) for field in fields(Shortlist) if field.name != "id"}
    document |= {
        "_id": shortlist.id,
        "window": shortlist.window.total_seconds(),
        "standings": [asdict(standing) for standing in shortlist.standings],
    }
    if shortlist.due_at is None:
        del document["due_at"]  # the index of deadlines is sparse
    return document


def _shortlist(document: Document) -> Shortlist:
    known = {field.name: document[field.name] for field in fields(Shortlist) if field.name in document}
    known["window"] = timedelta(seconds=document["window"])
    known["standings"] = [Standing(**standing) for standing in document["standings"]]
    return Shortlist(id=document["_id"], **known)


def _listed(row: Document) -> Listed:
    return Listed(**{**row, "excluded": tuple(row["excluded"]), "why": reasons(row["why"])})


def _rows(why: Sequence[Reason]) -> list[Document]:
    return [asdict(reason) for reason in why]


def reasons(rows: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """The reasons of an invitation as they were stored."""
    return tuple(Reason(row["code"], tuple(row["data"])) for row in rows)
