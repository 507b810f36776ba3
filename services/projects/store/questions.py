"""Questions and invitations in MongoDB. `store.projects` checks access to the project."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.leaks import MASK
from services.projects.model.questions import Question

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "invitations": [IndexModel([("account", ASCENDING)])],
    "questions": [
        IndexModel([("project_id", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("account", ASCENDING), ("project_id", ASCENDING)]),
    ],
}


def add_invitations(unit: Unit, project_id: str, accounts: Sequence[str]) -> None:
    """Lets these mentors ask and read, in addition to earlier ones. The project need not be known yet."""
    rows = {_invitation_id(project_id, account): {"project_id": project_id, "account": account} for account in accounts}
    changes = [UpdateOne({"_id": row_id}, {"$setOnInsert": row}, upsert=True) for row_id, row in rows.items()]
    if changes:
        unit.collection("invitations").bulk_write(changes)


def invitation(project_id: str, actor: Actor) -> Document:
    """The query for the actor's invitation to a project, in ``invitations``."""
    return {"_id": _invitation_id(project_id, actor.id)}


def my_questions(unit: Unit, project_id: str, actor: Actor) -> list[Question]:
    """The actor's questions about a project so far."""
    mine = {"account": actor.id, "project_id": project_id}
    return [_question(row) for row in unit.collection("questions").find(mine)]


def find_question(unit: Unit, project_id: str, question_id: str) -> Question:
    """A question about this project; raises ``not-found``. The caller must have checked access to the project."""
    row = unit.find("questions", {"_id": question_id, "project_id": project_id})
    if row is None:
        raise not_found()
    return _question(row)


def count_unanswered(database: Documents, projects: Sequence[str]) -> dict[str, int]:
    """The number of unanswered questions by project, of those that have any. The caller must have checked access."""
    open_ones = {"project_id": {"$in": list(projects)}, "answer": None}
    counted: list[Mapping[str, Any]] = [{"$match": open_ones}, {"$group": {"_id": "$project_id", "n": {"$sum": 1}}}]
    return {row["_id"]: row["n"] for row in database.questions.aggregate(counted)}


def save_question(unit: Unit, question: Question) -> None:
    """Stores a new or answered question; its events are stored with its project."""
    row = asdict(question)
    unit.put("questions", {"_id": row.pop("id"), **row})


def read_questions(
    database: Documents, project_id: str, query: Mapping[str, Any], mentor: Actor | None
) -> tuple[list[Question], str | None]:
    """One page of the questions about a project, newest first, and the next cursor: all, or those this mentor reads."""
    wanted: Document = {"project_id": project_id}
    if mentor is not None:
        wanted["$or"] = [{"account": mentor.id}, {"published": {"$type": "string"}}]
    found = page(database.questions, wanted, query, lambda row: row)
    return [_question(row) for row in found["items"]], found["next_cursor"]


def erase_wordings(unit: Unit, answered: Document) -> None:
    """Deletes the questions as a client reworded them, in these answered ones."""
    reworded = {**answered, "$expr": {"$ne": ["$published", "$text"]}, "published": {"$type": "string"}}
    unit.collection("questions").update_many(reworded, {"$set": {"published": MASK}})


def erase_published(unit: Unit, account: str) -> None:
    """Deletes a mentor's words from the questions that were published as asked."""
    as_asked = {"account": account, "$expr": {"$eq": ["$published", "$text"]}}
    unit.collection("questions").update_many(as_asked, {"$set": {"published": MASK}})


def everything_of(database: Documents, actor: Actor, project_ids: Sequence[str]) -> Document:
    """The caller's invitations and questions, and the questions answered in the caller's projects."""
    answered = {"project_id": {"$in": list(project_ids)}, "answer": {"$ne": None}}
    return {
        "invited_to": [row["project_id"] for row in database.invitations.find({"account": actor.id})],
        "questions": [_question(row) for row in database.questions.find({"account": actor.id})],
        "answers": [_question(row) for row in database.questions.find(answered)],
    }


def _invitation_id(project_id: str, account: str) -> str:
    return f"{project_id}:{account}"


def _question(row: Mapping[str, Any]) -> Question:
    return Question(row["_id"], **{field.name: row[field.name] for field in fields(Question) if field.name in row})
