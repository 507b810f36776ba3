"""Reads a person's data for the export from MongoDB."""

from pymongo import ASCENDING

from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects.store import orders, organisations, questions, reports
from services.projects.store.projects import project_from
from services.projects.store.vault import vault_of


def read_everything(work: UnitOfWork, actor: Actor) -> Document:
    """All data that this service holds about the caller; each project comes with its client from the vault."""
    database = work.database
    mine = [project_from(row) for row in database.projects.find({"clients": actor.id}).sort("created_at", ASCENDING)]
    chosen_for = [project_from(row) for row in database.projects.find({"chosen": actor.id})]
    vault = vault_of(work, [project.id for project in mine])
    organisation = organisations.own_organisation(database, actor)
    parties = [actor.id, *([organisation.id] if organisation else [])]
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
        **questions.everything_of(database, actor, [project.id for project in mine]),
        **reports.everything_of(database, actor.id),
        **orders.everything_of(database, actor, parties, [project.id for project in mine]),
    }
