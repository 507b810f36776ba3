"""Organisations, projects and the vault in MongoDB. What a person reads is read as that person."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis import guards
from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.blind import domain_digest
from services.projects import order_store, question_store, report_store
from services.projects.leaks import Identity
from services.projects.membership import accounts_of
from services.projects.model import Project

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "projects": [
        IndexModel([("clients", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("organisation", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    ],
    "organisations": [
        IndexModel([("members.account", ASCENDING)], unique=True),
        IndexModel([("invitations.digest", ASCENDING)], sparse=True),
    ],
    "vault": [],
    "confirmations": [],
    **question_store.INDEXES,
    **order_store.INDEXES,
    **report_store.INDEXES,
}


def find_organisation(unit: Unit, actor: Actor) -> Document | None:
    """The caller's organisation as this transaction sees it."""
    return unit.find("organisations", {"members.account": actor.id})


def read_organisation(database: Documents, actor: Actor) -> Document:
    """The caller's organisation; ``not-found`` before the first PUT."""
    organisation = database.organisations.find_one({"members.account": actor.id})
    if organisation is None:
        raise not_found()
    return organisation


def my_organisation(unit: Unit, actor: Actor) -> Document:
    """The caller's organisation, about to be changed; ``not-found`` where there is none."""
    organisation = find_organisation(unit, actor)
    if organisation is None:
        raise not_found()
    return organisation


def inviting_organisation(unit: Unit, digest: str) -> Document:
    """The organisation that issued an invitation; ``not-found`` for a digest that nobody issued."""
    organisation = unit.find("organisations", {"invitations.digest": digest})
    if organisation is None:
        raise not_found()
    return organisation


def unshared_projects(unit: Unit, organisation: Mapping[str, Any], limit: int) -> list[Project]:
    """Projects of the organisation that other people act for than its members of now."""
    other = {"organisation": organisation["_id"], "clients": {"$ne": accounts_of(organisation)}}
    return [_project(row) for row in unit.collection("projects").find(other).limit(limit)]


def find_organisation_by_id(unit: Unit, organisation_id: str) -> Document | None:
    """An organisation as this transaction sees it, for a deadline."""
    return unit.find("organisations", {"_id": organisation_id})


def save_organisation(unit: Unit, organisation: Mapping[str, Any]) -> None:
    """Stores the identity. It has no events: it never leaves this service but to a chosen mentor."""
    unit.put("organisations", organisation)


def rely_on_people(unit: Unit, organisation: Mapping[str, Any]) -> None:
    """Notes that a project is posted for the people of the organisation as they are now.

    Postings do not meet each other. The transaction that brings projects to the organisation's people of now
    (`settle_people`) meets each of them: no project keeps people who have left, or misses those who have joined.
    """
    guards.passing(unit, _people(organisation["_id"]))


def settle_people(unit: Unit, organisation_id: str) -> None:
    """Notes that all projects of the organisation are brought to its people of now, or end with it."""
    guards.closing(unit, _people(organisation_id))


def _people(organisation_id: str) -> str:
    return f"people:{organisation_id}"


def identity_of(organisation: Mapping[str, Any]) -> Identity:
    """What a text of this client is compared with."""
    contact = organisation["contact"]
    return Identity(
        name=organisation["name"],
        aliases=tuple(organisation["aliases"]),
        domains=tuple(organisation["domains"]),
        siren=organisation.get("siren"),
        people=tuple(organisation["people"]),
        products=tuple(organisation["products"]),
        contact_name=contact["name"],
        contact_email=contact["email"],
        contact_phone=contact.get("phone"),
    )


def identity_now(database: Documents, project: Project) -> Identity | None:
    """The client's identity as its organisation describes it now; None where there is no organisation any more."""
    organisation = database.organisations.find_one({"_id": project.organisation})
    return identity_of(organisation) if organisation else None


def own_identity(database: Documents, actor: Actor) -> Identity | None:
    """The identity of the caller's organisation, outside any transaction; None where there is none."""
    organisation = database.organisations.find_one({"members.account": actor.id})
    return identity_of(organisation) if organisation else None


def client_identity(database: Documents, project_id: str, actor: Actor) -> Identity | None:
    """Who the client of the caller's project is, outside any transaction; None where the caller is not its client."""
    row = database.projects.find_one({"_id": project_id, "clients": actor.id})
    return identity_now(database, _project(row)) if row else None


def identity_within(unit: Unit, project: Project) -> Identity:
    """What the client's words about this project are compared with; ``not-found`` where the organisation is gone."""
    organisation = find_organisation_by_id(unit, project.organisation)
    if organisation is None:
        raise not_found()
    return identity_of(organisation)


def lock_in_vault(unit: Unit, project_id: str, organisation: Mapping[str, Any]) -> None:
    """Keeps the identity as it was at posting, apart from the project: what the chosen mentor will see."""
    shown = {name: organisation[name] for name in ("name", "sector", "size", "verified")}
    row = {"_id": project_id, "organisation": shown, "contact": organisation["contact"], "at": unit.now}
    unit.collection("vault").insert_one(row)


