"""Events and deadlines in: what other services' news, and time, tell people.

Most handlers add to what is known of a project; `projects.save_project` makes the notifications that follow.
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


def know_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.registered, account.changed: the language in which the person is told."""
    people.learn_person(unit, event.subject, event.data, event.sequence)


def know_zone(event: Event, unit: Unit, _config: Any) -> None:
    """profile.changed: by whose clock a mentor who has named none is told."""
    people.learn_zone(unit, event.data["account"], event.data["timezone"], event.sequence)


def erase_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.erased: nothing of the person stays, and nobody tells them anything more."""
    people.erase_person(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="notify")])


def send_account_mail(event: Event, unit: Unit, _config: Any) -> None:
    """mail.requested: a mail of accounts, to be sent at once."""
    mail = account_mail(event.data["mail_id"], event.subject, event.data["kind"], event.time, unit.now)
    deliveries.add(unit, [mail])


def about_project(change: Callable[[Project, Event], None]) -> Handler:
    """A handler that adds to what is known of the event's project and tells whomever it concerns."""

    @wraps(change)
    def handler(event: Event, unit: Unit, _config: Any) -> None:
        project = projects.find_project(unit, event.subject)
        change(project, event)
        projects.save_project(unit, project, event.time)

    return handler


@about_project
def tell_waiting_news(project: Project, event: Event) -> None:
    """project.posted: the title; whatever came before it and had to wait is told now."""
    project.post(event.data)


@about_project
def follow_clients(project: Project, event: Event) -> None:
    """project.shared: who is told as the client from now on."""
    project.share(event.data["clients"], event.data["ended"])


@about_project
def tell_cancellation(project: Project, event: Event) -> None:
    """project.cancelled: every invited mentor, with the reason."""
    project.cancelled = event.data["reason"]


@about_project
def tell_chosen_mentor(project: Project, event: Event) -> None:
    """project.awarded: the mentor whose quote was accepted."""
    project.settle({event.data["account"]: "accepted"})


@about_project
def note_completion(project: Project, event: Event) -> None:
    """project.completed: nobody is told, both sides did it themselves; the project's end is known."""
    project.completed = True


@about_project
def tell_invited_mentors(project: Project, event: Event) -> None:
    """mentors.invited: each mentor of the wave."""
    project.invite([mentor["account"] for mentor in event.data["mentors"]], event.time)


@about_project
def tell_question(project: Project, event: Event) -> None:
    """question.asked: the client, who may answer."""
    project.ask(event.data["question_id"])


@about_project
def tell_answer(project: Project, event: Event) -> None:
    """question.answered: the mentors who are invited by then."""
    project.answer(event.data["question_id"], event.time)


@about_project
def leave_decliner_alone(project: Project, event: Event) -> None:
    """invitation.declined: no more of this project for that mentor."""
    project.decline(event.data["account"])


@about_project
def tell_quote_count(project: Project, event: Event) -> None:
    """quote.submitted: the client learns how many there are, and nothing else."""
    project.receive(event.data["account"], event.data["received"])


@about_project
def note_withdrawal(project: Project, event: Event) -> None:
    """quote.withdrawn: the mentor may quote again, and is reminded before the end."""
    project.withdraw(event.data["account"])


@about_project
def tell_refusal(project: Project, event: Event) -> None:
    """project.refused: every mentor who quoted, with the reason."""
    project.refused = event.data["reason"]


@about_project
def tell_expiry(project: Project, event: Event) -> None:
    """project.expired: the client and every mentor who quoted."""
    project.expired = True


@about_project
def move_reminder(project: Project, event: Event) -> None:
    """window.extended: the end is near once more, later."""
    project.extended_to = event.data["closes_at"]


@about_project
def tell_window_end(project: Project, event: Event) -> None:
    """window.closed: the client may read the quotes; the mentors who did not quote are told that it is over."""
    quoted = [quote["account"] for quote in event.data["quotes"]]
    project.end(event.data["reason"], quoted, event.data["closed_at"])


@about_project
def tell_outcomes(project: Project, event: Event) -> None:
    """quotes.settled: every mentor who quoted learns how it ended."""
    project.settle({quote["account"]: quote["outcome"] for quote in event.data["quotes"]})


def remind_people(unit: Unit, project_id: str, _config: Any) -> None:
    """The end of the window is near: the mentors who could still quote. Or the client has not chosen for days."""
    project = projects.find_project(unit, project_id)
    if project.due_at is not None and project.due_at <= unit.now:
        project.remind(unit.now)
        projects.save_project(unit, project, unit.now)


HANDLERS: Mapping[str, Handler] = {
    "account.registered": know_person,
    "account.changed": know_person,
    "account.erased": erase_person,
    "mail.requested": send_account_mail,
    "project.posted": tell_waiting_news,
    "project.shared": follow_clients,
    "project.cancelled": tell_cancellation,
    "project.refused": tell_refusal,
    "project.expired": tell_expiry,
    "project.awarded": tell_chosen_mentor,
    "project.completed": note_completion,
    "question.asked": tell_question,
    "question.answered": tell_answer,
    "mentors.invited": tell_invited_mentors,
    "profile.changed": know_zone,
    "invitation.declined": leave_decliner_alone,
    "quote.submitted": tell_quote_count,
    "quote.withdrawn": note_withdrawal,
    "window.extended": move_reminder,
    "window.closed": tell_window_end,
    "quotes.settled": tell_outcomes,
}
DEADLINES = (Deadline("projects", remind_people),)
