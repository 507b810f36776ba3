"""HTTP in: rounds, claims and quotes."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from flask import Blueprint as FlaskBlueprint

from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match, etag
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document, database_now
from chassis.unit import Unit, UnitOfWork
from contracts.market import SLOTS
from contracts.scan import Leak, contact_data
from services.quotes import schemas, store
from services.quotes.metrics import TIME_TO_FIVE
from services.quotes.model import OFFERED, Round, check_terms
from services.quotes.operations import operations
from services.quotes.receipts import Signer


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
        return _round_view(round, actor, slot_free=round.slot_free(database_now(work.database)))

    @routes.post("/api/rounds/<project_id>/claim")
    @signed_in("mentor")
    @routes.response(201, schemas.ClaimSchema)
    def claim_slot(project_id: str, *, actor: Actor) -> Document:
        """Keeps one of the five slots for the mentor while the quote is written."""

        def effect(unit: Unit) -> Document:
            round, seat = store.invited_round(unit, project_id, actor)
            facts = round.claim(seat, unit.now)
            if facts:
                store.save_round(unit, round, facts, within_window=True)
            held = round.slot_of(actor.id)
            return {"expires_at": held.expires_at if held else None}

        return command(work, actor, effect)

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

        def effect(unit: Unit) -> Document:
            round, seat = store.invited_round(unit, body["project_id"], actor)
            quote_id = new_id()
            receipt = key.receipt(quote_id, body, unit.now)
            facts = round.submit(seat, quote_id, receipt["digest"], body["valid_until"], unit.now)
            _check_offer(body, contacts, round, unit)
            store.save_round(unit, round, facts, within_window=True)
            quote = {**body, "account": actor.id, "mentor_id": seat.mentor_id, "state": "sealed", "receipt": receipt}
            store.save_quote(unit, {**quote, "_id": quote_id, "created_at": unit.now, "version": 0})
            if len(round.quotes) == SLOTS:
                unit.after_commit(partial(TIME_TO_FIVE.observe, (unit.now - round.opened_at).total_seconds()))
            return {"id": quote_id, "project_id": round.id, "state": "sealed", "receipt": receipt}

        return command(work, actor, effect), etag(1)

    @routes.get("/api/quotes")
    @signed_in("client", "mentor")
    @routes.arguments(schemas.QuoteQuery, location="query")
    @routes.response(200, schemas.QuoteList)
    def read_quotes(query: Document, *, actor: Actor) -> Document:
        """The quotes of a round: all to its client once the window is over, their own to a mentor."""
        quotes = store.read_quotes(work.database, query["project_id"], actor)
        round = store.read_round(work.database, query["project_id"], actor)
        view = _quote_for_client if actor.id in round.clients else _quote_for_mentor
        return {"items": [view(quote, round) for quote in quotes], "next_cursor": None}

    @routes.get("/api/quotes/export")
    @signed_in()
    @routes.response(200, schemas.ExportSchema)
    def export_my_quotes(*, actor: Actor) -> Document:
        """All that this service holds of the caller."""
        held = store.read_everything(work.database, actor)
        return {
            "quotes": [_quote_as_kept(quote) for quote in held["quotes"]],
            "invited_to": held["invited_to"],
            "rounds": [_exported_round(round) for round in held["rounds"]],
        }

    @routes.patch("/api/quotes/<quote_id>")
    @signed_in("mentor")
    @routes.arguments(schemas.RevisionBody)
    @routes.response(200, schemas.QuoteSchema)
    def revise_quote(body: Document, quote_id: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Changes the terms until the window ends; the last version counts, with a receipt of its own."""
        key, contacts = signer(), contact_data(body.get("proposal", ""))

        def effect(unit: Unit) -> Document:
            quote = store.my_quote(unit, quote_id, actor)
            check_if_match(quote)
            round, _ = store.invited_round(unit, quote["project_id"], actor)
            round.check_open(unit.now)  # before the receipt: a quote that was destroyed has no terms
            revised = {**quote, **body, "state": "revised"}
            revised["receipt"] = key.receipt(quote_id, revised, unit.now)
            facts = round.revise(actor.id, revised["receipt"]["digest"], revised["valid_until"], unit.now)
            _check_offer(revised, contacts, round, unit)
            store.save_round(unit, round, facts, within_window=True)
            store.save_quote(unit, revised)
            return {**_quote_for_mentor(revised, round), "version": quote["version"] + 1}

        answer = command(work, actor, effect)
        return answer, etag(answer["version"])

    @routes.delete("/api/quotes/<quote_id>")
    @signed_in("mentor")
    @routes.response(204)
    def withdraw_quote(quote_id: str, *, actor: Actor) -> None:
        """Takes a quote back while the window is open; the slot is free again."""

        def effect(unit: Unit) -> Document:
            quote = store.my_quote(unit, quote_id, actor)
            check_if_match(quote)
            round, _ = store.invited_round(unit, quote["project_id"], actor)
            store.save_round(unit, round, round.withdraw(actor.id, unit.now), within_window=True)
            store.save_quote(unit, {**quote, "state": "withdrawn"})
            return {}

        command(work, actor, effect)

    return routes


def _receipts(signer: Callable[[], Signer]) -> Blueprint:
    routes = Blueprint("receipts", __name__)

    @routes.get("/.well-known/receipts-jwks.json")
    def read_receipt_keys() -> Document:
        """The public key that receipts are checked with."""
        return signer().jwks()

    return routes


def _check_offer(terms: Document, contacts: Sequence[Leak], round: Round, unit: Unit) -> None:
    """Dates, currency, and no contact data in the proposal: the client writes through the platform."""
    check_terms(terms, round, unit.now)
    if contacts:
        places = [{"field": "proposal", "message": f"{leak.kind} at {leak.start}"} for leak in contacts]
        raise Refusal("contact-data", "Take the contact data out of the proposal.", errors=places)


def _round_view(round: Round, actor: Actor, *, slot_free: bool) -> Document:
    view: Document = {"state": "open" if round.open else "closed", "closes_at": round.closes_at}
    if actor.id in round.clients:
        view |= {"received": len(round.quotes), "slots": SLOTS, "extended": round.extended}
    else:
        view |= {"slot_free": slot_free}
    if not round.open:
        view |= {"reason": round.reason, "digests": round.digests}
    return view


def _offer(quote: Document) -> Document:
    return {name: quote[name] for name in OFFERED if name in quote}


def _quote_for_client(quote: Document, _round: Round) -> Document:
    state = quote.get("outcome", "opened")
    return {"id": quote["_id"], "mentor_id": quote["mentor_id"], **_offer(quote), "state": state}


def _quote_for_mentor(quote: Document, round: Round) -> Document:
    opened = not round.open and quote["state"] != "withdrawn"
    return _quote_as_kept(quote) | ({"state": quote.get("outcome", "opened")} if opened else {})


def _quote_as_kept(quote: Document) -> Document:
    view = {"id": quote["_id"], "project_id": quote["project_id"], **_offer(quote), "receipt": quote["receipt"]}
    return view | {name: quote[name] for name in ("state", "outcome") if name in quote}


def _exported_round(round: Round) -> Document:
    shown = {name: getattr(round, name) for name in ("opened_at", "closes_at", "closed_at", "reason")}
    return {"project_id": round.id, **shown, "received": len(round.quotes)}
