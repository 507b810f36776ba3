"""How often a person asks for previews, and what was answered of other organisations, in MongoDB; for a day at most.

A range is kept for a day for each description that an account asked about: asking again tells nothing new.
"""

from datetime import timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit, UnitOfWork
from services.projects.model.organisation import Organisation
from services.projects.model.preview import MOST_ASKED, MOST_COUNTED, range_of

A_MINUTE = 60
"""Previews that a person may have in a minute."""
INDEXES = {
    "previews": [IndexModel([("at", ASCENDING)], expireAfterSeconds=120), IndexModel([("account", ASCENDING)])],
    "fits": [
        IndexModel([("at", ASCENDING)], expireAfterSeconds=int(timedelta(days=1).total_seconds())),
        IndexModel([("account", ASCENDING)]),
    ],
}


def count_preview(work: UnitOfWork, actor: Actor) -> None:
    """Counts one more preview of this minute; raises ``rate-limited`` beyond `A_MINUTE`."""
    now = work.now()
    row = {"$inc": {"asked": 1}, "$setOnInsert": {"account": actor.id, "at": now}}
    this_minute = {"_id": f"{actor.id}:{now:%Y%m%dT%H%M}"}
    rows, after = work.database.previews, ReturnDocument.AFTER
    found = rows.find_one_and_update(this_minute, row, upsert=True, return_document=after) or {}
    if found.get("asked", 0) > A_MINUTE:
        raise Refusal("rate-limited", "Wait a moment before the next preview.", retry_after=60 - now.second)


def ranges(work: UnitOfWork, actor: Actor, organisation: Organisation) -> dict[str, str] | None:
    """How many registered organisations each wording of this one fits; None beyond `MOST_ASKED` a day."""
    size, sector = organisation.size, organisation.sector_shown
    place = {"_id": f"{actor.id}:{size}:{sector}"}
    known = work.database.fits.find_one(place)
    if known is None:
        if work.database.fits.count_documents({"account": actor.id}, limit=MOST_ASKED) >= MOST_ASKED:
            return None
        counted: Document = {"account": actor.id, "at": work.now(), "ranges": _counted(work.database, size, sector)}
        known = counted
        work.database.fits.update_one(place, {"$setOnInsert": counted}, upsert=True)
    return dict(known["ranges"])


def forget_previews(unit: Unit, account: str) -> None:
    """Deletes what is kept of a person's previews."""
    for name in INDEXES:
        unit.collection(name).delete_many({"account": account})


def _counted(database: Documents, size: str, sector: str) -> dict[str, str]:
    wanted: dict[str, Document] = {
        "both": {"size": size, "sector_shown": sector},
        "sector": {"sector_shown": sector},
        "size": {"size": size},
        "nothing": {},
    }
    return {
        shown: range_of(database.organisations.count_documents(these, limit=MOST_COUNTED))
        for shown, these in wanted.items()
    }
