"""Events in: what the round's news do to a project."""

from collections.abc import Mapping

from chassis.consumer import Handler
from chassis.events import Event
from chassis.timers import Deadline
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config


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


HANDLERS: Mapping[str, Handler] = {
    "window.extended": follow_extension,
    "window.closed": open_choice,
}
DEADLINES = (Deadline("projects", let_choice_lapse),)
PUBLISHES = (
    "project.posted",
    "project.cancelled",
    "project.refused",
    "project.awarded",
    "project.completed",
    "project.expired",
)
