"""Events in: what the round's news do to a project."""

from collections.abc import Mapping

from chassis.consumer import Handler
from chassis.events import Event
from chassis.timers import Deadline
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config
from services.projects.membership import accounts_of

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
        store.save_project(unit, project, project.end_window(data["reason"], data["closed_at"], data["quotes"], period))


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
        organisation.pop("due_at", None)
        store.save_organisation(unit, organisation)


HANDLERS: Mapping[str, Handler] = {
    "window.extended": follow_extension,
    "window.closed": open_choice,
}
DEADLINES = (Deadline("projects", let_choice_lapse), Deadline("organisations", share_projects))
PUBLISHES = (
    "project.posted",
    "project.shared",
    "project.cancelled",
    "project.refused",
    "project.awarded",
    "project.completed",
    "project.expired",
)
