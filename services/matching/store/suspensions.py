"""Mentors that an operator keeps out, in MongoDB."""

from collections.abc import Sequence

from chassis.unit import Unit


def suspended_of(unit: Unit, accounts: Sequence[str]) -> set[str]:
    """Those of these accounts that an operator keeps out."""
    suspended = {"_id": {"$in": list(accounts)}, "suspended": True}
    return {row["_id"] for row in unit.collection("suspensions").find(suspended)}


def note_suspension(unit: Unit, account: str, suspended: bool, sequence: int) -> None:
    """What accounts says; the highest sequence holds."""
    known = unit.find("suspensions", {"_id": account}) or {"sequence": 0}
    if known["sequence"] < sequence:
        change = {"$set": {"suspended": suspended, "sequence": sequence}}
        unit.collection("suspensions").update_one({"_id": account}, change, upsert=True)
