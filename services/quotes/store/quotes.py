"""Quotes in MongoDB. Every read for a person takes that person as an argument and checks their access."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.facts import QuotesSettled
from services.quotes.model import OFFERED, Quote, Receipt, Round, Terms
from services.quotes.store.drafts import erase_drafts, read_drafts
from services.quotes.store.rounds import read_round, round_from
from services.quotes.store.sketches import drop_sketches, erase_sketches

INDEXES = [
    IndexModel([("project_id", ASCENDING), ("account", ASCENDING)]),
    IndexModel([("account", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
]


def my_quote(unit: Unit, quote_id: str, actor: Actor) -> Quote:
    """A live quote of this mentor; raises ``not-found``."""
    quote = unit.find("quotes", {"_id": quote_id, "account": actor.id, "state": {"$ne": "withdrawn"}})
    if quote is None:
        raise not_found()
    return quote_from(quote)


def find_quote(unit: Unit, quote_id: str) -> Quote | None:
    """A quote as this transaction sees it, or None; for handlers."""
    document = unit.find("quotes", {"_id": quote_id})
    return quote_from(document) if document else None


def save_quote(unit: Unit, quote: Quote) -> None:
    """Stores a new or changed quote; its events are stored with its round."""
    unit.put("quotes", quote_document(quote))


def settle_quotes(unit: Unit, facts: Sequence[Fact]) -> None:
    """Writes the outcomes of ``quotes.settled`` to the quotes, and removes the terms of destroyed ones."""
    for settled in (quote for fact in facts if isinstance(fact, QuotesSettled) for quote in fact.quotes):
        change: dict[str, Any] = {"$set": {"outcome": settled["outcome"]}, "$inc": {"version": 1}}
        if settled["outcome"] == "destroyed":
            change["$unset"] = dict.fromkeys(OFFERED, "")
            drop_sketches(unit, [settled["quote_id"]])
        unit.collection("quotes").update_one({"_id": settled["quote_id"]}, change)


def read_quotes(database: Documents, project_id: str, actor: Actor) -> list[Quote]:
    """The quotes of a round: for its client all live ones once it is closed, for an invited mentor their own.

    Clients get them ordered by their random ids, which does not reveal who was first.
    """
    round = read_round(database, project_id, actor)
    if actor.id not in round.clients:
        mine = {"project_id": project_id, "account": actor.id}
        return [quote_from(row) for row in database.quotes.find(mine).sort("created_at", ASCENDING)]
    if round.open:
        raise Refusal("quotes-sealed", "The quotes stay sealed until the window ends.")
    live = [slot.quote_id for slot in round.quotes]
    return [quote_from(row) for row in database.quotes.find({"_id": {"$in": live}}).sort("_id", ASCENDING)]


def read_own_quotes(
    database: Documents, query: Mapping[str, Any], actor: Actor, view: Callable[[Quote, Round | None], Document]
) -> Document:
    """A page of the mentor's quotes over all projects, newest first, each viewed with its round."""
    found = page(database.quotes, {"account": actor.id}, query, dict)
    mine = {"_id": {"$in": [row["project_id"] for row in found["items"]]}}
    rounds = {row["_id"]: round_from(row) for row in database.rounds.find(mine)}
    items = [view(quote_from(row), rounds.get(row["project_id"])) for row in found["items"]]
    return {**found, "items": items}


def erase_mentor(unit: Unit, account: str) -> None:
    """Deletes the mentor's invitations and quotes; an accepted quote is anonymised and keeps its other terms."""
    unit.collection("invitations").delete_many({"account": account})
    quotes, accepted = unit.collection("quotes"), {"account": account, "outcome": "accepted"}
    anonymous: dict[str, Any] = {"$set": {"account": "", "proposal": ""}, "$unset": {"receipt": ""}}
    quotes.update_many(accepted, anonymous)
    quotes.delete_many({"account": account})
    erase_sketches(unit, account)
    erase_drafts(unit, account)


def read_everything(database: Documents, actor: Actor) -> Document:
    """All data held about the caller: a mentor's quotes and invitations, a client's rounds."""
    mine = {"account": actor.id}
    return {
        "quotes": [quote_from(row) for row in database.quotes.find(mine).sort("created_at", ASCENDING)],
        "invited_to": [row["project_id"] for row in database.invitations.find(mine).sort("_id", ASCENDING)],
        "drafts": read_drafts(database, actor),
        "rounds": [round_from(row) for row in database.rounds.find({"clients": actor.id}).sort("_id", ASCENDING)],
    }


def quote_document(quote: Quote) -> Document:
    """The stored form of a quote: its terms are top-level fields, and None is left out."""
    named = {"project_id": quote.project_id, "account": quote.account, "mentor_id": quote.mentor_id}
    document = {"_id": quote.id, **named, "created_at": quote.created_at, "state": quote.state}
    document |= vars(quote.terms) if quote.terms else {}
    document |= {"receipt": vars(quote.receipt)} if quote.receipt else {}
    document |= {"outcome": quote.outcome} if quote.outcome else {}
    return document | {"version": quote.version}


def quote_from(document: Document) -> Quote:
    """The quote from its stored form."""
    receipt = document.get("receipt")
    return Quote(
        id=document["_id"],
        **{name: document[name] for name in ("project_id", "account", "mentor_id", "created_at", "state", "version")},
        terms=Terms.of(document) if "price" in document else None,
        receipt=Receipt(**receipt) if receipt else None,
        outcome=document.get("outcome"),
    )
