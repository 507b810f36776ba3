"""HTTP in: rounds, claims and quotes."""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Blueprint as FlaskBlueprint

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import etag, if_match
from chassis.http.parsing import Blueprint
from chassis.mongo import Document, database_now
from chassis.unit import UnitOfWork
from contracts.scan import contact_data
from services.quotes import commands, schemas, store
from services.quotes.operations import operations
from services.quotes.receipts import Signer
from services.quotes.views import exported_round, quote_as_kept, quote_for_client, quote_for_mentor, round_view


def blueprints(work: UnitOfWork, _config: Any) -> list[FlaskBlueprint]:
    """The routes of this service."""

    @cache
    def signer() -> Signer:
        return store.signer(work.database)

    return [_rounds(work), _quotes(work, signer), _receipts(signer), operations(work)]


def _rounds(work: UnitOfWork) -> Blueprint:
    routes = Blueprint("rounds", __name__)

    @routes.get("/api/rounds/<project_id>")
    @signed_in("client", "mentor")
    @routes.response(200, schemas.RoundSchema)
    def read_round(project_id: str, *, actor: Actor) -> Document:
        """The state of a round: how many quotes to its client, whether a slot is free to a mentor invited to it."""
        round = store.read_round(work.database, project_id, actor)
        return round_view(round, actor.id, slot_free=round.slot_free(database_now(work.database)))

    @routes.post("/api/rounds/<project_id>/claim")
    @signed_in("mentor")
    @routes.response(201, schemas.ClaimSchema)
    def claim_slot(project_id: str, *, actor: Actor) -> Document:
        """Keeps one of the five slots for the mentor while the quote is written."""
        return command(work, actor, lambda unit: commands.claim_slot(unit, actor, project_id))

    return routes


def _quotes(work: UnitOfWork, signer: Callable[[], Signer]) -> Blueprint:
    routes = Blueprint("quotes", __name__)

    @routes.post("/api/quotes")
    @signed_in("mentor")
    @routes.arguments(schemas.QuoteBody)
    @routes.response(201, schemas.SubmittedSchema)
    def submit_quote(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Hands in a sealed quote; the answer holds the receipt."""
        key, contacts = signer(), contact_data(body["proposal"])
        return command(work, actor, lambda unit: commands.submit_quote(unit, actor, body, contacts, key)), etag(1)

    @routes.get("/api/quotes")
    @signed_in("client", "mentor")
    @routes.arguments(schemas.QuoteQuery, location="query")
    @routes.response(200, schemas.QuoteList)
    def read_quotes(query: Document, *, actor: Actor) -> Document:
        """The quotes of a round: all to its client once the window is over, their own to a mentor."""
        quotes = store.read_quotes(work.database, query["project_id"], actor)
        round = store.read_round(work.database, query["project_id"], actor)
        view = quote_for_client if actor.id in round.clients else quote_for_mentor
        return {"items": [view(quote, round) for quote in quotes], "next_cursor": None}

    @routes.get("/api/quotes/export")
    @signed_in()
    @routes.response(200, schemas.ExportSchema)
    def export_my_quotes(*, actor: Actor) -> Document:
        """All that this service holds of the caller."""
        held = store.read_everything(work.database, actor)
        return {
            "quotes": [quote_as_kept(quote) for quote in held["quotes"]],
            "invited_to": held["invited_to"],
            "rounds": [exported_round(round) for round in held["rounds"]],
        }

    @routes.patch("/api/quotes/<quote_id>")
    @signed_in("mentor")
    @routes.arguments(schemas.RevisionBody)
    @routes.response(200, schemas.QuoteSchema)
    def revise_quote(body: Document, quote_id: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Changes the terms until the window ends; the last version counts, with a receipt of its own."""
        key, contacts, expected = signer(), contact_data(body.get("proposal", "")), if_match()
        answer = command(
            work, actor, lambda unit: commands.revise_quote(unit, actor, quote_id, body, contacts, key, expected)
        )
        return answer, etag(answer["version"])

    @routes.delete("/api/quotes/<quote_id>")
    @signed_in("mentor")
    @routes.response(204)
    def withdraw_quote(quote_id: str, *, actor: Actor) -> None:
        """Takes a quote back while the window is open; the slot is free again."""
        command(work, actor, lambda unit: commands.withdraw_quote(unit, actor, quote_id, if_match()))

    return routes


def _receipts(signer: Callable[[], Signer]) -> Blueprint:
    routes = Blueprint("receipts", __name__)

    @routes.get("/.well-known/receipts-jwks.json")
    def read_receipt_keys() -> Document:
        """The public key that receipts are checked with."""
        return signer().jwks()

    return routes
