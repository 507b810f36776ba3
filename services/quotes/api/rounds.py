"""The state of a round and claims on its slots."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.quotes import commands, schemas, store
from services.quotes.views import round_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("rounds", __name__)

    @blueprint.get("/api/rounds/<project_id>")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.RoundSchema)
    def read_round(project_id: str, *, actor: Actor) -> Document:
        """The state of a round: its client sees the number of quotes, an invited mentor whether a slot is free."""
        round = store.read_round(work.database, project_id, actor)
        return round_view(round, actor.id, slot_free=round.slot_free(work.now()))

    @blueprint.post("/api/rounds/<project_id>/claim")
    @signed_in("mentor")
    @refuses("round-full", "window-ended", "claim-spent", "already-quoted", "declined")
    @blueprint.response(201, schemas.ClaimSchema)
    def claim_slot(project_id: str, *, actor: Actor) -> Document:
        """Reserves one of the five slots for the mentor while the quote is being written."""
        return command(work, actor, lambda unit: commands.claim_slot(unit, actor, project_id))

    return blueprint
