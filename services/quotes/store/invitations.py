"""Invitations in MongoDB: which mentors may enter which round."""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

from chassis.unit import Unit

INDEXES = [IndexModel([("project_id", ASCENDING)]), IndexModel([("account", ASCENDING)])]


def close_to(unit: Unit, project_id: str, account: str) -> None:
    """Closes a round to a mentor who declined, be the round or the invitation known yet or not."""
    row = {"project_id": project_id, "account": account, "declined": True}
    unit.collection("invitations").update_one({"_id": invitation_id(project_id, account)}, {"$set": row}, upsert=True)


def add_invitations(unit: Unit, project_id: str, mentors: Sequence[Mapping[str, str]]) -> None:
    """Lets these mentors into the round; those who are in stay."""
    for mentor in mentors:
        row = {"project_id": project_id, "account": mentor["account"], "mentor_id": mentor["mentor_id"]}
        unit.collection("invitations").update_one(
            {"_id": invitation_id(project_id, mentor["account"])}, {"$set": row}, upsert=True
        )


def invitation_id(project_id: str, account: str) -> str:
    """The id of the row."""
    return f"{project_id}:{account}"
