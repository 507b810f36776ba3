"""The choice, the refusal, the reveal and the completion."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.projects import schemas, store
from services.projects.api.ending import save_with_reason, scanned_reason
from services.projects.api.views import reviewed_view, timed
from services.projects.config import Config


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("choice", __name__)

    @blueprint.post("/api/projects/<project_id>/acceptance")
    @signed_in("client")
    @blueprint.arguments(schemas.AcceptanceBody)
    @blueprint.response(200, schemas.AcceptanceSchema)
    def accept(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Chooses a quote; its mentor, and nobody else, may then learn who the client is."""

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            check_if_match({"version": project.version})
            facts = project.accept(body["quote_id"], unit.now)
            if facts:
                store.save_project(unit, project, facts)
            return {"id": project.id, "state": project.state, "quote_id": project.quote_id}

        return command(work, actor, effect)

    @blueprint.post("/api/projects/<project_id>/refusal")
    @signed_in("client")
    @blueprint.arguments(schemas.ReasonBody)
    @blueprint.response(200, schemas.ProjectSchema)
    def refuse(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Takes none of the quotes; every mentor reads the reason."""

        reason = scanned_reason(work, project_id, actor, body["reason"])

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            check_if_match({"version": project.version})
            facts = project.refuse(body["reason"], unit.now)
            return save_with_reason(unit, project, facts, reason)

        return timed(command(work, actor, effect))

    @blueprint.get("/api/projects/<project_id>/client")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.ClientSchema)
    def reveal(project_id: str, *, actor: Actor) -> Document:
        """Who the client is: to the chosen mentor and the client, 404 to everybody else, always."""
        return store.open_vault(work.database, project_id, actor)

    @blueprint.post("/api/projects/<project_id>/completion")
    @signed_in("client", "mentor")
    @blueprint.arguments(schemas.ReviewBody)
    @blueprint.response(200, schemas.ProjectSchema)
    def complete(body: Document, project_id: str, *, actor: Actor) -> Document:
        """One side's review; the client's completes the project."""

        def effect(unit: Unit) -> Document:
            project = store.party_project(unit, project_id, actor)
            check_if_match({"version": project.version})
            facts = project.complete(actor.id, body["rating"], body["comment"], unit.now)
            store.save_project(unit, project, facts)
            return reviewed_view(project, unit.now, config.review_period)

        return timed(command(work, actor, effect))

    return blueprint
