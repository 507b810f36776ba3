"""Verifies organisations by e-mail domain and keeps their projects' members current."""

from chassis.events import Event
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config

SHARED_AT_ONCE = 50


def verify_organisation(event: Event, unit: Unit, config: Config) -> None:
    """account.verified: the organisation is verified if a member's e-mail is at one of its domains.

    A person may change to an e-mail at another domain, which counts instead.
    """
    store.confirm_domain(unit, event.subject, event.data["blind_domain"])
    organisation = store.organisation_of(unit, event.subject)
    if organisation is None:
        return
    verified = organisation.is_verified_by(store.confirmed_domains(unit, organisation), config.blind_secret)
    if organisation.verified != verified:
        organisation.verified = verified
        store.save_organisation(unit, organisation)


def share_projects(unit: Unit, organisation_id: str, _config: Config) -> None:
    """An organisation's deadline, due when its members change: updates its projects, in batches."""
    organisation = store.find_organisation_by_id(unit, organisation_id)
    if organisation is None:
        return
    projects = store.unshared_projects(unit, organisation, SHARED_AT_ONCE)
    for project in projects:
        store.save_project(unit, project, project.share(organisation.accounts))
    if len(projects) < SHARED_AT_ONCE:
        store.settle_members(unit, organisation_id)
        organisation.due_at = None
        store.save_organisation(unit, organisation)
