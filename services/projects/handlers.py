"""Events in: what the round's news do to a project."""

from collections.abc import Mapping

from chassis.erasure import confirm, erased_of
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.projects import erasing, order_store, question_store, report_store, store
from services.projects.config import Config
from services.projects.membership import accounts_of
from services.projects.orders import issue

SHARED_AT_ONCE = 50


def follow_extension(event: Event, unit: Unit, _config: Config) -> None:
    """window.extended: the client has longer to wait."""
    project = store.find_project(unit, event.subject)
    if project is not None:
        store.save_project(unit, project, project.extend(event.data["closes_at"]))


def open_choice(event: Event, unit: Unit, config: Config) -> None:
    """window.closed: the client may choose among the quotes, or nothing came in."""
    project = store.find_project(unit, event.subject)
    if project is not None:
        data, period = event.data, config.choice_period
        gone = erased_of(unit, [quote["account"] for quote in data["quotes"]])
        quotes = [quote for quote in data["quotes"] if quote["account"] not in gone]
        store.save_project(unit, project, project.end_window(data["reason"], data["closed_at"], quotes, period))


def let_mentors_ask(event: Event, unit: Unit, _config: Config) -> None:
    """mentors.invited: these mentors may ask, and read what others asked."""
    accounts = [mentor["account"] for mentor in event.data["mentors"]]
    gone = erased_of(unit, accounts)
    question_store.add_invitations(unit, event.subject, [account for account in accounts if account not in gone])


def verify_organisation(event: Event, unit: Unit, config: Config) -> None:
    """account.verified: where the e-mail's domain is one of the organisation's, the organisation is verified."""
    store.confirm_domain(unit, event.subject, event.data["blind_domain"])
    organisation = unit.find("organisations", {"members.account": event.subject})
    if organisation is None or organisation["verified"]:
        return
    if store.is_verified(unit, organisation, config.blind_secret):
        store.save_organisation(unit, organisation | {"verified": True})


def erase_person(event: Event, unit: Unit, _config: Config) -> None:
    """account.erased: a client's identity, briefs and open projects; a mentor's questions and reviews; reports."""
    erasing.erase_client(unit, event.subject)
    erasing.erase_mentor(unit, event.subject)
    report_store.erase_reports(unit, event.subject)
    unit.collection("confirmations").delete_one({"_id": event.subject})
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="projects")])


def issue_order(event: Event, unit: Unit, _config: Config) -> None:
    """quote.accepted: the award's order, once, under the client's next number."""
    project, identity = store.find_project(unit, event.subject), store.find_vault(unit, event.subject)
    if project is None or identity is None or project.quote_id != event.data["quote_id"]:
        return
    if not order_store.has_order(unit, project.id):
        client = order_store.count_order(unit, project.organisation)
        mentor = order_store.count_order(unit, event.data["account"])
        billing = {"client": client["details"], "mentor": mentor["details"]}
        order_store.save_order(unit, issue(project, event.data, identity, client["orders"], billing, unit.now))
    if project.abandoned:
        store.empty_vault(unit, project.id)


def let_choice_lapse(unit: Unit, project_id: str, _config: Config) -> None:
    """A project's deadline: nobody chose in time."""
    project = store.find_project(unit, project_id)
    if project is not None:
        facts = project.pass_time(unit.now)
        if facts:
            store.save_project(unit, project, facts)


def share_projects(unit: Unit, organisation_id: str, _config: Config) -> None:
    """An organisation's deadline, due when its people change: its projects follow, some at a time."""
    organisation = store.find_organisation_by_id(unit, organisation_id)
    if organisation is None:
        return
    projects = store.unshared_projects(unit, organisation, SHARED_AT_ONCE)
    for project in projects:
        store.save_project(unit, project, project.share(accounts_of(organisation)))
    if len(projects) < SHARED_AT_ONCE:
        store.settle_people(unit, organisation_id)
        organisation.pop("due_at", None)
        store.save_organisation(unit, organisation)


HANDLERS: Mapping[str, Handler] = {
    "account.verified": verify_organisation,
    "account.erased": erase_person,
    "window.extended": follow_extension,
    "window.closed": open_choice,
    "quote.accepted": issue_order,
    "mentors.invited": let_mentors_ask,
}
DEADLINES = (Deadline("projects", let_choice_lapse), Deadline("organisations", share_projects))
