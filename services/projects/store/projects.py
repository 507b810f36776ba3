"""Projects in MongoDB. What a person reads is read as that person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.leaks import Identity
from services.projects.model.organisation import Organisation
from services.projects.model.project import Project
from services.projects.store import organisations
from services.projects.store.questions import invitation
from services.projects.store.reports import LASTS_TOO_LONG

INDEXES = {
    "projects": [
        IndexModel([("clients", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("organisation", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    ],
}
View = Callable[[Project], Document]


def find_project(unit: Unit, project_id: str) -> Project | None:
    """A project as this transaction sees it, for a handler."""
    document = unit.find("projects", {"_id": project_id})
    return project_from(document) if document else None


def my_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """The caller's project, about to be changed; ``not-found`` to anybody but its client."""
    project = find_project(unit, project_id)
    if project is None or actor.id not in project.clients:
        raise not_found()
    return project


def party_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """A project of which the caller is the client or the chosen mentor, about to be changed."""
    project = find_project(unit, project_id)
    if project is None or not project.may_see_client(actor.id):
        raise not_found()
    return project


def invited_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """A project that the caller was invited to, about to be changed; ``not-found`` until that is known here."""
    project = find_project(unit, project_id)
    if project is None or unit.find("invitations", invitation(project_id, actor)) is None:
        raise not_found()
    return project


def seen_project(unit: Unit, project_id: str, actor: Actor) -> Project:
    """A project that the caller sees: its client, its chosen mentor and every mentor invited to it."""
    project = find_project(unit, project_id)
    if project is not None and project.may_see_client(actor.id):
        return project
    return invited_project(unit, project_id, actor)


def read_discussed_project(database: Documents, project_id: str, actor: Actor) -> Project:
    """A project, to those who read its questions: its client and every mentor invited to it."""
    document = database.projects.find_one({"_id": project_id})
    if document is not None and actor.id not in project_from(document).clients:
        document = document if database.invitations.find_one(invitation(project_id, actor)) else None
    if document is None:
        raise not_found()
    return project_from(document)


def read_project(database: Documents, project_id: str, actor: Actor) -> Project:
    """A project, to its client and its chosen mentor."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not project_from(document).may_see_client(actor.id):
        raise not_found()
    return project_from(document)


def read_projects(database: Documents, actor: Actor, query: Mapping[str, Any], view: View) -> Document:
    """The caller's own projects, newest first."""
    return page(database.projects, {"clients": actor.id}, query, lambda row: view(project_from(row)))


def read_stuck_projects(database: Documents, query: Mapping[str, Any], view: View) -> Document:
    """The projects that have stayed too long in a state, oldest first, for an operator."""
    return page(database.projects, LASTS_TOO_LONG, query, lambda row: view(project_from(row)), ascending=True)


def projects_of_organisation(unit: Unit, organisation_id: str) -> list[Project]:
    """All projects of an organisation, about to be changed."""
    mine = {"organisation": organisation_id}
    return [project_from(row) for row in unit.collection("projects").find(mine)]


def projects_by_id(unit: Unit, ids: Sequence[str]) -> list[Project]:
    """These projects, about to be changed."""
    wanted = {"_id": {"$in": list(ids)}}
    return [project_from(row) for row in unit.collection("projects").find(wanted)]


def unshared_projects(unit: Unit, organisation: Organisation, limit: int) -> list[Project]:
    """Projects of the organisation that other people act for than its members of now."""
    other = {"organisation": organisation.id, "clients": {"$ne": organisation.accounts}}
    return [project_from(row) for row in unit.collection("projects").find(other).limit(limit)]


def save_project(unit: Unit, project: Project, facts: Sequence[Fact]) -> None:
    """Stores the project with what happened."""
    unit.put("projects", _document(project), facts)


def identity_now(database: Documents, project: Project) -> Identity | None:
    """The client's identity as its organisation describes it now; None where there is no organisation any more."""
    return organisations.identity_by_id(database, project.organisation)


def client_identity(database: Documents, project_id: str, actor: Actor) -> Identity | None:
    """Who the client of the caller's project is, outside any transaction; None where the caller is not its client."""
    row = database.projects.find_one({"_id": project_id, "clients": actor.id})
    return identity_now(database, project_from(row)) if row else None


def identity_within(unit: Unit, project: Project) -> Identity:
    """What the client's words about this project are compared with; ``not-found`` where the organisation is gone."""
    organisation = organisations.find_organisation_by_id(unit, project.organisation)
    if organisation is None:
        raise not_found()
    return organisation.identity


def _document(project: Project) -> Document:
    document = {field.name: getattr(project, field.name) for field in fields(Project) if field.name != "id"}
    document |= {"_id": project.id, "window": project.window.total_seconds()}
    return document | ({"due_at": project.due_at} if project.due_at else {})


def project_from(document: Document) -> Project:
    """The project that is stored so."""
    known = {field.name: document[field.name] for field in fields(Project) if field.name in document}
    return Project(id=document["_id"], **{**known, "window": timedelta(seconds=document["window"])})
