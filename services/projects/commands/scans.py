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


def words(database: Documents, actor: Actor, project_id: str, **texts: str) -> Scanned:
    """Texts (by field) that a client wrote about its project, scanned against the client's identity."""
    scanned = Scanned(texts)
    scanned.prepare(store.client_identity(database, project_id, actor))
    return scanned
