"""Ending a pair, leaving a programme, closing it."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import Versioned, shows_version
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas
from services.programmes.api.auth import taking_part
from services.programmes.commands import endings as commands
from services.programmes.config import Config


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("endings", __name__)

    @blueprint.post("/api/programmes/<programme_id>/pairs/<mentor_ref>/<mentee_ref>/end")
    @taking_part
    @refuses("pair-not-active")
    @blueprint.arguments(schemas.EndBody)
    @blueprint.response(200, schemas.EndedSchema)
    def end_pair(body: Document, programme_id: str, mentor_ref: str, mentee_ref: str, *, actor: Actor) -> Document:
        """Ends an active pair without blame: the other half learns that it has ended, not why nor who asked."""
        refs = mentor_ref, mentee_ref
        return command(work, actor, lambda unit: commands.end_pair(unit, actor, programme_id, refs, body, config))

    @blueprint.post("/api/programmes/<programme_id>/leaving")
    @taking_part
    @refuses("wrong-state")
    @blueprint.response(200, schemas.LeftSchema)
    def leave(programme_id: str, *, actor: Actor) -> Document:
        """The caller leaves a programme under way. Their pairs end, and the other half of each gets a new partner."""
        return command(work, actor, lambda unit: commands.leave_programme(unit, actor, programme_id))

    @blueprint.post("/api/programmes/<programme_id>/closing")
    @signed_in("client")
    @refuses("wrong-state")
    @blueprint.response(200, schemas.ProgrammeSchema)
    @shows_version
    @example(answer={"state": "closed", "closed_at": "2027-06-30T16:00:00.000Z"})
    def close_programme(programme_id: str, *, actor: Actor) -> Versioned:
        """Closes a programme under way. Everybody is told, and asked for the self-assessment at the end."""
        answer = command(work, actor, lambda unit: commands.close_programme(unit, actor, programme_id, config))
        return answer, answer["version"]

    return blueprint
