"""Changes a project on its round's events and on its own deadline."""

from chassis.erasure import erased_of
from chassis.events import Event
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config


def follow_extension(event: Event, unit: Unit, _config: Config) -> None:
    """window.extended: moves the project's deadline."""
    project = store.find_project(unit, event.subject)
    if project is not None:
        store.save_project(unit, project, project.extend(event.data["closes_at"]))


def open_choice(event: Event, unit: Unit, config: Config) -> None:
    """window.closed: lets the client choose among the quotes, or ends a project that received none."""
    project = store.find_project(unit, event.subject)
    if project is not None:
        data, period = event.data, config.choice_period
        gone = erased_of(unit, [quote["account"] for quote in data["quotes"]])
        facts = project.end_window(data["reason"], data["closed_at"], data["quotes"], period, gone)
        store.save_project(unit, project, facts)


def let_mentors_ask(event: Event, unit: Unit, _config: Config) -> None:
    """mentors.invited: lets these mentors ask questions and read the others' questions."""
    accounts = [mentor["account"] for mentor in event.data["mentors"]]
    gone = erased_of(unit, accounts)
    store.add_invitations(unit, event.subject, [account for account in accounts if account not in gone])


def pass_time(unit: Unit, project_id: str, config: Config) -> None:
    """A project's deadline: the client did not choose in time, or only one side reviewed in time."""
    project = store.find_project(unit, project_id)
    if project is not None:
        due = project.due_at
        facts = project.pass_time(unit.now, config.review_period)
        if project.due_at != due:
            store.save_project(unit, project, facts)
