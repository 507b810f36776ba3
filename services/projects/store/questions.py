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


UNANSWERED: Document = {
    "$lookup": {
        "from": "questions",
        "localField": "_id",
        "foreignField": "project_id",
        "pipeline": [{"$match": {"answer": None}}, {"$count": "n"}],
        "as": "unanswered",
    }
}
"""The stage that adds the number of unanswered questions to projects: a list of one row with ``n``, or of none."""


def count_unanswered(database: Documents, project_id: str) -> int:
    """The number of a project's unanswered questions. The caller must have checked access."""
    return database.questions.count_documents({"project_id": project_id, "answer": None})


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
