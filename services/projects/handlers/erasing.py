"""Erasing a person: what a client was and wrote, and what a mentor said, leaves; ids, times and orders stay.

An order is a commercial document of two parties, who keep it for ten years (article L123-22 of the French commercial
code): neither erases the other's. docs/privacy.md lists what stays where.
"""

from chassis.erasure import confirm
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.projects import store
from services.projects.config import Config
from services.projects.model.leaks import MASK


def erase_person(event: Event, unit: Unit, _config: Config) -> None:
    """account.erased: a client's identity, briefs and open projects; a mentor's questions and reviews; reports."""
    erase_client(unit, event.subject)
    erase_mentor(unit, event.subject)
    store.erase_reports(unit, event.subject)
    store.forget_domain(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="projects")])


def erase_client(unit: Unit, account: str) -> None:
    """The organisation loses a member; with its last it goes, and its open projects end, told to every mentor."""
    organisation = store.organisation_of(unit, account)
    if organisation is None:
        return
    if organisation.accounts != [account]:
        organisation.hand_over(account)
        organisation.due_at = unit.now
        store.save_organisation(unit, organisation)
        return
    store.settle_people(unit, organisation.id)
    projects = store.projects_of_organisation(unit, organisation.id)
    for project in projects:
        store.save_project(unit, project, project.abandon(unit.now))
        if project.chosen is None or store.has_order(unit, project.id):
            store.empty_vault(unit, project.id)  # else the order that is still to come holds it, and empties it
    answered = {"project_id": {"$in": [project.id for project in projects]}, "answer": {"$ne": None}}
    unit.collection("questions").update_many(answered, {"$set": {"answer": MASK}, "$inc": {"version": 1}})
    store.delete_organisation(unit, organisation)
    store.forget_billing(unit, organisation.id)


def erase_mentor(unit: Unit, account: str) -> None:
    """The mentor's questions, reviews and billing details go, and quotes that could still be chosen."""
    mine: Document = {"account": account}
    invited = [row["project_id"] for row in unit.collection("invitations").find(mine)]
    for project in store.projects_by_id(unit, invited):
        if project.lose(account):
            store.save_project(unit, project, [])
    unit.collection("questions").update_many(mine, {"$set": {"text": MASK, "account": ""}, "$inc": {"version": 1}})
    unit.collection("invitations").delete_many(mine)
    if store.find_organisation_by_id(unit, account) is None:  # one of before migration 2 has its first owner's id
        store.forget_billing(unit, account)
