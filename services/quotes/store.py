"""Rounds, invitations and quotes in MongoDB. What a person reads is read as that person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.facts import QuotesSettled
from contracts.market import SLOTS
from services.quotes.model import LATE_SHARE, Round, Seat, Slot
from services.quotes.receipts import Signer

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "invitations": [IndexModel([("project_id", ASCENDING)]), IndexModel([("account", ASCENDING)])],
    "rounds": [
        IndexModel([("clients", ASCENDING)]),
        IndexModel([("reason", ASCENDING), ("closes_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("slots.5.account", ASCENDING)], sparse=True),  # empty for ever: a sixth slot is found at once
    ],
    "quotes": [
        IndexModel([("project_id", ASCENDING), ("account", ASCENDING)]),
        IndexModel([("account", ASCENDING), ("created_at", ASCENDING)]),
    ],
}
STILL_OPEN = {"reason": None, "$expr": {"$lt": ["$$NOW", "$accepts_until"]}}
"""Decided by the database against its own clock in the very write, so that no pause of ours lets a late quote in."""

AT_RISK = {
    "reason": None,
    "$expr": {
        "$and": [
            {"$lt": [{"$size": {"$filter": {"input": "$slots", "cond": {"$ne": ["$$this.quote_id", None]}}}}, SLOTS]},
            {"$lt": [{"$subtract": ["$closes_at", "$$NOW"]}, {"$multiply": ["$window", 1_000 / LATE_SHARE]}]},
        ]
    },
}
"""Open, fewer than five live quotes, and less than a quarter of the window left, by the database's clock."""

BEYOND_FIVE = {"slots.5.account": {"$exists": True}}


def find_round(unit: Unit, project_id: str) -> Round | None:
    """The round of a project as this transaction sees it."""
    document = unit.find("rounds", {"_id": project_id})
    return _round(document) if document else None


def save_round(unit: Unit, round: Round, facts: Sequence[Fact], *, within_window: bool = False) -> None:
    """Stores the round with what happened. ``within_window``: only if the window is open at the very write."""
    guard = STILL_OPEN if within_window else None
    if not unit.put("rounds", round_document(round), facts, only_if=guard):
        raise Refusal("window-ended", "The window of this project has ended.")


def read_round(database: Documents, project_id: str, actor: Actor) -> Round:
    """The round, to its client or a mentor invited to it."""
    document = database.rounds.find_one({"_id": project_id})
    if document is None:
        raise not_found()
    mine = actor.id in document["clients"]
    invited = {"_id": _invitation_id(project_id, actor.id), "mentor_id": {"$ne": None}}
    if not mine and database.invitations.find_one(invited) is None:
        raise not_found()
    return _round(document)


def invited_round(unit: Unit, project_id: str, actor: Actor) -> tuple[Round, Seat]:
    """The round that this mentor was invited to, and their seat in it; ``not-found`` for anybody else."""
    invitation = unit.find("invitations", {"_id": _invitation_id(project_id, actor.id), "mentor_id": {"$ne": None}})
    round = find_round(unit, project_id) if invitation else None
    if invitation is None or round is None:
        raise not_found()
    return round, Seat(actor.id, invitation["mentor_id"], invitation.get("declined", False))


def close_to(unit: Unit, project_id: str, account: str) -> None:
    """Closes a round to a mentor who declined, be the round or the invitation known yet or not."""
    row = {"project_id": project_id, "account": account, "declined": True}
    unit.collection("invitations").update_one({"_id": _invitation_id(project_id, account)}, {"$set": row}, upsert=True)


def add_invitations(unit: Unit, project_id: str, mentors: Sequence[Mapping[str, str]]) -> None:
    """Lets these mentors into the round; those who are in stay."""
    for mentor in mentors:
        row = {"project_id": project_id, "account": mentor["account"], "mentor_id": mentor["mentor_id"]}
        unit.collection("invitations").update_one(
            {"_id": _invitation_id(project_id, mentor["account"])}, {"$set": row}, upsert=True
        )


def my_quote(unit: Unit, quote_id: str, actor: Actor) -> Document:
    """A live quote of this mentor."""
    quote = unit.find("quotes", {"_id": quote_id, "account": actor.id, "state": {"$ne": "withdrawn"}})
    if quote is None:
        raise not_found()
    return quote


def find_quote(unit: Unit, quote_id: str) -> Document | None:
    """A quote as this transaction sees it, for a handler."""
    return unit.find("quotes", {"_id": quote_id})


def save_quote(unit: Unit, quote: Mapping[str, Any]) -> None:
    """Stores a new or revised quote; the round it belongs to carries the events."""
    unit.put("quotes", quote)


