"""The vault in MongoDB: who the client was when the project was posted, apart from the project."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.orders import Client
from services.projects.model.organisation import Organisation
from services.projects.store.projects import project_from

INDEXES: Mapping[str, Sequence[IndexModel]] = {"vault": []}


def lock_in_vault(unit: Unit, project_id: str, organisation: Organisation) -> None:
    """Keeps the identity as it was at posting, apart from the project: what the chosen mentor will see."""
    shown = {name: getattr(organisation, name) for name in ("name", "sector", "size", "verified")}
    row = {"_id": project_id, "organisation": shown, "contact": organisation.contact, "at": unit.now}
    unit.collection("vault").insert_one(row)


def open_vault(database: Documents, project_id: str, actor: Actor) -> Client:
    """Who the client is, to those whom `Project.may_see_client` allows; ``not-found`` to everybody else, always."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not project_from(document).may_see_client(actor.id):
        raise not_found()
    row = database.vault.find_one({"_id": project_id})
    if row is None:
        raise not_found()
    return client_from(row)


def find_vault(unit: Unit, project_id: str) -> Client | None:
    """Who the client of a project is, for a handler."""
    row = unit.find("vault", {"_id": project_id})
    return client_from(row) if row else None


def client_from(row: Document) -> Client:
    """The client that is stored so."""
    return Client(row["organisation"], row["contact"])


def empty_vault(unit: Unit, project_id: str) -> None:
    """Forgets who the client of a project was."""
    unit.collection("vault").delete_one({"_id": project_id})
