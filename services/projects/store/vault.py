"""The vault in MongoDB: the client's identity at the time of posting, sealed under a key for each project.

A row holds a ciphertext only. Its key (`chassis.datakeys`) is destroyed with it, so that no older copy opens either.
"""

from collections.abc import Iterable, Mapping, Sequence

from pymongo import IndexModel

from chassis import datakeys
from chassis.datakeys import DataKey
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.keyring import Keyring
from chassis.mongo import Document
from chassis.places import rows_of
from chassis.sealing import seal, unopened, unseal
from chassis.unit import Unit, UnitOfWork
from services.projects.model.orders import Client
from services.projects.model.organisation import Organisation
from services.projects.store.projects import project_from

CLIENTS = "vault/clients"
FIELD = "client"
INDEXES: Mapping[str, Sequence[IndexModel]] = {CLIENTS: [], datakeys.COLLECTION: [], datakeys.DESTROYED: []}
SHOWN = ("name", "sector", "size", "verified")


def lock_in_vault(unit: Unit, key: DataKey, organisation: Organisation) -> None:
    """Stores the identity that the chosen mentor will see, sealed; the key's id is the project's."""
    shown = {name: getattr(organisation, name) for name in SHOWN}
    client = {"organisation": shown, "contact": organisation.contact}
    sealed = seal(key.plain, client, _place(unit.keys, key.id))
    unit.collection(CLIENTS).insert_one({"_id": key.id, "sealed": sealed, "at": unit.now})
    datakeys.keep(unit, key)


def open_vault(work: UnitOfWork, project_id: str, actor: Actor) -> Client:
    """The client's identity; raises ``not-found`` unless `Project.may_see_client` allows it."""
    document = work.database.projects.find_one({"_id": project_id})
    if document is None or not project_from(document).may_see_client(actor.id):
        raise not_found()
    found = vault_of(work, [project_id])
    if project_id not in found:
        raise not_found()
    return found[project_id]


def vault_of(work: UnitOfWork, project_ids: Iterable[str]) -> dict[str, Client]:
    """The clients' identities of these projects, without those that were erased; read outside any transaction."""
    these = {"_id": {"$in": list(project_ids)}}
    # keys first: an erasure in between deletes the row as well, and what is not there need not open
    keys = {row["_id"]: row for row in rows_of(work.database, datakeys.COLLECTION).find(these)}
    rows = list(rows_of(work.database, CLIENTS).find(these))
    return {row["_id"]: _opened(work.keys, row, keys.get(row["_id"])) for row in rows}


def find_vault(unit: Unit, project_id: str) -> Client | None:
    """The client's identity, for handlers; None if it was erased."""
    row = unit.find(CLIENTS, {"_id": project_id})
    return _opened(unit.keys, row, unit.find(datakeys.COLLECTION, {"_id": project_id})) if row else None


def empty_vault(unit: Unit, project_id: str) -> None:
    """Deletes the client's identity of a project and destroys its key."""
    unit.collection(CLIENTS).delete_one({"_id": project_id})
    datakeys.destroy(unit, project_id)


def _opened(keys: Keyring, row: Document, key: Document | None) -> Client:
    where = _place(keys, row["_id"])
    if key is None or "sealed" not in row:
        raise unopened(where, "has no key" if key is None else "is not sealed")
    client = unseal(datakeys.unwrapped(keys, key), row["sealed"], where)
    return Client(client["organisation"], client["contact"])


def _place(keys: Keyring, project_id: str) -> str:
    return keys.place(CLIENTS, project_id, FIELD)
