"""Projects in MongoDB. Every read for a person takes that person as an argument and checks their access."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit, UnitOfWork
from services.projects.model.leaks import Identity
from services.projects.model.organisation import Organisation
from services.projects.model.project import AWARDED, Project
from services.projects.store import organisations
from services.projects.store.questions import UNANSWERED, invitation
from services.projects.store.reports import LASTS_TOO_LONG

INDEXES = {
    "projects": [
        IndexModel([("clients", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("chosen", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("organisation", ASCENDING)]),
        IndexModel([("organisation", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("organisation", ASCENDING), ("state", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("client", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("client", ASCENDING), ("state", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("chosen", ASCENDING)]),
        IndexModel([("received.account", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    ],
}
View = Callable[[Project], Document]


def find_project(unit: Unit, project_id: str) -> Project | None:
    """A project as this transaction sees it, or None; for handlers."""
    document = unit.find("projects", {"_id": project_id})
    return project_from(document) if document else None


def my_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """The caller's project, to be changed; raises ``not-found`` unless the caller acts for its client."""
    project = find_project(unit, project_id)
    if project is None or actor.id not in project.clients:
        raise not_found()
    return project


def party_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """A project whose client or chosen mentor the caller is, to be changed; raises ``not-found``."""
    project = find_project(unit, project_id)
    if project is None or not project.may_see_client(actor.id):
        raise not_found()
    return project


def invited_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """A project that the caller was invited to, to be changed; raises ``not-found`` until that event has arrived."""
    project = find_project(unit, project_id)
    if project is None or unit.find("invitations", invitation(project_id, actor)) is None:
        raise not_found()
    return project


def seen_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """A project that the caller may see, as its client, its chosen mentor or an invited mentor."""
    project = find_project(unit, project_id)
    if project is not None and project.may_see_client(actor.id):
        return project
    return invited_project(unit, project_id, actor)


def read_discussed_project(database: Documents, project_id: str, actor: Actor) -> Project:
    """A project whose questions the caller may read, as its client or an invited mentor."""
    document = database.projects.find_one({"_id": project_id})
    if document is not None and actor.id not in project_from(document).clients:
        document = document if database.invitations.find_one(invitation(project_id, actor)) else None
    if document is None:
        raise not_found()
    return project_from(document)


def read_project(database: Documents, project_id: str, actor: Actor) -> Project:
    """A project, for its client and its chosen mentor; raises ``not-found`` for all others."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not project_from(document).may_see_client(actor.id):
        raise not_found()
    return project_from(document)


class Listed(NamedTuple):
    """A project in a list, with its number of unanswered questions, and the time at which it was read."""

    project: Project
    unanswered: int
    at: datetime


def read_projects(work: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> Document:
    """A page of `Listed`: the caller's own projects, or those that have chosen this mentor, newest first."""
    mine: Document = {"clients": actor.id}
    if actor.role == "mentor":
        mine = {"chosen": actor.id, "state": {"$in": list(AWARDED)}}
    if query["state"]:
        mine = {"$and": [mine, {"state": {"$in": query["state"]}}]}
    read_at = {"$set": {"at": work.clock.expression()}}
    return page(work.database.projects, mine, query, _listed, more=[UNANSWERED, read_at])


def _listed(row: Document) -> Listed:
    return Listed(project_from(row), sum(one["n"] for one in row["unanswered"]), row["at"])


def read_stuck_projects(database: Documents, query: Mapping[str, Any], view: View) -> Document:
    """The projects that have been in a state for too long, oldest first; for operators."""
    return page(database.projects, LASTS_TOO_LONG, query, lambda row: view(project_from(row)), ascending=True)


def read_operated_project(database: Documents, project_id: str) -> Project:
    """Any project, for operators; raises ``not-found``."""
    document = database.projects.find_one({"_id": project_id})
    if document is None:
        raise not_found()
    return project_from(document)


def projects_of_organisation(unit: Unit, organisation_id: str) -> list[Project]:
    """All projects of an organisation, to be changed."""
    mine = {"organisation": organisation_id}
    return [project_from(row) for row in unit.collection("projects").find(mine)]


def projects_by_id(unit: Unit, ids: Sequence[str]) -> list[Project]:
    """The projects with these ids, to be changed."""
    wanted = {"_id": {"$in": list(ids)}}
    return [project_from(row) for row in unit.collection("projects").find(wanted)]


def projects_of_mentor(unit: Unit, account: str, invited: Sequence[str]) -> list[Project]:
    """The projects that a mentor was ``invited`` to or quoted for, to be changed; the events come in any order."""
    wanted = {"$or": [{"_id": {"$in": list(invited)}}, {"received.account": account}]}
    return [project_from(row) for row in unit.collection("projects").find(wanted)]


def unshared_projects(unit: Unit, organisation: Organisation, limit: int) -> list[Project]:
    """Projects of the organisation that are not yet updated to its current members."""
    other = {"organisation": organisation.id, "clients": {"$ne": organisation.accounts}}
    return [project_from(row) for row in unit.collection("projects").find(other).limit(limit)]


def save_project(unit: Unit, project: Project, facts: Sequence[Fact]) -> None:
    """Stores the project with its events."""
    unit.put("projects", _document(project), facts)


def identity_now(database: Documents, project: Project) -> Identity | None:
    """The current identity of the project's client; None if its organisation was deleted."""
    return organisations.identity_by_id(database, project.organisation)


def client_identity(database: Documents, project_id: str, actor: Actor) -> Identity | None:
    """The identity of the client whose project this is, outside any transaction; None for other callers."""
    row = database.projects.find_one({"_id": project_id, "clients": actor.id})
    return identity_now(database, project_from(row)) if row else None


def identity_within(unit: Unit, project: Project) -> Identity:
    """The identity that the client's texts are scanned for; raises ``not-found`` if the organisation was deleted."""
    organisation = organisations.find_organisation_by_id(unit, project.organisation)
    if organisation is None:
        raise not_found()
    return organisation.identity


def _document(project: Project) -> Document:
    document = {field.name: getattr(project, field.name) for field in fields(Project) if field.name != "id"}
    document |= {"_id": project.id, "window": project.window.total_seconds()}
    return document | ({"due_at": project.due_at} if project.due_at else {})


def project_from(document: Document) -> Project:
    """The project from its stored form."""
    known = {field.name: document[field.name] for field in fields(Project) if field.name in document}
    return Project(id=document["_id"], **{**known, "window": timedelta(seconds=document["window"])})
