"""Reads what this service holds of a person, for their export."""

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING

from chassis.http.auth import Actor
from chassis.mongo import Documents
from services.programmes.model.holdings import Holdings, Participation
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme
from services.programmes.store.pairs import pair_from
from services.programmes.store.participants import participant_from
from services.programmes.store.programmes import programme_from
from services.programmes.store.rows import find_all

BY_TIME = [("created_at", ASCENDING), ("_id", ASCENDING)]


def read_everything(database: Documents, actor: Actor) -> Holdings:
    """What is held of the caller as a participant, as an owner and as an organiser."""
    people = [participant_from(row) for row in database["participants"].find({"account": actor.id})]
    return Holdings(
        [one for person in people if (one := participation_of(database, person)) is not None],
        _programmes(database, {"owner": actor.id}),
        _programmes(database, {"organisers.account": actor.id}),
    )


def participation_of(database: Documents, participant: Participant) -> Participation | None:
    """A participant's data; of a pair only when it began and ended, and what the two wrote together."""
    row = database["programmes"].find_one({"_id": participant.programme})
    if row is None:
        return None
    mine = {"published": True, "$or": [{"mentor": participant.id}, {"mentee": participant.id}]}
    pairs = [pair_from(pair) for pair in find_all(database, "pairs", mine, BY_TIME)]
    return Participation(
        programme_from(row),
        participant,
        pairs,
        find_all(database, "sessions", {"pair": {"$in": [pair.id for pair in pairs]}}, [("starts_at", ASCENDING)]),
        find_all(database, "endings", {"by": participant.id}, [("at", ASCENDING)]),
        find_all(database, "contributions", {"by": participant.id}, BY_TIME),
    )


def _programmes(database: Documents, wanted: Mapping[str, Any]) -> list[Programme]:
    return [programme_from(row) for row in database["programmes"].find(wanted).sort(BY_TIME)]
