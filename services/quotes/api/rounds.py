"""The state of rounds and claims on their slots."""

from collections.abc import Sequence

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import conditional
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.quotes import commands, schemas, store
from services.quotes.config import Config
from services.quotes.model import Round
from services.quotes.views import round_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("rounds", __name__)

    @blueprint.get("/api/rounds/<project_id>")
    @signed_in("client", "mentor")
    @conditional
    @blueprint.response(200, schemas.RoundSchema)
    def read_round(project_id: str, *, actor: Actor) -> Document:
        """The state of a round: its client sees the number of quotes, an invited mentor whether a slot is free."""
        round = store.read_round(work.database, project_id, actor)
        return _views([round], actor)[0]

    @blueprint.get("/api/rounds")
    @signed_in("client", "mentor")
    @conditional
    @blueprint.arguments(schemas.RoundQuery, location="query")
    @blueprint.response(200, schemas.RoundList)
    def read_rounds(query: Document, *, actor: Actor) -> Document:
        """The rounds of several projects (``project_id`` is repeated), in that order; others' are left out."""
        found = {round.id: round for round in store.read_rounds(work.database, query["project_id"], actor)}
        wanted = [found[one] for one in dict.fromkeys(query["project_id"]) if one in found]
        return {"items": _views(wanted, actor), "next_cursor": None}

    @blueprint.post("/api/rounds/<project_id>/claim")
    @signed_in("mentor")
    @refuses("round-full", "window-ended", "claim-spent", "already-quoted", "declined", "too-many-claims", "unverified")
    @blueprint.response(201, schemas.ClaimSchema)
    def claim_slot(project_id: str, *, actor: Actor) -> Document:
        """Reserves one of the five slots for the mentor while the quote is being written."""
        return command(work, actor, lambda unit: commands.claim_slot(unit, actor, project_id, config))

    @blueprint.post("/api/rounds/<project_id>/extension")
    @signed_in("client")
    @refuses("not-found", "window-ended", "not-extendable")
    @blueprint.response(200, schemas.ExtensionSchema)
    def extend_window(project_id: str, *, actor: Actor) -> Document:
        """Extends the window of the client's round by half, once, while fewer than five quotes are in."""
        return command(work, actor, lambda unit: commands.extend_window(unit, actor, project_id))

    def _views(rounds: Sequence[Round], actor: Actor) -> list[Document]:
        invited, now = store.count_invited(work.database, [round.id for round in rounds]), work.now()
        return [round_view(round, actor.id, invited[round.id], now) for round in rounds]

    return blueprint
