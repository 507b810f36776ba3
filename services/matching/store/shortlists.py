"""Shortlists in MongoDB, one per project."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import timedelta

from chassis.facts import Fact
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import Blind, Brief, Shortlist, Standing
from services.matching.store.exposure import tally_round


def shortlists_of(unit: Unit, account: str) -> list[Shortlist]:
    """The shortlists of a client's account, read in the transaction."""
    mine = unit.collection("shortlists").find({"clients": account})
    return [shortlist_from(document) for document in mine]


def find_shortlist(unit: Unit, project_id: str) -> Shortlist:
    """The project's shortlist, or a placeholder if it is unknown."""
    document = unit.find("shortlists", {"_id": project_id})
    return shortlist_from(document) if document else Shortlist(project_id)


def save_shortlist(unit: Unit, shortlist: Shortlist, facts: Sequence[Fact] = ()) -> None:
    """Stores the shortlist and its facts; once the round is over, counts its list and deletes list and need."""
    unit.put("shortlists", shortlist_document(shortlist), facts)
    if shortlist.over:
        tally_round(unit, shortlist.id)
        unit.collection("listings").delete_many({"project_id": shortlist.id})
        unit.collection("needs").delete_one({"_id": shortlist.id})


def read_shortlists(database: Documents, projects: Sequence[str]) -> dict[str, Shortlist]:
    """The shortlists of these projects, by project."""
    return {row["_id"]: shortlist_from(row) for row in database.shortlists.find({"_id": {"$in": list(projects)}})}


def open_among(database: Documents, projects: Sequence[str]) -> list[str]:
    """Those of these projects whose window is not over."""
    still_open = {"_id": {"$in": list(projects)}, "reason": None, "cancelled": False}
    return [row["_id"] for row in database.shortlists.find(still_open, {"_id": 1})]


def read_posted(database: Documents, actor: Actor) -> list[Shortlist]:
    """The shortlists of the projects that this client acts for."""
    return [shortlist_from(document) for document in database.shortlists.find({"clients": actor.id})]


def read_own_shortlists(database: Documents, projects: Sequence[str], actor: Actor) -> list[Shortlist]:
    """The shortlists of those of these projects that this client acts for."""
    mine = {"_id": {"$in": list(projects)}, "clients": actor.id}
    return [shortlist_from(document) for document in database.shortlists.find(mine)]


def shortlist_document(shortlist: Shortlist) -> Document:
    """The shortlist as it is stored; a placeholder has an empty brief."""
    document = {field.name: getattr(shortlist, field.name) for field in fields(Shortlist) if field.name != "id"}
    document |= {
        "_id": shortlist.id,
        "brief": asdict(shortlist.brief) if shortlist.brief else {},
        "blind": asdict(shortlist.blind) if shortlist.blind else {},
        "window": shortlist.window.total_seconds(),
        "standings": [asdict(standing) for standing in shortlist.standings],
    }
    if shortlist.due_at is None:
        del document["due_at"]  # the index of deadlines is sparse
    if shortlist.shown is None or shortlist.over:
        del document["shown"]  # so is that of the chances of open rounds
    return document


def shortlist_from(document: Document) -> Shortlist:
    """Reads a document written by `shortlist_document`."""
    known = {field.name: document[field.name] for field in fields(Shortlist) if field.name in document}
    known["brief"] = Brief(**document["brief"]) if document["brief"] else None
    known["blind"] = Blind(**document["blind"]) if document["blind"] else None
    known["window"] = timedelta(seconds=document["window"])
    known["standings"] = [Standing(**standing) for standing in document["standings"]]
    return Shortlist(id=document["_id"], **known)
