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
from services.projects.handlers.leaving import hand_over
from services.projects.model.leaks import MASK
from services.projects.model.leaving import ORDER_WITHIN, remove_mentor


def erase_person(event: Event, unit: Unit, _config: Config) -> None:
    """account.erased: erases identity, briefs, projects (client), questions and reviews (mentor), and reports.

    It is confirmed once nothing is left: an order that is still to be issued needs the client's identity.
    """
    account = event.subject
    store.settle_presence(unit, account)
    needed = erase_client(unit, account)
    erase_mentor(unit, account)
    store.erase_reports(unit, account)
    store.forget_domain(unit, account)
    store.forget_previews(unit, account)
    forget_answers(unit, account)
    if needed:
        store.hold_erasure(unit, account, needed, unit.now + ORDER_WITHIN)
    waits = store.find_held_erasure(unit, account) is not None
    confirm(unit, account, [] if waits else [ErasureDone(service="projects")])


def erase_client(unit: Unit, account: str) -> list[str]:
    """Removes the member; with the last one, deletes the organisation and ends its open projects, notifying mentors.

    Returns the ids of projects whose order still needs the client's identity.
    """
    organisation = store.organisation_of(unit, account)
    if organisation is None or hand_over(unit, account):
        return []
    store.settle_members(unit, organisation.id)
    projects, needed = store.projects_of_organisation(unit, organisation.id), []
    for project in projects:
        store.save_project(unit, project, project.abandon(unit.now))
        if project.chosen is None or project.order_lost or store.has_order(unit, project.id):
            store.empty_vault(unit, project.id)
        elif store.find_vault(unit, project.id) is not None:  # `issue_order` empties it
            needed.append(project.id)
    answered = {"project_id": {"$in": [project.id for project in projects]}, "answer": {"$ne": None}}
    nothing = {"answer": MASK, "confirmed": []}
    unit.collection("questions").update_many(answered, {"$set": nothing, "$inc": {"version": 1}})
    store.erase_wordings(unit, answered)
    store.delete_organisation(unit, organisation)
    store.forget_billing(unit, organisation.id)
    return needed


def erase_mentor(unit: Unit, account: str) -> None:
    """Erases the mentor's questions, reviews and billing details, and quotes that could still be chosen."""
    mine: Document = {"account": account}
    invited = [row["project_id"] for row in unit.collection("invitations").find(mine)]
    for project in store.projects_of_mentor(unit, account, invited):
        facts = remove_mentor(project, account)
        if facts is not None:
            store.save_project(unit, project, facts)
    store.erase_published(unit, account)
    unit.collection("questions").update_many(mine, {"$set": {"text": MASK, "account": ""}, "$inc": {"version": 1}})
    unit.collection("invitations").delete_many(mine)
    if store.find_organisation_by_id(unit, account) is None:  # before migration 2, its id was the first owner's
        store.forget_billing(unit, account)
