"""The vault in MongoDB: the client's identity at the time of posting, stored apart from the project."""

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
    """Stores the identity that the chosen mentor will see, apart from the project."""
    shown = {name: getattr(organisation, name) for name in ("name", "sector", "size", "verified")}
    row = {"_id": project_id, "organisation": shown, "contact": organisation.contact, "at": unit.now}
    unit.collection("vault").insert_one(row)


def open_vault(database: Documents, project_id: str, actor: Actor) -> Client:
    """The client's identity; raises ``not-found`` unless `Project.may_see_client` allows it."""
    document = database.projects.find_one({"_id": project_id})
    if document is None or not project_from(document).may_see_client(actor.id):
        raise not_found()
    row = database.vault.find_one({"_id": project_id})
    if row is None:
        raise not_found()
    return client_from(row)


def find_vault(unit: Unit, project_id: str) -> Client | None:
    """The client's identity, for handlers; None if it was erased."""
    row = unit.find("vault", {"_id": project_id})
    return client_from(row) if row else None


def client_from(row: Document) -> Client:
    """The client from its stored form."""
    return Client(row["organisation"], row["contact"])


def empty_vault(unit: Unit, project_id: str) -> None:
    """Deletes the client's identity of a project."""
    unit.collection("vault").delete_one({"_id": project_id})
