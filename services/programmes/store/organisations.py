"""Which accounts act for an organisation, as projects publishes it: ids only."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from chassis.unit import Unit
from services.programmes.store.rows import Rows, find_one

INDEXES = [IndexModel([("members", ASCENDING)])]


def organisation_of(rows: Rows, account: str) -> str | None:
    """The opaque id of an account's organisation, or None."""
    row = find_one(rows, "organisations", {"members": account})
    return str(row["_id"]) if row else None


def members_of(rows: Rows, organisation: str) -> list[str]:
    """The accounts that act for an organisation, in the order in which projects lists them."""
    row = find_one(rows, "organisations", {"_id": organisation})
    return list(row["members"]) if row else []


def share_organisation(unit: Unit, organisation: str, members: Sequence[str], sequence: int) -> bool:
    """Stores an organisation's members; returns False, and stores nothing, if a later event was stored already."""
    kept = unit.find("organisations", {"_id": organisation})
    if kept and kept["sequence"] >= sequence:
        return False
    row = {"members": list(members), "sequence": sequence}
    unit.collection("organisations").replace_one({"_id": organisation}, row, upsert=True)
    return True
