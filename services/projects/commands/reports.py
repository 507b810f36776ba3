"""Reports of abuse and their resolution by operators."""

from chassis import audit
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.model.reports import report
from services.projects.views.reports import report_view


def report_abuse(unit: Unit, actor: Actor, project_id: str, reason: str) -> Document:
    """Reports abuse in a project that the caller may see to the operators; raises ``too-many-reports``."""
    project = store.seen_project(unit, project_id, actor)
    earlier = store.reports_today(unit, actor.id)
    made = report(project, new_id(), actor.id, reason, earlier, unit.now)
    store.save_report(unit, made)
    return {"id": made.id, "created_at": made.created_at}


def resolve_report(
    unit: Unit, actor: Actor, report_id: str, action: str, note: str, explanation: str = ""
) -> Document:
    """Dismisses a report, or cancels the reported project, whose client reads ``explanation``, while it collects."""
    found = store.find_report(unit, report_id)
    project = store.find_project(unit, found.project_id)
    if project is None:
        raise not_found()
    facts = found.resolve(action, note, project, unit.now, explanation)
    if facts:
        store.save_project(unit, project, facts)
    store.save_report(unit, found)
    audit.record(unit, actor.id, f"report.{action}", project.id, note)
    if found.account:  # the answer names the person who reported
        audit.record(unit, actor.id, "report.read", found.account, note)
    return report_view(found, {"title": project.title, "brief": project.brief, "state": project.state})
