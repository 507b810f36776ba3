"""Reports of abuse, open to everyone who may see the project."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects import schemas
from services.projects.commands import reports as commands


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("reports", __name__)

    @blueprint.post("/api/projects/<project_id>/reports")
    @signed_in("client", "mentor")
    @refuses("too-many-reports")
    @blueprint.arguments(schemas.ReportBody)
    @blueprint.response(202, schemas.ReportedSchema)
    def report_abuse(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Reports an abusive brief, quote or person; only operators see the report. At most five a day."""
        reason = body["reason"]
        return command(work, actor, lambda unit: commands.report_abuse(unit, actor, project_id, reason))

    return blueprint