def open_vault(database: Documents, project_id: str, actor: Actor) -> Document:
    """Who the client is, to those whom `Project.may_see_client` allows; ``not-found`` to everybody else, always."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not _project(document).may_see_client(actor.id):
        raise not_found()
    row = database.vault.find_one({"_id": project_id})
    if row is None:
        raise not_found()
    return {"organisation": row["organisation"], "contact": row["contact"]}


def find_vault(unit: Unit, project_id: str) -> Document | None:
    """Who the client of a project is, for a handler."""
    return unit.find("vault", {"_id": project_id})


def empty_vault(unit: Unit, project_id: str) -> None:
    """Forgets who the client of a project was."""
    unit.collection("vault").delete_one({"_id": project_id})


def find_project(unit: Unit, project_id: str) -> Project | None:
    """A project as this transaction sees it, for a handler."""
    document = unit.find("projects", {"_id": project_id})
    return _project(document) if document else None


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
    if project is None or unit.find("invitations", question_store.invitation(project_id, actor)) is None:
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
    if document is not None and actor.id not in _project(document).clients:
        document = document if database.invitations.find_one(question_store.invitation(project_id, actor)) else None
    if document is None:
        raise not_found()
    return _project(document)


def read_project(database: Documents, project_id: str, actor: Actor) -> Project:
    """A project, to its client and its chosen mentor."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not _project(document).may_see_client(actor.id):
        raise not_found()
    return _project(document)


def read_projects(database: Documents, actor: Actor, query: Mapping[str, Any], view: Any) -> Document:
    """The caller's own projects, newest first."""
    return page(database.projects, {"clients": actor.id}, query, lambda row: view(_project(row)))


def read_stuck_projects(database: Documents, query: Mapping[str, Any], view: Any) -> Document:
    """The projects that have stayed too long in a state, oldest first, for an operator."""
    return page(database.projects, report_store.LASTS_TOO_LONG, query, lambda row: view(_project(row)), ascending=True)


def projects_of_organisation(unit: Unit, organisation_id: str) -> list[Project]:
    """All projects of an organisation, about to be changed."""
    mine = {"organisation": organisation_id}
    return [_project(row) for row in unit.collection("projects").find(mine)]


def projects_by_id(unit: Unit, ids: Sequence[str]) -> list[Project]:
    """These projects, about to be changed."""
    wanted = {"_id": {"$in": list(ids)}}
    return [_project(row) for row in unit.collection("projects").find(wanted)]


def confirm_domain(unit: Unit, account: str, blind_domain: str | None) -> None:
    """Keeps the digest of the domain at which mail reaches somebody; None is nobody's in particular."""
    change = {"$set": {"blind_domain": blind_domain}}
    unit.collection("confirmations").update_one({"_id": account}, change, upsert=True)


def is_verified(unit: Unit, organisation: Mapping[str, Any], secret: bytes) -> bool:
    """Whether mail reaches one of its people at one of its domains."""
    people = {"_id": {"$in": accounts_of(organisation)}}
    return any(
        row["blind_domain"] in [domain_digest(secret, row["_id"], domain) for domain in organisation["domains"]]
        for row in unit.collection("confirmations").find(people)
    )


def save_project(unit: Unit, project: Project, facts: Sequence[Fact]) -> None:
    """Stores the project with what happened."""
    unit.put("projects", _document(project), facts)


def read_everything(database: Documents, actor: Actor) -> Document:
    """All that this service holds of the caller: projects with what the vault shows of each."""
    mine = [_project(row) for row in database.projects.find({"clients": actor.id}).sort("created_at", ASCENDING)]
    chosen_for = [_project(row) for row in database.projects.find({"chosen": actor.id})]
    vault = {row["_id"]: row for row in database.vault.find({"_id": {"$in": [project.id for project in mine]}})}
    organisation = database.organisations.find_one({"members.account": actor.id})
    parties = [actor.id, *([organisation["_id"]] if organisation else [])]
    return {
        "organisation": organisation,
        "projects": [(project, vault.get(project.id)) for project in mine],
        "chosen_for": [project.id for project in chosen_for],
        "reviews": [
            {"project_id": project.id, **review}
            for project in chosen_for
            for review in project.reviews
            if review["by"] == "mentor"
        ],
        **question_store.everything_of(database, actor, [project.id for project in mine]),
        **report_store.everything_of(database, actor.id),
        **order_store.everything_of(database, actor, parties, [project.id for project in mine]),
    }


def _document(project: Project) -> Document:
    document = {field.name: getattr(project, field.name) for field in fields(Project) if field.name != "id"}
    document |= {"_id": project.id, "window": project.window.total_seconds()}
    return document | ({"due_at": project.due_at} if project.due_at else {})


def _project(document: Document) -> Project:
    known = {field.name: document[field.name] for field in fields(Project) if field.name in document}
    return Project(id=document["_id"], **{**known, "window": timedelta(seconds=document["window"])})
