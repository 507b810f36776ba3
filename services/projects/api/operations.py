"""For operators: reports of abuse, their resolution, and stuck projects."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.http.proofs import Proof
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects import schemas, store
from services.projects.commands import reports as commands
from services.projects.model.project import Project
from services.projects.model.reports import stuck
from services.projects.views.reports import operated_view, report_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/api/operations/reports")
    @signed_in("operator")
    @blueprint.arguments(schemas.ReportQuery, location="query")
    @blueprint.response(200, page_of(schemas.ReportSchema))
    def read_reports(query: Document, *, actor: Actor) -> Document:
        """Reports with the reported project's brief and without names, newest first; those that wait, oldest first."""
        found, cursor = store.read_reports(work.database, query)
        audit.record_reading(work, actor, "reports.read", (report.account for report, _ in found))
        return {"items": [report_view(report, project) for report, project in found], "next_cursor": cursor}

    @blueprint.get("/api/operations/reports/<report_id>")
    @signed_in("operator")
    @blueprint.response(200, schemas.ReportSchema)
    def read_report(report_id: str, *, actor: Actor) -> Document:
        """One report, with the reported project's brief and without names."""
        report, project = store.read_report(work.database, report_id)
        audit.record_reading(work, actor, "report.read", (report.account,))
        return report_view(report, project)

    @blueprint.get("/api/operations/projects/<project_id>")
    @signed_in("operator")
    @blueprint.response(200, schemas.OperatedProjectSchema)
    def read_operated_project(project_id: str, *, actor: Actor) -> Document:
        """One project's state and times, with its reports by id; no text, no name and no price."""
        project = store.read_operated_project(work.database, project_id)
        audit.record_reading(work, actor, "project.read", (project.id,))
        return operated_view(project, store.reports_about(work.database, project_id))

    @blueprint.post("/api/operations/reports/<report_id>/resolution")
    @signed_in("operator", proof=Proof.RECENT)
    @refuses("already-resolved", "window-ended", "already-awarded", "already-ended")
    @blueprint.arguments(schemas.ResolutionBody)
    @blueprint.response(200, schemas.ReportSchema)
    def resolve_report(body: Document, report_id: str, *, actor: Actor) -> Document:
        """Dismisses a report, or cancels the reported project while quotes are being collected."""
        said = body["action"], body["note"], body.get("explanation", "")
        return command(work, actor, lambda unit: commands.resolve_report(unit, actor, report_id, *said))

    @blueprint.get("/api/operations/projects")
    @signed_in("operator")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_of(schemas.StuckProjectSchema))
    def read_stuck_projects(query: Document, *, actor: Actor) -> Document:
        """Projects that have been in a state for too long, oldest first, with the reason and since when."""
        found = store.read_stuck_projects(work.database, query, _stuck)
        audit.record_reading(work, actor, "projects.read")
        return found

    return blueprint


def _stuck(project: Project) -> Document:
    since, reason = stuck(project)
    return {"id": project.id, "state": project.state, "since": since, "reason": reason}
