"""Reports of abuse: anybody who sees a project may say what is wrong, and operators decide."""

from chassis import audit
from chassis.facts import not_found
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.projects import report_store, reports, schemas, store
from services.projects.model import Project


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("reports", __name__)

    @blueprint.post("/api/projects/<project_id>/reports")
    @signed_in("client", "mentor")
    @blueprint.arguments(schemas.ReportBody)
    @blueprint.response(202, schemas.ReportedSchema)
    def report_abuse(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Tells the operators of an abusive brief, quote or person; nobody else learns of it. Five a day."""

        def effect(unit: Unit) -> Document:
            project = store.seen_project(unit, project_id, actor)
            earlier = report_store.reports_today(unit, actor.id)
            report = reports.report(project, new_id(), actor.id, body["reason"], earlier, unit.now)
            report_store.save_report(unit, report)
            return {"id": report.id, "created_at": report.created_at}

        return command(work, actor, effect)

    @blueprint.get("/api/operations/reports")
    @signed_in("operator")
    @blueprint.arguments(schemas.ReportQuery, location="query")
    @blueprint.response(200, page_of(schemas.ReportSchema))
    def read_reports(query: Document, *, actor: Actor) -> Document:
        """What was reported, newest first, with the brief that it is about and nobody's name."""
        found, cursor = report_store.read_reports(work.database, query)
        audit.record_reading(work, actor, "reports.read", (report.account for report, _ in found))
        return {"items": [_view(report, project) for report, project in found], "next_cursor": cursor}

    @blueprint.post("/api/operations/reports/<report_id>/resolution")
    @signed_in("operator")
    @blueprint.arguments(schemas.ResolutionBody)
    @blueprint.response(200, schemas.ReportSchema)
    def resolve_report(body: Document, report_id: str, *, actor: Actor) -> Document:
        """Dismisses a report, or cancels the project that it is about while quotes are collected."""

        def effect(unit: Unit) -> Document:
            report = report_store.find_report(unit, report_id)
            project = store.find_project(unit, report.project_id)
            if project is None:
                raise not_found()
            facts = report.resolve(body["action"], body["note"], project, unit.now)
            if facts:
                store.save_project(unit, project, facts)
            report_store.save_report(unit, report)
            audit.record(unit, actor.id, f"report.{body['action']}", project.id, body["note"])
            return _view(report, {"title": project.title, "brief": project.brief, "state": project.state})

        return command(work, actor, effect)

    @blueprint.get("/api/operations/projects")
    @signed_in("operator")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_of(schemas.StuckProjectSchema))
    def read_stuck_projects(query: Document, *, actor: Actor) -> Document:
        """Projects that have stayed too long in a state, oldest first: what they wait for, and since when."""
        found = store.read_stuck_projects(work.database, query, _stuck)
        audit.record_reading(work, actor, "projects.read")
        return found

    return blueprint


def _view(report: reports.Report, project: Document) -> Document:
    shown = {name: getattr(report, name) for name in ("id", "project_id", "account", "side", "reason", "created_at")}
    about = {name: project.get(name, "") for name in ("title", "brief")} | {"project_state": project.get("state", "")}
    resolved = {"resolution": report.resolution} if report.resolution else {}
    return {**shown, "state": report.state, **about, **resolved}


def _stuck(project: Project) -> Document:
    since, reason = reports.stuck(project)
    return {"id": project.id, "state": project.state, "since": since, "reason": reason}
