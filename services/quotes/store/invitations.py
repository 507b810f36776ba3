"""Invitations in MongoDB: which mentors may take part in which round."""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

from chassis.unit import Unit

INDEXES = [
    IndexModel([("project_id", ASCENDING)]),
    IndexModel([("account", ASCENDING), ("_id", ASCENDING)]),
]


def close_to(unit: Unit, project_id: str, account: str) -> None:
    """Closes a round to a mentor who declined; neither the round nor the invitation need be known yet."""
    row = {"project_id": project_id, "account": account, "declined": True}
    unit.collection("invitations").update_one({"_id": invitation_id(project_id, account)}, {"$set": row}, upsert=True)


def add_invitations(unit: Unit, project_id: str, mentors: Sequence[Mapping[str, str]]) -> None:
    """Invites these mentors to the round, in addition to earlier ones."""
    for mentor in mentors:
        row = {"project_id": project_id, "account": mentor["account"], "mentor_id": mentor["mentor_id"]}
        unit.collection("invitations").update_one(
            {"_id": invitation_id(project_id, mentor["account"])}, {"$set": row}, upsert=True
        )


def invitation_id(project_id: str, account: str) -> str:
    """The id of an invitation's row."""
    return f"{project_id}:{account}"
