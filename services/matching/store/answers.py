"""What is known of who answers, in MongoDB: each mentor's answers, each ended round, and the market learnt from these.

An ended round is a row under its project's id, written in the transaction that counts its mentors' answers: a round
that is told twice is counted once.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from pymongo import ASCENDING, DESCENDING, UpdateOne

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.market import SLOTS
from services.matching.model import (
    UNLIKELY,
    Ended,
    Market,
    Record,
    Round,
    Shortlist,
    ended_round,
    market_document,
    market_from,
    shown,
)
from services.matching.model.answers import weight_of
from services.matching.model.open_round import round_of
from services.matching.store.shortlists import find_shortlist, shortlist_from

MARKET = "market"
NEWEST = 5_000
"""Ended rounds that the market is learnt from."""
MOST_SHOWN = 500
"""Maximum number of unlikely rounds that operators are shown."""
KEPT = timedelta(days=180)
"""How long an ended round is kept: four half-lives."""


def read_market(unit: Unit) -> Market:
    """The market as last learnt, or the prior."""
    row = unit.find("market", {"_id": MARKET})
    return market_from(row) if row else Market()


def save_market(database: Documents, market: Market) -> None:
    """Replaces the market."""
    database.market.replace_one({"_id": MARKET}, {"_id": MARKET, **market_document(market)}, upsert=True)


def newest_ended(database: Documents) -> list[Ended]:
    """The rounds that ended last."""
    rows = database.ended.find({}, {"_id": 0}).sort("at", DESCENDING).limit(NEWEST)
    return [Ended(**row) for row in rows]


def read_records(unit: Unit, accounts: Sequence[str]) -> dict[str, Record]:
    """The answers of those of these mentors who have any."""
    rows = unit.collection("answers").find({"_id": {"$in": list(accounts)}})
    return {row["_id"]: Record(row["quoted"], row["missed"]) for row in rows}


def read_own_record(database: Documents, actor: Actor) -> Record | None:
    """The caller's answers, for the export."""
    row = database.answers.find_one({"_id": actor.id})
    return Record(row["quoted"], row["missed"]) if row else None


def read_round(unit: Unit, shortlist: Shortlist) -> Round:
    """The round with everybody who is invited so far; erased mentors are left out."""
    rows = unit.collection("invitations").find({"project_id": shortlist.id}, {"account": 1, "created_at": 1})
    invited = [(row["account"], row["created_at"]) for row in rows]
    accounts = [account for account, _ in invited]
    profiles = unit.collection("profiles").find({"_id": {"$in": accounts}}, {"timezone": 1})
    zones = {row["_id"]: row["timezone"] for row in profiles if row.get("timezone")}
    return round_of(shortlist, invited, read_records(unit, accounts), zones, unit.now)


def count_round(unit: Unit, shortlist: Shortlist) -> None:
    """Counts what a round that is over tells of its mentors and of the market, once."""
    if unit.find("ended", {"_id": shortlist.id}):
        return
    known = read_round(unit, shortlist)
    if not known.sent:
        return
    ended, records = ended_round(read_market(unit), known, shortlist.stated)
    unit.collection("ended").insert_one({"_id": shortlist.id, **asdict(ended)})
    weight = weight_of(unit.now)
    counted = []
    for sent, record in zip(known.sent, records, strict=True):
        more = {"quoted": record.quoted * weight, "missed": record.missed * weight}
        counted.append(UpdateOne({"_id": sent.account}, {"$inc": more}, upsert=True))
    unit.collection("answers").bulk_write(counted)


def erase_answers(unit: Unit, account: str) -> None:
    """Deletes a mentor's answers."""
    unit.collection("answers").delete_one({"_id": account})


def read_chance(unit: Unit, project_id: str, actor: Actor) -> tuple[Shortlist, float]:
    """The chance of five quotes now, for a client of the round, 0 or 1 once it is over; ``not-found`` for others."""
    shortlist = find_shortlist(unit, project_id)
    if shortlist.client is None or actor.id not in shortlist.clients:
        raise not_found()
    if shortlist.over:
        return shortlist, float(len(shortlist.quoted) >= SLOTS)
    return shortlist, shown(read_market(unit), read_round(unit, shortlist))


def read_unlikely(database: Documents) -> list[Shortlist]:
    """The open rounds in which five quotes are unlikely, the least likely first."""
    found = database.shortlists.find(unlikely()).sort("shown", ASCENDING).limit(MOST_SHOWN)
    return [shortlist_from(row) for row in found]


def unlikely() -> Document:
    """Selects the open rounds in which five quotes are unlikely, as of their last wave."""
    return {"shown": {"$lt": UNLIKELY}}
