"""The vault in MongoDB: who the client was when the project was posted, apart from the project."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.organisation import Organisation
from services.projects.store.projects import project_of

INDEXES: Mapping[str, Sequence[IndexModel]] = {"vault": []}


def lock_in_vault(unit: Unit, project_id: str, organisation: Organisation) -> None:
    """Keeps the identity as it was at posting, apart from the project: what the chosen mentor will see."""
    shown = {name: getattr(organisation, name) for name in ("name", "sector", "size", "verified")}
    row = {"_id": project_id, "organisation": shown, "contact": organisation.contact, "at": unit.now}
    unit.collection("vault").insert_one(row)


def open_vault(database: Documents, project_id: str, actor: Actor) -> Document:
    """Who the client is, to those whom `Project.may_see_client` allows; ``not-found`` to everybody else, always."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not project_of(document).may_see_client(actor.id):
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
