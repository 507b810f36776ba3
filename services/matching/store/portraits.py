"""Portraits of mentors and needs of projects in MongoDB, and the shelf that a worker keeps of them in memory.

A portrait belongs to the texts of one profile: it is found again by a digest of them, of the encoder and of the rules.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from pymongo import ASCENDING, ReplaceOne
from pymongo.collection import Collection as Anywhere

from chassis import guards
from chassis.collection import Collection as Bound
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.fit.encoder import Encoder
from contracts.fit.kept import asked_data, asked_of, edition, portrait_data, portrait_of
from contracts.fit.portraits import Asked, Portrait, paint
from contracts.fit.thesaurus import thesaurus
from services.matching.model import Profile, Shelf, texts_of, traits_of
from services.matching.store.profiles import profile_from

Collection = Bound | Anywhere[Document]
OVERLAP = timedelta(minutes=1)
"""The longest that a transaction lasts: a profile may be stored this long after the times in it."""
BATCH = 500
GUARD = "portraits"
_ONE_AT_A_TIME = threading.Lock()


def catch_up(
    shelf: Shelf, profiles: Collection, portraits: Collection, encoder: Encoder, now: datetime, within_s: float
) -> int:
    """Puts profiles written since the last call on the shelf; returns how many of those are not on it yet.

    It paints portraits that are not stored; `Shelf.take_new` returns them. It ends after ``within_s`` seconds, even if
    another thread has the shelf in hand all that time.
    """
    thesaurus()  # takes a second once, which is nobody's share
    deadline, left = time.monotonic() + within_s, 0
    if not _ONE_AT_A_TIME.acquire(timeout=within_s):
        return 0
    try:
        for batch in _changed(shelf, profiles):
            left += _put(shelf, batch, portraits, encoder, deadline)
            if not left:
                shelf.seen = batch[-1].written_at
        if not left:
            shelf.seen = now
    finally:
        _ONE_AT_A_TIME.release()
    return left


def keep_portraits(unit: Unit, new: Sequence[tuple[str, str, Portrait]]) -> None:
    """Stores new portraits, each with its mentor and digest; not of somebody erased meanwhile."""
    guards.passing(unit, GUARD)
    theirs = {"_id": {"$in": [mentor for mentor, _, _ in new]}}
    there = {row["_id"] for row in unit.collection("profiles").find(theirs, {"_id": 1})}
    rows = [_row(mentor, digest, portrait) for mentor, digest, portrait in new if mentor in there]
    if rows:
        unit.collection("portraits").bulk_write([ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows])


def forget_portrait(unit: Unit, account: str) -> None:
    """Deletes a mentor's portrait; a worker that has just painted it stores it no more."""
    guards.closing(unit, GUARD)
    unit.collection("portraits").delete_one({"_id": account})


def forget_missing(database: Documents, shelf: Shelf) -> None:
    """Takes from the shelf whoever has no profile any more."""
    there = {row["_id"] for row in database.profiles.find({}, {"_id": 1})}
    with _ONE_AT_A_TIME:
        for mentor in shelf.mentors():
            if mentor not in there:
                shelf.drop(mentor)


def keep_asked(unit: Unit, project_id: str, asked: Asked, encoder: Encoder) -> None:
    """Stores what a project asks for, until its round is over."""
    row = {"_id": project_id, "edition": edition(encoder.name), **asked_data(asked)}
    unit.collection("needs").replace_one({"_id": project_id}, row, upsert=True)


def find_asked(unit: Unit, project_id: str, encoder: Encoder) -> Asked | None:
    """What the project asks for, if it is stored as this encoder and these rules see it."""
    row = unit.find("needs", {"_id": project_id, "edition": edition(encoder.name)})
    return asked_of(row) if row else None


def digest_of(profile: Profile, encoder: Encoder) -> str:
    """Changes with whatever the portrait depends on."""
    parts = (edition(encoder.name), *sorted(profile.skills), *texts_of(profile))
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _changed(shelf: Shelf, profiles: Collection) -> Iterator[list[Profile]]:
    """The profiles that the shelf has in another version or not at all, in batches, as they were written."""
    written = {"written_at": {"$gte": shelf.seen - OVERLAP}} if shelf.seen else {}
    rows = profiles.find(written, {"version": 1}).sort("written_at", ASCENDING)
    changed = [row["_id"] for row in rows if shelf.version(row["_id"]) != row["version"]]
    for first in range(0, len(changed), BATCH):
        batch = profiles.find({"_id": {"$in": changed[first : first + BATCH]}}).sort("written_at", ASCENDING)
        if found := [profile_from(row) for row in batch]:
            yield found


def _put(shelf: Shelf, batch: Sequence[Profile], portraits: Collection, encoder: Encoder, deadline: float) -> int:
    """Puts a batch on the shelf; returns how many there was no time to paint."""
    digests = {one.account: digest_of(one, encoder) for one in batch}
    missing = [account for account, digest in digests.items() if shelf.digest(account) != digest]
    stored = {row["_id"]: row for row in portraits.find({"_id": {"$in": missing}})} if missing else {}
    left = 0
    for one in batch:
        digest, row = digests[one.account], stored.get(one.account)
        if shelf.digest(one.account) == digest:
            shelf.change(one.account, traits_of(one), one.version)
        elif row and row["digest"] == digest:
            shelf.put(one.account, digest, portrait_of(row), traits_of(one), one.version)
        elif time.monotonic() < deadline:
            portrait = portrait_of(portrait_data(paint(one.skills, texts_of(one), encoder)))
            shelf.put(one.account, digest, portrait, traits_of(one), one.version, new=True)
        else:
            left += 1
    return left


def _row(mentor: str, digest: str, portrait: Portrait) -> Document:
    return {"_id": mentor, "digest": digest, **portrait_data(portrait)}
