"""Commands that end a project: accept, refuse, cancel, complete."""

from collections.abc import Sequence

from chassis.erasure import erased_of
from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config
from services.projects.model.project import Project
from services.projects.model.scanning import Scanned
from services.projects.views.projects import project_view, reviewed_view


def accept_quote(unit: Unit, actor: Actor, project_id: str, quote_id: str, if_match: IfMatch = ANY_VERSION) -> Document:
    """Accepts a quote; idempotent for the same quote. Of an acceptance and a departure of one of the two, one wins.

    Raises ``not-found`` for somebody who has left the organisation, even before its projects are updated.
    """
    project = _mine(unit, actor, project_id, if_match)
    organisation = store.find_organisation_by_id(unit, project.organisation)
    if organisation is None or actor.id not in organisation.accounts:
        raise not_found()
    gone = erased_of(unit, [quote["account"] for quote in project.received])
    facts = project.accept(quote_id, unit.now, gone)
    if facts:
        store.rely_on_presence(unit, [actor.id, project.chosen or ""])
        store.rely_on_members(unit, organisation)
        store.save_project(unit, project, facts)
    return {"id": project.id, "state": project.state, "quote_id": project.quote_id}


def refuse_quotes(
    unit: Unit, actor: Actor, project_id: str, reason: str, scanned: Scanned, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Refuses all quotes. ``scanned`` is the reason, which every mentor reads; raises ``identity-leak``."""
    project = _mine(unit, actor, project_id, if_match)
    return _end(unit, project, project.refuse(reason, unit.now), scanned)


def cancel_project(
    unit: Unit, actor: Actor, project_id: str, reason: str, scanned: Scanned, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Cancels a project while quotes are being collected. ``scanned`` is the reason, as in `refuse_quotes`."""
    project = _mine(unit, actor, project_id, if_match)
    return _end(unit, project, project.cancel(reason, unit.now), scanned)


def complete_project(
    unit: Unit, actor: Actor, project_id: str, body: Document, config: Config, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Adds one side's review; the client's review completes the project."""
    project = store.party_project(unit, project_id, actor)
    if_match.check(project.version)
    facts = project.complete(actor.id, body["rating"], body["comment"], unit.now, config.review_period)
    store.save_project(unit, project, facts)
    return reviewed_view(project, actor.id, unit.now, config.review_period)


def _mine(unit: Unit, actor: Actor, project_id: str, if_match: IfMatch) -> Project:
    project = store.my_project(unit, project_id, actor)
    if_match.check(project.version)
    return project


def _end(unit: Unit, project: Project, facts: Sequence[Fact], reason: Scanned) -> Document:
    project.confirm(reason.clean_for(store.identity_within(unit, project)).confirmed)
    store.save_project(unit, project, facts)
    return project_view(project)
