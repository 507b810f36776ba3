"""Suspended mentors in MongoDB."""

from collections.abc import Sequence

from chassis.unit import Unit


def suspended_of(unit: Unit, accounts: Sequence[str]) -> set[str]:
    """Those of these accounts that are suspended."""
    suspended = {"_id": {"$in": list(accounts)}, "suspended": True}
    return {row["_id"] for row in unit.collection("suspensions").find(suspended)}


def set_suspended(unit: Unit, account: str, suspended: bool, sequence: int) -> None:
    """Stores the state from an event of accounts; the highest sequence wins."""
    known = unit.find("suspensions", {"_id": account}) or {"sequence": 0}
    if known["sequence"] < sequence:
        change = {"$set": {"suspended": suspended, "sequence": sequence}}
        unit.collection("suspensions").update_one({"_id": account}, change, upsert=True)
