"""Handlers of other services' events and of deadlines.

Most handlers update the projection of a project; `projects.save_project` then adds the notifications that follow.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from chassis.erasure import confirm
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.notify.model.deliveries import account_mail
from services.notify.model.project import Project
from services.notify.store import deliveries, people, projects


def record_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.registered, account.changed: stores the person's role and language."""
    people.learn_person(unit, event.subject, event.data, event.sequence)


def record_zone(event: Event, unit: Unit, _config: Any) -> None:
    """profile.changed: stores the mentor's time zone, which counts unless the preferences name one."""
    people.learn_zone(unit, event.data["account"], event.data["timezone"], event.sequence)


def erase_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.erased: deletes the person's data; they get no more notifications."""
    people.erase_person(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="notify")])


def send_account_mail(event: Event, unit: Unit, _config: Any) -> None:
    """mail.requested: a mail of accounts, due now."""
    mail = account_mail(event.data["mail_id"], event.subject, event.data["kind"], event.time, unit.now)
    deliveries.add(unit, [mail])


def about_project(change: Callable[[Project, Event], None]) -> Handler:
    """Makes a handler that applies ``change`` to the event's project and notifies the people concerned."""

    @wraps(change)
    def handler(event: Event, unit: Unit, _config: Any) -> None:
        project = projects.find_project(unit, event.subject)
        change(project, event)
        projects.save_project(unit, project, event.time)

    return handler


@about_project
def record_posting(project: Project, event: Event) -> None:
    """project.posted: stores the title, and sends the notifications of earlier events that waited for it."""
    project.post(event.data)


@about_project
def update_clients(project: Project, event: Event) -> None:
    """project.shared: the accounts that are notified as the client from now on."""
    project.share(event.data["clients"], event.data["ended"])


@about_project
def notify_cancellation(project: Project, event: Event) -> None:
    """project.cancelled: notifies the invited mentors, except those who declined, with the reason."""
    project.cancelled = event.data["reason"]


@about_project
def notify_chosen_mentor(project: Project, event: Event) -> None:
    """project.awarded: notifies the mentor whose quote was accepted."""
    project.settle({event.data["account"]: "accepted"})


@about_project
def record_completion(project: Project, event: Event) -> None:
    """project.completed: notifies no one, because both sides confirmed it themselves."""
    project.completed = True


@about_project
def notify_invited_mentors(project: Project, event: Event) -> None:
    """mentors.invited: notifies each mentor of the wave."""
    project.invite([mentor["account"] for mentor in event.data["mentors"]], event.time)


@about_project
def notify_question(project: Project, event: Event) -> None:
    """question.asked: notifies the client, who may answer."""
    project.ask(event.data["question_id"])


@about_project
def notify_answer(project: Project, event: Event) -> None:
    """question.answered: notifies the mentors invited by then."""
    project.answer(event.data["question_id"], event.time)


@about_project
def record_decline(project: Project, event: Event) -> None:
    """invitation.declined: that mentor gets no more notifications of this project."""
    project.decline(event.data["account"])


@about_project
def notify_quote_count(project: Project, event: Event) -> None:
    """quote.submitted: notifies the client of the number of quotes, and of nothing else."""
    project.receive(event.data["account"], event.data["received"])


@about_project
def record_withdrawal(project: Project, event: Event) -> None:
    """quote.withdrawn: the mentor may quote again, and is reminded before the window ends."""
    project.withdraw(event.data["account"])


@about_project
def notify_refusal(project: Project, event: Event) -> None:
    """project.refused: notifies every mentor who quoted, with the reason."""
    project.refused = event.data["reason"]


@about_project
def notify_expiry(project: Project, event: Event) -> None:
    """project.expired: notifies the client and every mentor who quoted."""
    project.expired = True


@about_project
def postpone_reminder(project: Project, event: Event) -> None:
    """window.extended: moves the window's end, so that a second reminder is due before it."""
    project.extended_to = event.data["closes_at"]


@about_project
def notify_window_end(project: Project, event: Event) -> None:
    """window.closed: notifies the client, who may read the quotes, and the mentors who did not quote."""
    quoted = [quote["account"] for quote in event.data["quotes"]]
    project.end(event.data["reason"], quoted, event.data["closed_at"])


@about_project
def notify_outcomes(project: Project, event: Event) -> None:
    """quotes.settled: notifies every mentor who quoted of the outcome."""
    project.settle({quote["account"]: quote["outcome"] for quote in event.data["quotes"]})


def remind_people(unit: Unit, project_id: str, _config: Any) -> None:
    """A project's deadline: reminds the mentors who could still quote, or the client who has not chosen."""
    project = projects.find_project(unit, project_id)
    if project.due_at is not None and project.due_at <= unit.now:
        project.remind(unit.now)
        projects.save_project(unit, project, unit.now)


HANDLERS: Mapping[str, Handler] = {
    "account.registered": record_person,
    "account.changed": record_person,
    "account.erased": erase_person,
    "mail.requested": send_account_mail,
    "project.posted": record_posting,
    "project.shared": update_clients,
    "project.cancelled": notify_cancellation,
    "project.refused": notify_refusal,
    "project.expired": notify_expiry,
    "project.awarded": notify_chosen_mentor,
    "project.completed": record_completion,
    "question.asked": notify_question,
    "question.answered": notify_answer,
    "mentors.invited": notify_invited_mentors,
    "profile.changed": record_zone,
    "invitation.declined": record_decline,
    "quote.submitted": notify_quote_count,
    "quote.withdrawn": record_withdrawal,
    "window.extended": postpone_reminder,
    "window.closed": notify_window_end,
    "quotes.settled": notify_outcomes,
}
DEADLINES = (Deadline("projects", remind_people),)
