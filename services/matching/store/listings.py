"""The ranked lists in MongoDB, each in chunks; they are deleted once the round is over."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from pymongo import ASCENDING

from chassis.mongo import Document
from chassis.unit import Unit
from services.matching.model import Considered
from services.matching.store.reasons import reasons


def add_listing(unit: Unit, project_id: str, first: int, listed: Sequence[Considered]) -> None:
    """Appends a chunk of the ranked list, from place ``first`` on."""
    chunk = {"_id": f"{project_id}:{first}", "project_id": project_id, "first": first, "last": first + len(listed)}
    unit.collection("listings").insert_one({**chunk, "rows": [asdict(one) for one in listed]})


def listings(unit: Unit, project_id: str, place: int) -> Iterator[list[Considered]]:
    """The list from ``place`` on, one chunk at a time."""
    after = {"project_id": project_id, "last": {"$gt": place}}
    found = unit.collection("listings").find(after, batch_size=1).sort("last", ASCENDING)
    for chunk in found:
        yield [_listed(row) for row in chunk["rows"][max(0, place - chunk["first"]) :]]


def listed_accounts(unit: Unit, project_id: str) -> list[str]:
    """The accounts of all mentors on the list."""
    rows = unit.collection("listings")
    return list(rows.distinct("rows.account", {"project_id": project_id}))


def find_listed(unit: Unit, project_id: str, account: str) -> Considered | None:
    """The mentor's entry in the list, None if it has none."""
    chunk = unit.find("listings", {"project_id": project_id, "rows.account": account})
    return next((_listed(row) for row in chunk["rows"] if row["account"] == account), None) if chunk else None


def _listed(row: Document) -> Considered:
    return Considered(**{**row, "excluded": tuple(row["excluded"]), "why": reasons(row["why"])})
