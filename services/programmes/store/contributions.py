"""Contributions and their pictures in MongoDB. Texts, links and pictures may tell of people: they are deleted whole."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from pymongo import ASCENDING, IndexModel

from chassis.facts import not_found
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.programmes.model.contributions import Contribution
from services.programmes.model.pictures import Picture
from services.programmes.store.rows import Rows, find_all, find_one

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "contributions": [
        IndexModel([("challenge", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("team", ASCENDING)]),
        IndexModel([("by", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("programme", ASCENDING)]),
    ],
    "pictures": [IndexModel([("programme", ASCENDING)])],
}
OLDEST = [("created_at", ASCENDING), ("_id", ASCENDING)]


def add_contribution(unit: Unit, contribution: Contribution, picture: Picture | None) -> None:
    """Stores a contribution with its picture."""
    row = asdict(contribution)
    unit.collection("contributions").insert_one({"_id": row.pop("id"), **row})
    if picture is not None:
        held = {"_id": contribution.id, "programme": contribution.programme, "content": picture.content}
        unit.collection("pictures").insert_one(held)


def find_contribution(rows: Rows, programme_id: str, challenge_id: str, contribution_id: str) -> Contribution:
    """A contribution to a challenge of the programme; raises ``not-found``."""
    wanted = {"_id": contribution_id, "challenge": challenge_id, "programme": programme_id}
    row = find_one(rows, "contributions", wanted)
    if row is None:
        raise not_found()
    return contribution_from(row)


def contributions_to(rows: Rows, challenge_id: str) -> list[Contribution]:
    """The contributions to a challenge, the oldest first."""
    return [contribution_from(row) for row in find_all(rows, "contributions", {"challenge": challenge_id}, OLDEST)]


def contributions_held(unit: Unit, team_id: str) -> int:
    """How many contributions a team has."""
    return unit.collection("contributions").count_documents({"team": team_id})


def milestones_in_use(unit: Unit, challenge_id: str) -> list[str]:
    """The milestones of a challenge that have contributions."""
    return [one for one in unit.collection("contributions").distinct("milestone", {"challenge": challenge_id}) if one]


def read_picture(database: Documents, contribution: Contribution) -> bytes:
    """The bytes of a contribution's picture; raises ``not-found`` if it is none."""
    row = database["pictures"].find_one({"_id": contribution.id})
    if row is None:
        raise not_found()
    return bytes(row["content"])


def delete_contribution(unit: Unit, contribution: Contribution) -> None:
    """Deletes a contribution and its picture."""
    _delete(unit, {"_id": contribution.id})


def erase_contributions(unit: Unit, participants: Sequence[str]) -> None:
    """Deletes what people contributed whose data are erased."""
    _delete(unit, {"by": {"$in": list(participants)}})


def _delete(unit: Unit, wanted: Document) -> None:
    ids = [row["_id"] for row in unit.collection("contributions").find(wanted, {"_id": 1})]
    unit.collection("contributions").delete_many({"_id": {"$in": ids}})
    unit.collection("pictures").delete_many({"_id": {"$in": ids}})


def contribution_from(document: Document) -> Contribution:
    """The contribution from its stored form."""
    known = {one.name: document[one.name] for one in fields(Contribution) if one.name in document}
    return Contribution(id=document["_id"], **known)
