"""A departure: may the person leave? And an award to somebody who has left."""

from chassis.erasure import confirm, is_erased
from chassis.events import Event
from chassis.unit import Unit
from contracts.facts import DepartureGranted, DepartureRefused
from services.projects import store
from services.projects.config import Config
from services.projects.model.leaving import reopen


def answer_departure(event: Event, unit: Unit, _config: Config) -> None:
    """departure.asked: refused while an award binds the person; granted otherwise, and then none can any more."""
    account, departure = event.subject, event.data["departure"]
    store.settle_presence(unit, account)
    organisation = store.organisation_of(unit, account)
    if organisation is not None:
        store.settle_members(unit, organisation.id)  # a colleague's acceptance or joining, too, comes before or after
    if not is_erased(unit, account) and store.is_bound(unit, account):
        store.answer_departure(unit, departure, DepartureRefused(account=account))
        return
    confirm(unit, account, [])
    hand_over(unit, account)
    store.answer_departure(unit, departure, DepartureGranted(account=account))


def hand_over(unit: Unit, account: str) -> bool:
    """Leaves the organisation to its other members; returns False if the account is its last one, or has none."""
    organisation = store.organisation_of(unit, account)
    if organisation is None or organisation.accounts == [account]:
        return False
    facts = organisation.hand_over(account)
    organisation.due_at = unit.now
    store.save_organisation(unit, organisation, facts)
    return True


def reopen_choice(event: Event, unit: Unit, config: Config) -> None:
    """quote.missing: the award is void, because the mentor has left; the client chooses again."""
    project = store.find_project(unit, event.subject)
    if project is None or store.has_order(unit, project.id):
        return
    store.save_project(unit, project, reopen(project, event.data["quote_id"], unit.now, config.choice_period))
    if project.order_lost and project.abandoned:
        store.empty_vault(unit, project.id)
        store.release_erasures(unit, project.id)


def stop_waiting(unit: Unit, account: str, _config: Config) -> None:
    """The deadline of an erasure that waits for orders: they are given up, so that the erasure has an end."""
    held = store.find_held_erasure(unit, account)
    if held is None or held["due_at"] > unit.now:
        return
    for project in store.projects_by_id(unit, held["projects"]):
        project.order_lost = True
        store.save_project(unit, project, [])
        store.empty_vault(unit, project.id)
        store.release_erasures(unit, project.id)
