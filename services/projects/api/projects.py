"""Posting, reading, cancelling and relaunching projects."""

from functools import partial

from chassis import datakeys
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.http.said import example, refuses
from chassis.ids import new_id
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
    blueprint = OptionalBodies("projects", __name__)

    @blueprint.post("/api/projects")
    @signed_in("client")
    @refuses("unverified", "organisation-missing", "too-many-postings", "too-many-open-projects", "identity-leak")
    @blueprint.arguments(schemas.ProjectBody)
    @blueprint.response(201, schemas.ProjectSchema)
    @shows_version
    def post(body: Document, *, actor: Actor) -> Versioned:
        """Posts a project without revealing the client. A brief that names it is refused, or redacted on request.

        A common word that is also a name of the client is doubtful: it is asked about, once, and accepted if the same
        request is sent again with its place in ``confirmed``.
        """
        body["window"] = config.window_default if body["window"] is None else body["window"]
        check_window(body["window"], config.window_min, config.window_max)
        scanned = scans.own_brief(work.database, actor, body)
        key = datakeys.draw(work.keys, new_id())
        answer = command(work, actor, lambda unit: commands.post_project(unit, actor, body, scanned, key, config))
        return timed(answer), answer["version"]

    @blueprint.post("/api/projects/<project_id>/relaunch")
    @signed_in("client")
    @refuses("not-relaunchable", "already-relaunched", "unverified", "too-many-postings", "too-many-open-projects",
             "identity-leak")  # fmt: skip
    @blueprint.arguments(schemas.RelaunchBody)
    @blueprint.response(201, schemas.ProjectSchema)
    @shows_version
    @example(answer={"id": PROJECT_AGAIN, "relaunched_from": PROJECT, "created_at": CHOSEN, "closes_at": AGAIN_ENDS})
    def relaunch(body: Document, project_id: str, *, actor: Actor) -> Versioned:
        """Reposts a project that ended without quotes or without a choice: same brief, new id, new window.

        What its client confirmed stays confirmed. Names that have been added since are looked for.
        """
        key, confirmed = datakeys.draw(work.keys, new_id()), body["confirmed"]
        again = partial(commands.relaunch_project, actor=actor, project_id=project_id, confirmed=confirmed)
        answer = command(work, actor, lambda unit: again(unit, key=key, config=config))
        return timed(answer), answer["version"]

    @blueprint.get("/api/projects")
    @signed_in("client", "mentor")
    @blueprint.arguments(schemas.ProjectQuery, location="query")
    @blueprint.response(200, schemas.ProjectPage)
    def read_projects(query: Document, *, actor: Actor) -> Document:
        """A client's own projects, or those that have chosen a mentor, newest first; ``state`` may be repeated."""
        found, period = store.read_projects(work, actor, query), config.review_period
        views = [reviewed_view(one.project, actor.id, one.at, period, one.unanswered) for one in found["items"]]
        return {**found, "items": [timed(view) for view in views]}

    @blueprint.get("/api/projects/<project_id>")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.ProjectSchema)
    @shows_version
    def read_project(project_id: str, *, actor: Actor) -> Versioned:
        """A project, for its client and its chosen mentor."""
        project = store.read_project(work.database, project_id, actor)
        asked = store.count_unanswered(work.database, project.id)
        shown = reviewed_view(project, actor.id, work.now(), config.review_period, asked)
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
        scanned = scans.reason(work.database, actor, project_id, body)
        answer = command(
            work, actor, lambda unit: choice.cancel_project(unit, actor, project_id, reason, scanned, expected)
        )
        return timed(answer)

    return blueprint
