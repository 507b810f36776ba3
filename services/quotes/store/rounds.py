"""Rounds in MongoDB. Every read for a person takes that person as an argument and checks their access."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.market import SLOTS
from services.quotes.model import LATE_SHARE, Round, Seat, Slot
from services.quotes.store.drafts import drop_drafts
from services.quotes.store.invitations import invitation_id

INDEXES = [
    IndexModel([("clients", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("reason", ASCENDING), ("closes_at", ASCENDING), ("_id", ASCENDING)]),
    IndexModel([("slots.account", ASCENDING), ("reason", ASCENDING)]),
    IndexModel([("spent_claims", ASCENDING), ("opened_at", ASCENDING)]),
    IndexModel([("slots.5.account", ASCENDING)], sparse=True),  # stays empty: finds a sixth slot quickly
]
STILL_OPEN = {"reason": None, "$expr": {"$lt": ["$$NOW", "$accepts_until"]}}
"""Evaluated by the database's clock within the write itself, so that a paused process cannot accept a late quote."""

AT_RISK = {
    "reason": None,
    "$expr": {
        "$and": [
            {"$lt": [{"$size": {"$filter": {"input": "$slots", "cond": {"$ne": ["$$this.quote_id", None]}}}}, SLOTS]},
            {"$lt": [{"$subtract": ["$closes_at", "$$NOW"]}, {"$multiply": ["$window", 1_000 / LATE_SHARE]}]},
        ]
    },
}
"""Open, with fewer than five live quotes and less than a quarter of the window left, by the database's clock."""

BEYOND_FIVE = {"slots.5.account": {"$exists": True}}


def find_round(unit: Unit, project_id: str) -> Round | None:
    """The round of a project as this transaction sees it, or None."""
    document = unit.find("rounds", {"_id": project_id})
    return round_from(document) if document else None


def save_round(unit: Unit, round: Round, facts: Sequence[Fact], *, within_window: bool = False) -> None:
    """Stores the round with its events. ``within_window``: raises ``window-ended`` unless still open at the write."""
    guard = STILL_OPEN if within_window else None
    if not unit.put("rounds", round_document(round), facts, only_if=guard):
        raise Refusal("window-ended", "The window of this project has ended.")
    if not round.open:
        drop_drafts(unit, round.id)


def read_round(database: Documents, project_id: str, actor: Actor) -> Round:
    """The round, for its client or an invited mentor; raises ``not-found`` for all others.

    Makes the same two reads whether there is a round or not, so that the time does not tell.
    """
    invited = {"_id": invitation_id(project_id, actor.id), "mentor_id": {"$ne": None}}
    mine = {} if database.invitations.find_one(invited) else {"clients": actor.id}
    document = database.rounds.find_one({"_id": project_id, **mine})
    if document is None:
        raise not_found()
    return round_from(document)


def read_rounds(database: Documents, projects: Sequence[str], actor: Actor) -> list[Round]:
    """Those of these projects' rounds that the caller may read, as its client or as an invited mentor."""
    rows = {"_id": {"$in": [invitation_id(one, actor.id) for one in projects]}, "mentor_id": {"$ne": None}}
    invited = [row["project_id"] for row in database.invitations.find(rows)]
    mine = {"_id": {"$in": list(projects)}, "$or": [{"clients": actor.id}, {"_id": {"$in": invited}}]}
    return [round_from(row) for row in database.rounds.find(mine)]


def count_invited(database: Documents, projects: Sequence[str]) -> Counter[str]:
    """How many mentors are invited to each of these rounds."""
    to_these = {"project_id": {"$in": list(projects)}, "mentor_id": {"$ne": None}}
    counted: list[Mapping[str, Any]] = [{"$match": to_these}, {"$group": {"_id": "$project_id", "n": {"$sum": 1}}}]
    return Counter({row["_id"]: row["n"] for row in database.invitations.aggregate(counted)})


def clients_round(unit: Unit, project_id: str, actor: Actor) -> Round:
    """The round of the client's own project, in the transaction; raises ``not-found`` for all others."""
    round = find_round(unit, project_id)
    if round is None or actor.id not in round.clients:
        raise not_found()
    return round


def invited_round(unit: Unit, project_id: str, actor: Actor) -> tuple[Round, Seat]:
    """The round and the mentor's seat in it; raises ``not-found`` unless the mentor is invited."""
    invitation = unit.find("invitations", {"_id": invitation_id(project_id, actor.id), "mentor_id": {"$ne": None}})
    round = find_round(unit, project_id) if invitation else None
    if invitation is None or round is None:
        raise not_found()
    return round, Seat(actor.id, invitation["mentor_id"], invitation.get("declined", False))


def rounds_of(unit: Unit, account: str) -> list[Round]:
    """The rounds that a mentor was invited to."""
    invited = unit.collection("invitations").find({"account": account})
    ids = [row["project_id"] for row in invited]
    return [round_from(row) for row in unit.collection("rounds").find({"_id": {"$in": ids}})]


def read_rounds_at_risk(
    database: Documents, query: Mapping[str, Any], view: Callable[[Round, int], Document]
) -> Document:
    """A page of rounds at risk, earliest deadline first; ``view`` gets the number of invited mentors."""
    found = page(database.rounds, AT_RISK, query, lambda row: row, "closes_at", ascending=True)
    to_these = {"project_id": {"$in": [row["_id"] for row in found["items"]]}}
    invited = Counter(row["project_id"] for row in database.invitations.find(to_these, {"project_id": 1}))
    return {**found, "items": [view(round_from(row), invited[row["_id"]]) for row in found["items"]]}


def round_document(round: Round) -> Document:
    """The stored form of a round."""
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


def round_from(document: Document) -> Round:
    """The round from its stored form."""
    known = {field.name: document[field.name] for field in fields(Round) if field.name in document}
    known["window"] = timedelta(seconds=document["window"])
    known["slots"] = [Slot(**slot) for slot in document["slots"]]
    return Round(id=document["_id"], **known)
