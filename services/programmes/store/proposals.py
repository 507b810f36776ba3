"""Proposals and marks in MongoDB. A proposal is one document, so that all of its pairs become visible at once.

Two thousand pairs with their reasons take about one megabyte of the sixteen that a document may have.
"""

from pymongo import ASCENDING, IndexModel

from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.pairing import Paired, data
from services.programmes.model.participants import Participant
from services.programmes.model.proposal import Mark, Proposal
from services.programmes.store.rows import Rows, find_all, find_one

PROPOSAL_INDEXES = [IndexModel([("programme", ASCENDING)])]
MARK_INDEXES = [IndexModel([("programme", ASCENDING)])]


def find_proposal(rows: Rows, proposal_id: str) -> Proposal | None:
    """A proposal, or None."""
    row = find_one(rows, "proposals", {"_id": proposal_id}) if proposal_id else None
    return proposal_from(row) if row else None


def replace_proposal(unit: Unit, proposal: Proposal) -> None:
    """Stores the programme's proposal instead of the one before."""
    unit.collection("proposals").delete_many({"programme": proposal.programme})
    row = {**vars(proposal), "_id": proposal.id, "pairs": [_pair_row(one) for one in proposal.pairs]}
    row["unpaired"] = [data.unpaired_data(one) for one in proposal.unpaired]
    row["shortages"] = [data.conflict_data(one) for one in proposal.shortages]
    del row["id"]
    unit.collection("proposals").insert_one(row)


def drop_proposed_pairs(unit: Unit, participant: Participant) -> None:
    """Deletes what is proposed, marked or in conflict for somebody who was removed. The others' pairs stay."""
    either: Document = {"$or": [{"mentor": participant.id}, {"mentee": participant.id}]}
    gone = {"pairs": either, "changes": either, "unpaired": {"person": participant.id}}
    theirs = {"programme": participant.programme}
    unit.collection("proposals").update_many(theirs, {"$pull": gone, "$set": {"shortages": []}})
    unit.collection("pair_marks").delete_many({**theirs, **either})
    unit.collection("solves").delete_many({**theirs, "due_at": {"$exists": False}})


def proposal_from(document: Document) -> Proposal:
    """The proposal from its stored form."""
    lists: Document = {
        "pairs": [_pair_from(row) for row in document["pairs"]],
        "unpaired": [data.unpaired_of(row) for row in document["unpaired"]],
        "shortages": [data.conflict_of(row) for row in document.get("shortages", ())],
    }
    known = {name: value for name, value in document.items() if name != "_id" and name not in lists}
    return Proposal(id=document["_id"], **known, **lists)


def _pair_row(pair: Paired) -> Document:
    return {**vars(pair), "why": data.reasons_data(pair.why), "second_best": data.second_best_data(pair.second_best)}


def _pair_from(row: Document) -> Paired:
    why, second = data.reasons_of(row["why"]), data.second_best_of(row["second_best"])
    return Paired(**{**row, "why": why, "second_best": second})


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


def _mark_from(document: Document) -> Mark:
    known = {name: value for name, value in document.items() if name != "_id"}
    return Mark(id=document["_id"], **known)
