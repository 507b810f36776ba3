"""Erasing a person: what a client was and wrote, and what a mentor said, leaves; ids, times and orders stay.

An order is a commercial document of two parties, who keep it for ten years (article L123-22 of the French commercial
code): neither erases the other's. docs/privacy.md lists what stays where.
"""

from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.leaks import MASK
from services.projects.membership import accounts_of, hand_over


def erase_client(unit: Unit, account: str) -> None:
    """The organisation loses a member; with its last it goes, and its open projects end, told to every mentor."""
    organisation = unit.find("organisations", {"members.account": account})
    if organisation is None:
        return
    if accounts_of(organisation) != [account]:
        hand_over(organisation, account)
        store.save_organisation(unit, organisation | {"due_at": unit.now})
        return
    for project in store.projects_of_organisation(unit, organisation["_id"]):
        store.save_project(unit, project, project.abandon(unit.now))
        unit.collection("vault").delete_one({"_id": project.id}, session=unit.session)
    for name in ("organisations", "billing"):
        unit.collection(name).delete_one({"_id": organisation["_id"]}, session=unit.session)


def erase_mentor(unit: Unit, account: str) -> None:
    """The mentor's questions, reviews and billing details go, and quotes that could still be chosen."""
    mine: Document = {"account": account}
    invited = [row["project_id"] for row in unit.collection("invitations").find(mine, session=unit.session)]
    for project in store.projects_by_id(unit, invited):
        if project.lose(account):
            store.save_project(unit, project, [])
    unit.collection("questions").update_many(
        mine, {"$set": {"text": MASK, "account": ""}, "$inc": {"version": 1}}, session=unit.session
    )
    unit.collection("invitations").delete_many(mine, session=unit.session)
    unit.collection("billing").delete_one({"_id": account}, session=unit.session)
