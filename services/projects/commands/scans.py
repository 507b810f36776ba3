"""Scans of a client's texts, made before the transaction opens."""

from collections.abc import Mapping

from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from services.projects import store
from services.projects.model.scanning import Scanned, places


def brief(body: Document) -> Scanned:
    """A brief, scanned lazily."""
    confirmed = places(body["confirmed"])
    return Scanned({"title": body["title"], "brief": body["brief"]}, confirmed, redacting=body["redact"])


def own_brief(database: Documents, actor: Actor, body: Document) -> Scanned:
    """A brief, scanned against the identity of the caller's organisation."""
    scanned = brief(body)
    scanned.prepare(store.own_identity(database, actor))
    return scanned


def answer(database: Documents, actor: Actor, project_id: str, question_id: str, body: Document) -> Scanned:
    """An answer and the question that is published with it: as reworded, or as asked."""
    text, wording = body["text"], body["question"]
    asked = database["questions"].find_one({"_id": question_id, "project_id": project_id}, {"text": 1})
    published = wording if wording is not None else asked["text"] if asked else ""
    return _words(database, actor, project_id, {"text": text, "question": published}, body)


def reason(database: Documents, actor: Actor, project_id: str, body: Document) -> Scanned:
    """The reason for cancelling a project or refusing its quotes, scanned against the client's identity."""
    return _words(database, actor, project_id, {"reason": body["reason"]}, body)


def _words(database: Documents, actor: Actor, project_id: str, texts: Mapping[str, str], body: Document) -> Scanned:
    """Texts by field that a client wrote about its project."""
    scanned = Scanned(texts, places(body["confirmed"]))
    scanned.prepare(store.client_identity(database, project_id, actor))
    return scanned
