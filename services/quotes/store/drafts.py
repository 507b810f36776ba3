"""Drafts of quotes in MongoDB: one for each mentor and round, read by that mentor alone."""

from datetime import datetime

from pymongo import ASCENDING, IndexModel

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.quotes.model.drafts import Draft
from services.quotes.store.invitations import invitation_id

COLLECTION = "drafts"
INDEXES = [
    IndexModel([("project_id", ASCENDING)]),
    IndexModel([("account", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("until", ASCENDING)], expireAfterSeconds=0),
]


def my_draft(unit: Unit, project_id: str, actor: Actor) -> Draft | None:
    """The mentor's draft as this transaction sees it, or None."""
    row = unit.find(COLLECTION, {"_id": invitation_id(project_id, actor.id)})
    return _draft(row) if row else None


def read_draft(database: Documents, project_id: str, actor: Actor) -> Draft:
    """The mentor's draft; raises ``not-found`` if there is none."""
    row = database[COLLECTION].find_one({"_id": invitation_id(project_id, actor.id)})
    if row is None:
        raise not_found()
    return _draft(row)


def save_draft(unit: Unit, draft: Draft, until: datetime) -> None:
    """Stores a draft. MongoDB deletes it at ``until``, should the end of the window and it have crossed each other."""
    row = {"_id": invitation_id(draft.project_id, draft.account), **vars(draft), "until": until}
    if not unit.put(COLLECTION, row):
        raise Refusal("stale", "It was changed meanwhile; read it again.")


def drop_draft(unit: Unit, project_id: str, account: str) -> None:
    """Deletes the mentor's draft, if there is one."""
    unit.collection(COLLECTION).delete_one({"_id": invitation_id(project_id, account)})


def drop_drafts(unit: Unit, project_id: str) -> None:
    """Deletes all drafts of a round."""
    unit.collection(COLLECTION).delete_many({"project_id": project_id})


def erase_drafts(unit: Unit, account: str) -> None:
    """Deletes all drafts of a mentor."""
    unit.collection(COLLECTION).delete_many({"account": account})


def read_drafts(database: Documents, actor: Actor) -> list[Draft]:
    """All drafts of the mentor."""
    return [_draft(row) for row in database[COLLECTION].find({"account": actor.id}).sort("_id", ASCENDING)]


def _draft(row: Document) -> Draft:
    return Draft(row["project_id"], row["account"], dict(row["texts"]), row["saved_at"], row["version"])
