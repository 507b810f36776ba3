"""Erases a person: a client's identity and texts, a mentor's texts. Ids, times and orders are kept.

An order is a commercial document that both parties keep for ten years (article L123-22 of the French commercial
code), so one party's erasure does not remove it for the other. docs/privacy.md lists what is kept where.
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
    """account.erased: erases identity, briefs, projects (client), questions and reviews (mentor), and reports."""
    erase_client(unit, event.subject)
    erase_mentor(unit, event.subject)
    store.erase_reports(unit, event.subject)
    store.forget_domain(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="projects")])


def erase_client(unit: Unit, account: str) -> None:
    """Removes the member; with the last one, deletes the organisation and ends its open projects, notifying mentors."""
    organisation = store.organisation_of(unit, account)
    if organisation is None:
        return
    if organisation.accounts != [account]:
        facts = organisation.hand_over(account)
        organisation.due_at = unit.now
        store.save_organisation(unit, organisation, facts)
        return
    store.settle_members(unit, organisation.id)
    projects = store.projects_of_organisation(unit, organisation.id)
    for project in projects:
        store.save_project(unit, project, project.abandon(unit.now))
        if project.chosen is None or store.has_order(unit, project.id):
            store.empty_vault(unit, project.id)  # otherwise the pending order still needs it, and empties it
    answered = {"project_id": {"$in": [project.id for project in projects]}, "answer": {"$ne": None}}
    unit.collection("questions").update_many(answered, {"$set": {"answer": MASK}, "$inc": {"version": 1}})
    store.erase_wordings(unit, answered)
    store.delete_organisation(unit, organisation)
    store.forget_billing(unit, organisation.id)


def erase_mentor(unit: Unit, account: str) -> None:
    """Erases the mentor's questions, reviews and billing details, and quotes that could still be chosen."""
    mine: Document = {"account": account}
    invited = [row["project_id"] for row in unit.collection("invitations").find(mine)]
    for project in store.projects_by_id(unit, invited):
        if project.remove_mentor(account):
            store.save_project(unit, project, [])
    store.erase_published(unit, account)
    unit.collection("questions").update_many(mine, {"$set": {"text": MASK, "account": ""}, "$inc": {"version": 1}})
    unit.collection("invitations").delete_many(mine)
    if store.find_organisation_by_id(unit, account) is None:  # before migration 2, its id was the first owner's
        store.forget_billing(unit, account)
