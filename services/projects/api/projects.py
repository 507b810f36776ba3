"""Posting, reading, cancelling and relaunching projects."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.story import AGAIN_ENDS, CHOSEN, PROJECT, PROJECT_AGAIN
from services.projects import schemas, store
from services.projects.commands import choice, scans
from services.projects.commands import projects as commands
from services.projects.config import Config
from services.projects.model.project import check_window
from services.projects.views.projects import reviewed_view, timed


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("projects", __name__)

    @blueprint.post("/api/projects")
    @signed_in("client")
    @refuses("organisation-missing", "identity-leak")
    @blueprint.arguments(schemas.ProjectBody)
    @blueprint.response(201, schemas.ProjectSchema)
    @shows_version
    def post(body: Document, *, actor: Actor) -> Versioned:
        """Posts a project without revealing the client. A brief that names it is refused, or redacted on request."""
        body["window"] = config.window_default if body["window"] is None else body["window"]
        check_window(body["window"], config.window_min, config.window_max)
        scanned = scans.own_brief(work.database, actor, body)
        answer = command(work, actor, lambda unit: commands.post_project(unit, actor, body, scanned, config))
        return timed(answer), answer["version"]

    @blueprint.post("/api/projects/<project_id>/relaunch")
    @signed_in("client")
    @refuses("not-relaunchable", "already-relaunched")
    @blueprint.response(201, schemas.ProjectSchema)
    @shows_version
    @example(answer={"id": PROJECT_AGAIN, "relaunched_from": PROJECT, "created_at": CHOSEN, "closes_at": AGAIN_ENDS})
    def relaunch(project_id: str, *, actor: Actor) -> Versioned:
        """Reposts a project that ended without quotes or without a choice: same brief, new id, new window."""
        answer = command(work, actor, lambda unit: commands.relaunch_project(unit, actor, project_id, config))
        return timed(answer), answer["version"]

    @blueprint.get("/api/projects")
    @signed_in("client")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.ProjectPage)
    def read_projects(query: Document, *, actor: Actor) -> Document:
        """The caller's projects, newest first."""
        now, period = work.now(), config.review_period
        answer = store.read_projects(work.database, actor, query, lambda one: reviewed_view(one, now, period))
        return {**answer, "items": [timed(item) for item in answer["items"]]}

    @blueprint.get("/api/projects/<project_id>")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.ProjectSchema)
    @shows_version
    def read_project(project_id: str, *, actor: Actor) -> Versioned:
        """A project, for its client and its chosen mentor."""
        project = store.read_project(work.database, project_id, actor)
        shown = reviewed_view(project, work.now(), config.review_period)
        return timed(shown), project.version

    @blueprint.post("/api/projects/<project_id>/cancellation")
    @signed_in("client")
    @refuses("window-ended", "already-awarded", "already-ended", "identity-leak")
    @blueprint.arguments(schemas.ReasonBody)
    @blueprint.response(200, schemas.ProjectSchema)
    @takes_version
    @example(answer={"state": "cancelled"})
    def cancel(body: Document, project_id: str, *, actor: Actor, expected: IfMatch) -> Document:
        """Cancels a project while quotes are being collected; every mentor reads the reason."""
        reason = body["reason"]
        scanned = scans.words(work.database, actor, project_id, reason=reason)
        answer = command(
            work, actor, lambda unit: choice.cancel_project(unit, actor, project_id, reason, scanned, expected)
        )
        return timed(answer)

    return blueprint
