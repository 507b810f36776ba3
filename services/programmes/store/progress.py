"""The published sums of each programme in MongoDB. A document holds sums, and ids of the people in them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.progress.batches import Batch
from services.programmes.model.progress.blocks import Block
from services.programmes.model.progress.progress import Progress
from services.programmes.store.rows import Rows, find_all, find_one


def find_progress(rows: Rows, programme_id: str) -> Progress | None:
    """A programme's progress; None before the publication."""
    row = find_one(rows, "progress", {"_id": programme_id})
    return progress_from(row) if row else None


def begin_progress(unit: Unit, programme_id: str, at: datetime) -> None:
    """Lets progress begin at the publication; its first update is due then."""
    if find_progress(unit, programme_id) is None:
        save_progress(unit, Progress(programme_id, due_at=at))


def save_progress(unit: Unit, progress: Progress) -> None:
    """Stores the sums. They go into no event."""
    row: Document = {one.name: getattr(progress, one.name) for one in fields(Progress) if one.name != "programme"}
    row |= {
        "_id": progress.programme,
        "blocks": [asdict(block) for block in progress.blocks],
        "batches": [asdict(batch) for batch in progress.batches],
        "history": [{"at": at, "counts": counts} for at, counts in progress.history],
    }
    if progress.due_at is None:
        del row["due_at"]  # the index of deadlines is sparse
    unit.put("progress", row)


def forget_in_progress(unit: Unit, programme_id: str, participants: Sequence[str]) -> None:
    """Forgets the ids of erased people; the published sums stay."""
    progress = find_progress(unit, programme_id)
    if progress is not None:
        progress.forget(participants)
        save_progress(unit, progress)


def sessions_held(rows: Rows, programme_id: str) -> Mapping[str, int]:
    """The number of sessions held by pair."""
    held: dict[str, int] = {}
    for row in find_all(rows, "sessions", {"programme": programme_id, "state": "held"}):
        held[row["pair"]] = held.get(row["pair"], 0) + 1
    return held


def progress_from(document: Document) -> Progress:
    """The progress from its stored form."""
    known = {one.name: document[one.name] for one in fields(Progress) if one.name in document}
    known["blocks"] = [Block(**block) for block in document["blocks"]]
    known["batches"] = [Batch(**batch) for batch in document["batches"]]
    known["history"] = [(point["at"], point["counts"]) for point in document["history"]]
    return Progress(programme=document["_id"], **known)
