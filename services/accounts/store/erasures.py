"""Erasures in MongoDB. Once the receipt is requested, only ids and times remain."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chassis.facts import Fact
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import Address, Erasure, stage
from services.accounts.store.departures import departure_from


def add_erasure(unit: Unit, erasure: Erasure) -> None:
    """Stores a new erasure; its version continues the account's."""
    unit.collection("erasures").insert_one(erasure_document(erasure))


def find_erasure(unit: Unit, account_id: str) -> Erasure | None:
    """The erasure of this account; None if it was not requested."""
    row = unit.find("erasures", {"_id": account_id})
    return erasure_from(row) if row else None


def save_erasure(unit: Unit, erasure: Erasure, facts: Sequence[Fact]) -> None:
    """Stores a changed erasure with its facts."""
    unit.put("erasures", erasure_document(erasure), facts)


def read_unfinished_erasures(
    database: Documents, query: Mapping[str, Any], view: Callable[[Erasure], Document]
) -> Document:
    """A page of the erasures that some service has not confirmed, oldest first; for operators."""
    wanted = {"completed_at": None}
    return page(database.erasures, wanted, query, lambda row: view(erasure_from(row)), "requested_at", ascending=True)


def find_stages(database: Documents, accounts: Collection[str]) -> dict[str, str | None]:
    """How far the erasure of each of these accounts is (`stage`); None if nobody asked for it."""
    wanted = {"_id": {"$in": sorted(accounts)}}
    departures = {row["_id"]: departure_from(row) for row in database.departures.find(wanted)}
    erasures = {row["_id"]: erasure_from(row) for row in database.erasures.find(wanted)}
    return {one: stage(departures.get(one), erasures.get(one)) for one in accounts}


def erasure_document(erasure: Erasure) -> Document:
    """The erasure as it is stored, without the address once the receipt is requested."""
    row = asdict(erasure)
    present = {name: value for name, value in row.items() if value is not None or name == "completed_at"}
    return {"_id": present.pop("account"), **present}


def erasure_from(row: Mapping[str, Any]) -> Erasure:
    """Reads a row written by `erasure_document`."""
    return Erasure(
        account=row["_id"],
        requested_at=row["requested_at"],
        done=row["done"],
        completed_at=row["completed_at"],
        waits_for=row.get("waits_for"),
        to=Address(**row["to"]) if "to" in row else None,
        version=row["version"],
        due_at=row.get("due_at"),
    )
