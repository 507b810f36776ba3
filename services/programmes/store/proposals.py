"""Proposals and marks in MongoDB. A proposal is one document, so that all of its pairs become visible at once.

Two thousand pairs with their reasons take about one megabyte of the sixteen that a document may have.
"""

from collections.abc import Sequence
from dataclasses import asdict

from pymongo import ASCENDING, IndexModel

from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.proposal import Mark, Proposal, Proposed
from services.programmes.store.rows import Rows, find_all, find_one

PROPOSAL_INDEXES = [IndexModel([("programme", ASCENDING)])]
MARK_INDEXES = [IndexModel([("programme", ASCENDING)])]


def find_proposal(rows: Rows, proposal_id: str) -> Proposal | None:
    """A proposal, or None."""
    row = find_one(rows, "proposals", {"_id": proposal_id}) if proposal_id else None
    return proposal_from(row) if row else None


def replace_proposal(unit: Unit, proposal: Proposal) -> None:
    """Stores the programme's proposal instead of the one before."""
    forget_proposals(unit, proposal.programme)
    row = {**vars(proposal), "_id": proposal.id, "pairs": [asdict(one) for one in proposal.pairs]}
    del row["id"]
    unit.collection("proposals").insert_one(row)


def forget_proposals(unit: Unit, programme_id: str) -> None:
    """Deletes a programme's proposal, for example because somebody in it is erased."""
    unit.collection("proposals").delete_many({"programme": programme_id})


def proposal_from(document: Document) -> Proposal:
    """The proposal from its stored form."""
    known = {name: value for name, value in document.items() if name not in ("_id", "pairs")}
    return Proposal(id=document["_id"], pairs=[Proposed(**one) for one in document["pairs"]], **known)


def find_mark(rows: Rows, mark_id: str) -> Mark | None:
    """What the owner decided about two people, or None."""
    row = find_one(rows, "pair_marks", {"_id": mark_id})
    return _mark_from(row) if row else None


def marks_of(rows: Rows, programme_id: str) -> list[Mark]:
    """A programme's marks."""
    return [_mark_from(row) for row in find_all(rows, "pair_marks", {"programme": programme_id})]


def save_mark(unit: Unit, mark: Mark) -> None:
    """Stores a mark."""
    row = {**vars(mark), "_id": mark.id}
    del row["id"]
    unit.put("pair_marks", row)


def forget_marks(unit: Unit, participants: Sequence[str]) -> None:
    """Deletes the marks of people who have left."""
    of_them = {"$in": list(participants)}
    unit.collection("pair_marks").delete_many({"$or": [{"mentor": of_them}, {"mentee": of_them}]})


def _mark_from(document: Document) -> Mark:
    known = {name: value for name, value in document.items() if name != "_id"}
    return Mark(id=document["_id"], **known)
