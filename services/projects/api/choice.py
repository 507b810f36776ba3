"""Accepting and refusing quotes, revealing the client, completing a project."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, takes_version
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.story import ENDED, QUOTE
from services.projects import schemas, store
from services.projects.commands import choice as commands
from services.projects.commands import scans
from services.projects.config import Config
from services.projects.model.orders import Client
from services.projects.views.projects import timed


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("choice", __name__)

    @blueprint.post("/api/projects/<project_id>/acceptance")
    @signed_in("client")
    @refuses("window-open", "already-awarded", "already-ended", "unknown-quote", "mentor-left", "quote-lapsed")
    @blueprint.arguments(schemas.AcceptanceBody)
    @blueprint.response(200, schemas.AcceptanceSchema)
    @takes_version
    def accept(body: Document, project_id: str, *, actor: Actor, expected: IfMatch) -> Document:
        """Accepts a quote; from then on its mentor, and no other, may see who the client is."""
        quote_id = body["quote_id"]
        return command(work, actor, lambda unit: commands.accept_quote(unit, actor, project_id, quote_id, expected))

    @blueprint.post("/api/projects/<project_id>/refusal")
    @signed_in("client")
    @refuses("window-open", "already-awarded", "already-ended", "identity-leak")
    @blueprint.arguments(schemas.ReasonBody)
    @blueprint.response(200, schemas.ProjectSchema)
    @takes_version
    @example(body={"reason": "Aucune offre ne tient dans le budget."}, answer={"state": "refused", "ended": ENDED})
    def refuse(body: Document, project_id: str, *, actor: Actor, expected: IfMatch) -> Document:
        """Refuses all quotes; every mentor reads the reason."""
        reason = body["reason"]
        scanned = scans.reason(work.database, actor, project_id, body)
        answer = command(
            work, actor, lambda unit: commands.refuse_quotes(unit, actor, project_id, reason, scanned, expected)
        )
        return timed(answer)

    @blueprint.get("/api/projects/<project_id>/client")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.ClientSchema)
    def reveal(project_id: str, *, actor: Actor) -> Client:
        """Shows who the client is, to the client and the chosen mentor; always 404 for everyone else."""
        return store.open_vault(work, project_id, actor)

    @blueprint.post("/api/projects/<project_id>/completion")
    @signed_in("client", "mentor")
    @refuses("not-awarded", "already-reviewed")
    @blueprint.arguments(schemas.ReviewBody)
    @blueprint.response(200, schemas.ProjectSchema)
    @takes_version
    @example(answer={"state": "completed", "ended": ENDED, "quote_id": QUOTE})
    def complete(body: Document, project_id: str, *, actor: Actor, expected: IfMatch) -> Document:
        """Adds one side's review; the client's review completes the project."""
        answer = command(
            work, actor, lambda unit: commands.complete_project(unit, actor, project_id, body, config, expected)
        )
        return timed(answer)

    return blueprint