def settle_quotes(unit: Unit, facts: Sequence[Fact]) -> None:
    """Writes the outcomes of ``quotes.settled`` to the quotes; a destroyed one loses what it said."""
    for settled in (quote for fact in facts if isinstance(fact, QuotesSettled) for quote in fact.quotes):
        change: dict[str, Any] = {"$set": {"outcome": settled["outcome"]}, "$inc": {"version": 1}}
        if settled["outcome"] == "destroyed":
            change["$unset"] = {"price": "", "days": "", "starts_on": "", "proposal": "", "valid_until": ""}
        unit.collection("quotes").update_one({"_id": settled["quote_id"]}, change)


def read_quotes(database: Documents, project_id: str, actor: Actor) -> list[Document]:
    """The quotes of a round: all live ones to its client once it is closed, their own to an invited mentor.

    The client's order is by a random id: it says nothing of who was first.
    """
    round = read_round(database, project_id, actor)
    if actor.id not in round.clients:
        mine = {"project_id": project_id, "account": actor.id}
        return list(database.quotes.find(mine).sort("created_at", ASCENDING))
    if round.open:
        raise Refusal("quotes-sealed", "The quotes stay sealed until the window ends.")
    live = [slot.quote_id for slot in round.quotes]
    return list(database.quotes.find({"_id": {"$in": live}}).sort("_id", ASCENDING))


def rounds_of(unit: Unit, account: str) -> list[Round]:
    """The rounds that a mentor was invited to."""
    invited = unit.collection("invitations").find({"account": account})
    ids = [row["project_id"] for row in invited]
    return [_round(row) for row in unit.collection("rounds").find({"_id": {"$in": ids}})]


def erase_mentor(unit: Unit, account: str) -> None:
    """The mentor's invitations and quotes go; of one that was accepted the terms stay, under nobody's name."""
    unit.collection("invitations").delete_many({"account": account})
    quotes, accepted = unit.collection("quotes"), {"account": account, "outcome": "accepted"}
    nobody: dict[str, Any] = {"$set": {"account": "", "proposal": ""}, "$unset": {"receipt": ""}}
    quotes.update_many(accepted, nobody)
    quotes.delete_many({"account": account})


def read_everything(database: Documents, actor: Actor) -> Document:
    """All that is held of the caller: a mentor's quotes and invitations, a client's rounds."""
    mine = {"account": actor.id}
    return {
        "quotes": list(database.quotes.find(mine).sort("created_at", ASCENDING)),
        "invited_to": [row["project_id"] for row in database.invitations.find(mine).sort("_id", ASCENDING)],
        "rounds": [_round(row) for row in database.rounds.find({"clients": actor.id}).sort("_id", ASCENDING)],
    }


def read_rounds_at_risk(database: Documents, query: Mapping[str, Any], view: Any) -> Document:
    """A page of the rounds that may end with too few quotes, soonest first; ``view`` gets how many were invited."""
    found = page(database.rounds, AT_RISK, query, lambda row: row, "closes_at", ascending=True)
    to_these = {"project_id": {"$in": [row["_id"] for row in found["items"]]}}
    invited = Counter(row["project_id"] for row in database.invitations.find(to_these, {"project_id": 1}))
    return {**found, "items": [view(_round(row), invited[row["_id"]]) for row in found["items"]]}


def signer(database: Documents) -> Signer:
    """The key that signs receipts, made at the first call and kept."""
    kept = database["keys"].find_one({"_id": "receipts"})
    if kept is None:
        with suppress(DuplicateKeyError):  # another process was first
            database["keys"].insert_one({"_id": "receipts", **asdict(Signer.new())})
        kept = database["keys"].find_one({"_id": "receipts"}) or {}
    return Signer(kept["key_id"], kept["private_pem"])


def _invitation_id(project_id: str, account: str) -> str:
    return f"{project_id}:{account}"


def round_document(round: Round) -> Document:
    """A round as it is stored."""
    document = {field.name: getattr(round, field.name) for field in fields(Round) if field.name != "id"}
    document |= {
        "_id": round.id,
        "window": round.window.total_seconds(),
        "slots": [dict(vars(slot)) for slot in round.slots],
        "accepts_until": round.accepts_until,
    }
    if round.due_at:
        document["due_at"] = round.due_at
    return document


def _round(document: Document) -> Round:
    known = {field.name: document[field.name] for field in fields(Round) if field.name in document}
    known["window"] = timedelta(seconds=document["window"])
    known["slots"] = [Slot(**slot) for slot in document["slots"]]
    return Round(id=document["_id"], **known)
