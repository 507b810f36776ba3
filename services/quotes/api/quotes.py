"""Submitting, reading, revising and withdrawing quotes."""

from collections.abc import Callable

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.scan import contact_data
from services.quotes import commands, schemas, store
from services.quotes.config import Config
from services.quotes.model import Signer, sketch
from services.quotes.views import (
    draft_view,
    exported_round,
    own_quote,
    quote_as_kept,
    quote_for_client,
    quote_for_mentor,
)


def routes(work: UnitOfWork, signer: Callable[[], Signer], config: Config) -> Blueprint:
    blueprint = Blueprint("quotes", __name__)

    @blueprint.post("/api/quotes")
    @signed_in("mentor")
    @refuses(
        "window-ended", "already-quoted", "declined", "round-full", "quotes-spent", "too-many-quotes", "contact-data",
        "not-found", "unverified",
    )  # fmt: skip
    @blueprint.arguments(schemas.QuoteBody)
    @blueprint.response(201, schemas.SubmittedSchema)
    @shows_version
    def submit_quote(body: Document, *, actor: Actor) -> Versioned:
        """Submits a sealed quote; the response contains the receipt."""
        key, contacts = signer(), contact_data(body["proposal"])
        sketched = sketch(body["proposal"], config.sketch_secret)
        answer = command(
            work, actor, lambda unit: commands.submit_quote(unit, actor, body, contacts, sketched, key, config)
        )
        return answer, 1

    @blueprint.get("/api/quotes")
    @signed_in("client", "mentor")
    @refuses("quotes-sealed", "not-found")
    @blueprint.arguments(schemas.QuoteQuery, location="query")
    @blueprint.response(200, schemas.QuoteList)
    def read_quotes(query: Document, *, actor: Actor) -> Document:
        """The quotes of a round: for its client all of them once the window is over, for a mentor their own."""
        quotes = store.read_quotes(work.database, query["project_id"], actor)
        round = store.read_round(work.database, query["project_id"], actor)
        view = quote_for_client if actor.id in round.clients else quote_for_mentor
        return {"items": [view(quote, round) for quote in quotes], "next_cursor": None}

    @blueprint.get("/api/quotes/mine")
    @signed_in("mentor")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.OwnQuotePage)
    def read_own_quotes(query: Document, *, actor: Actor) -> Document:
        """The mentor's quotes over all projects, newest first, with outcome and title."""
        return store.read_own_quotes(work.database, query, actor, own_quote)

    @blueprint.get("/api/quotes/export")
    @signed_in()
    @blueprint.response(200, schemas.ExportSchema)
    def export_my_quotes(*, actor: Actor) -> Document:
        """All data that this service holds about the caller."""
        held = store.read_everything(work.database, actor)
        return {
            "quotes": [quote_as_kept(quote) for quote in held["quotes"]],
            "invited_to": held["invited_to"],
            "drafts": [{"project_id": draft.project_id, **draft_view(draft)} for draft in held["drafts"]],
            "rounds": [exported_round(round) for round in held["rounds"]],
        }

    @blueprint.patch("/api/quotes/<quote_id>")
    @signed_in("mentor")
    @refuses("window-ended", "contact-data")
    @blueprint.arguments(schemas.RevisionBody)
    @blueprint.response(200, schemas.QuoteSchema)
    @takes_version
    @shows_version
    @example(answer={"state": "revised"})
    def revise_quote(body: Document, quote_id: str, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Changes the terms until the window ends; the latest version counts and gets a new receipt."""
        key, contacts = signer(), contact_data(body.get("proposal", ""))
        sketched = sketch(body["proposal"], config.sketch_secret) if "proposal" in body else None
        answer = command(
            work,
            actor,
            lambda unit: commands.revise_quote(unit, actor, quote_id, body, contacts, sketched, key, config, expected),
        )
        return answer, answer["version"]

    @blueprint.delete("/api/quotes/<quote_id>")
    @signed_in("mentor")
    @refuses("window-ended")
    @blueprint.response(204)
    @takes_version
    def withdraw_quote(quote_id: str, *, actor: Actor, expected: IfMatch) -> None:
        """Withdraws a quote while the window is open and frees its slot."""
        command(work, actor, lambda unit: commands.withdraw_quote(unit, actor, quote_id, expected))

    return blueprint
