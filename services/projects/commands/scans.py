"""Scans of a client's texts, made before the transaction opens."""

from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from services.projects import store
from services.projects.model.scanning import Scanned


def brief(body: Document) -> Scanned:
    """A brief, scanned lazily."""
    return Scanned({"title": body["title"], "brief": body["brief"]}, redacting=body["redact"])


def own_brief(database: Documents, actor: Actor, body: Document) -> Scanned:
    """A brief, scanned against the identity of the caller's organisation."""
    scanned = brief(body)
    scanned.prepare(store.own_identity(database, actor))
    return scanned


def answer(
    database: Documents, actor: Actor, project_id: str, question_id: str, text: str, wording: str | None
) -> Scanned:
    """An answer and the question that is published with it: as reworded, or as asked."""
    asked = database["questions"].find_one({"_id": question_id, "project_id": project_id}, {"text": 1})
    published = wording if wording is not None else asked["text"] if asked else ""
    return words(database, actor, project_id, text=text, question=published)


def words(database: Documents, actor: Actor, project_id: str, **texts: str) -> Scanned:
    """Texts (by field) that a client wrote about its project, scanned against the client's identity."""
    scanned = Scanned(texts)
    scanned.prepare(store.client_identity(database, project_id, actor))
    return scanned
