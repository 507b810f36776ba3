"""The exposure of mentors in MongoDB: counters by mentor and month, and the rounds that are still to be counted.

The round's own transaction stores one tally and touches no counter, because rounds that end together have mentors in
common. `count_tally` adds tallies up one at a time.
"""

from collections.abc import Sequence
from dataclasses import asdict

from pymongo import ASCENDING, UpdateOne

from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.matching.model import MONTHS, TOLD, Counts, earlier, tallied

DROPPED = 24
"""Months beyond those shown that a count looks for, to delete them."""


def tally_round(unit: Unit, project_id: str) -> None:
    """Stores what a round that is over tells of its mentors, before its list is deleted. Without a list, nothing."""
    chunks = list(unit.collection("listings").find({"project_id": project_id}))
    if not chunks:
        return
    listed = [row["account"] for chunk in sorted(chunks, key=lambda one: one["first"]) for row in chunk["rows"]]
    rounds, mine = unit.collection("decisions").find({"project_id": project_id}), {"project_id": project_id}
    decided = [row for one in sorted(rounds, key=lambda one: one["at"]) for row in one["rows"]]
    invited = [row["account"] for row in unit.collection("invitations").find(mine, {"account": 1})]
    outcomes = [(row["account"], row["outcome"]) for row in decided]
    tally = asdict(tallied(project_id, listed, outcomes, invited, unit.now))
    codes = [{"account": account, "code": code} for account, code in tally.pop("codes").items()]
    unit.collection("tallies").insert_one({"_id": tally.pop("project_id"), **tally, "codes": codes, "at": unit.now})


def waiting_tallies(database: Documents) -> list[str]:
    """The rounds that are to be counted, oldest first."""
    return [row["_id"] for row in database.tallies.find({}, {"_id": 1}).sort("at", ASCENDING)]


def count_tally(unit: Unit, project_id: str) -> None:
    """Adds a tally to the counters of its mentors and deletes it; without one, nothing."""
    tally = unit.collection("tallies").find_one_and_delete({"_id": project_id})
    if tally is None:
        return
    month = tally["month"]
    old = {f"months.{earlier(month, MONTHS + back)}": "" for back in range(1, DROPPED + 1)}
    writes = [
        UpdateOne({"_id": one["account"]}, {"$inc": {f"months.{month}.{one['code']}": 1}, "$unset": old}, upsert=True)
        for one in tally["codes"]
    ]
    if writes:
        unit.collection("exposure").bulk_write(writes)


def read_own_exposure(database: Documents, actor: Actor) -> dict[str, Counts]:
    """The caller's counts by month."""
    row = database.exposure.find_one({"_id": actor.id})
    return _months(row) if row else {}


def read_exposure(unit: Unit, accounts: Sequence[str]) -> dict[str, dict[str, Counts]]:
    """The counts by month of those of these mentors who have any."""
    rows = unit.collection("exposure").find({"_id": {"$in": list(accounts)}})
    return {row["_id"]: _months(row) for row in rows}


def erase_exposure(unit: Unit, account: str) -> None:
    """Deletes a mentor's counters, and takes the mentor out of rounds that are still to be counted."""
    unit.collection("exposure").delete_one({"_id": account})
    unit.collection("tallies").update_many({"codes.account": account}, {"$pull": {"codes": {"account": account}}})


def _months(row: Document) -> dict[str, Counts]:
    return {month: {code: counts.get(code, 0) for code in TOLD} for month, counts in row["months"].items()}
