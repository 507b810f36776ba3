"""Challenges and their teams in MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateMany

from chassis.facts import not_found
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.programmes.model.challenges import Challenge, Milestone
from services.programmes.model.teamwork import Team, Teamwork
from services.programmes.store.rows import Rows, find_all, find_one

BY_NAME = [("challenge", ASCENDING), ("name", ASCENDING), ("_id", ASCENDING)]
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "challenges": [IndexModel([("programme", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)])],
    "teams": [
        IndexModel([("programme", ASCENDING), *BY_NAME]),
        IndexModel([("members", ASCENDING)]),
    ],
    "teamworks": [IndexModel([("left_out.participant", ASCENDING)])],
}


def find_challenge(rows: Rows, programme_id: str, challenge_id: str) -> Challenge:
    """A challenge of a programme; raises ``not-found``."""
    row = find_one(rows, "challenges", {"_id": challenge_id, "programme": programme_id})
    if row is None:
        raise not_found()
    return challenge_from(row)


def challenges_of(rows: Rows, programme_id: str) -> list[Challenge]:
    """A programme's challenges, the oldest first."""
    oldest = [("created_at", ASCENDING), ("_id", ASCENDING)]
    return [challenge_from(row) for row in find_all(rows, "challenges", {"programme": programme_id}, oldest)]


def read_challenges(database: Documents, programme_id: str, query: Mapping[str, Any], view: Any) -> Document:
    """One page of a programme's challenges, the oldest first."""
    wanted = {"programme": programme_id}
    return page(database["challenges"], wanted, query, lambda row: view(challenge_from(row)), ascending=True)


def save_challenge(unit: Unit, challenge: Challenge) -> None:
    """Stores a challenge."""
    unit.put("challenges", challenge_document(challenge))


def delete_challenge(unit: Unit, challenge: Challenge) -> None:
    """Deletes a challenge, and the wishes for it."""
    unit.collection("challenges").delete_one({"_id": challenge.id})
    wished = {"programme": challenge.programme, "wished_challenge": challenge.id}
    unit.collection("participants").update_many(wished, {"$set": {"wished_challenge": None}, "$inc": {"version": 1}})


def teamwork_of(rows: Rows, programme_id: str) -> Teamwork | None:
    """A programme's teams, by challenge and name, or None before the first proposal."""
    row = find_one(rows, "teamworks", {"_id": programme_id})
    if row is None:
        return None
    teams = [team_from(one) for one in find_all(rows, "teams", {"programme": programme_id}, BY_NAME)]
    return Teamwork(tuple(teams), tuple(row["left_out"]), row["aims"])


def replace_teamwork(unit: Unit, programme_id: str, work: Teamwork) -> None:
    """Stores the programme's teams instead of those before."""
    forget_teamwork(unit, programme_id)
    if work.teams:
        unit.collection("teams").insert_many([team_document(team) for team in work.teams])
    row = {"_id": programme_id, "left_out": [dict(one) for one in work.left_out], "aims": dict(work.aims)}
    unit.collection("teamworks").insert_one(row)


def forget_teamwork(unit: Unit, programme_id: str) -> None:
    """Deletes a programme's teams, because its people changed before the publication, or all its data go."""
    unit.collection("teams").delete_many({"programme": programme_id})
    unit.collection("teamworks").delete_one({"_id": programme_id})


def publish_teams(unit: Unit, programme_id: str, work: Teamwork) -> None:
    """Publishes the teams, and tells each member's row which one is theirs."""
    unit.collection("teams").update_many({"programme": programme_id}, {"$set": {"published": True}})
    writes: list[Any] = [
        UpdateMany(
            {"_id": {"$in": list(team.members)}},
            {"$set": {"challenge": team.challenge, "team_id": team.id}, "$inc": {"version": 1}},
        )
        for team in work.teams
    ]
    if writes:
        unit.collection("participants").bulk_write(writes)


def team_of(rows: Rows, programme_id: str, participant: str) -> Team | None:
    """The published team of a participant, or None."""
    row = find_one(rows, "teams", {"programme": programme_id, "members": participant, "published": True})
    return team_from(row) if row else None


def find_team(rows: Rows, team_id: str) -> Team | None:
    """A team, or None."""
    row = find_one(rows, "teams", {"_id": team_id})
    return team_from(row) if row else None


def leave_teams(unit: Unit, participants: Sequence[str]) -> None:
    """Removes people whose data are erased from their teams."""
    gone = {"$in": list(participants)}
    unit.collection("teams").update_many({"members": gone}, {"$pull": {"members": gone}})
    unit.collection("teamworks").update_many(
        {"left_out.participant": gone}, {"$pull": {"left_out": {"participant": gone}}}
    )


def challenge_document(challenge: Challenge) -> Document:
    """The stored form of a challenge."""
    row = asdict(challenge)
    return {"_id": row.pop("id"), **row}


def challenge_from(document: Document) -> Challenge:
    """The challenge from its stored form."""
    known = {one.name: document[one.name] for one in fields(Challenge) if one.name in document}
    known["milestones"] = [Milestone(**one) for one in document["milestones"]]
    return Challenge(id=document["_id"], **known)


def team_document(team: Team) -> Document:
    """The stored form of a team."""
    row = asdict(team)
    return {"_id": row.pop("id"), **row, "members": list(team.members)}


def team_from(document: Document) -> Team:
    """The team from its stored form."""
    known = {one.name: document[one.name] for one in fields(Team) if one.name in document}
    return Team(id=document["_id"], **{**known, "members": tuple(document["members"])})
