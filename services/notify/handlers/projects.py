"""Handlers of events about projects: they update the projection of a project, and the notifications that follow."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from chassis.events import Event
from chassis.inbox import Handler
from chassis.unit import Unit
from services.notify.model.project import Project
from services.notify.model.sights import news, sights
from services.notify.store import projects


def about_project(change: Callable[[Project, Event], None]) -> Handler:
    """Makes a handler that applies ``change`` to the event's project and notifies the people concerned.

    The open streams of those for whom the change is news are told by the stored ``told``.
    """

    @wraps(change)
    def handler(event: Event, unit: Unit, _config: Any) -> None:
        project = projects.find_project(unit, event.subject)
        before = sights(project)
        change(project, event)
        project.told = news(before, sights(project))
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
    """project.cancelled: notifies the invited mentors, except those who declined, with the reason.

    Its client, who did it, is notified only if moderation did it.
    """
    project.cancel(event.data["reason"], event.data.get("by"), event.time)


@about_project
def notify_chosen_mentor(project: Project, event: Event) -> None:
    """project.awarded: notifies the mentor whose quote was accepted."""
    project.settle({event.data["account"]: "accepted"})


@about_project
def notify_reopening(project: Project, event: Event) -> None:
    """project.reopened: notifies the client, who may choose another quote if there is one."""
    project.reopen(event.data["account"], event.data["quotes"])


@about_project
def notify_completion(project: Project, event: Event) -> None:
    """project.completed: notifies the client, whose colleagues may not know, and the chosen mentor."""
    project.complete(event.time)


@about_project
def notify_reviews(project: Project, event: Event) -> None:
    """reviews.shown: notifies both sides, who can read them now."""
    project.show_reviews(event.data["reviews"])


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
    project.decline(event.data["account"], event.time)


@about_project
def record_claim(project: Project, event: Event) -> None:
    """slot.claimed: notifies no one; a reminder is due before the claim ends, and the slot may have been the last."""
    project.claim(event.data["account"], event.time, event.data["expires_at"])


@about_project
def record_release(project: Project, event: Event) -> None:
    """slot.released: notifies no one; a slot is free again."""
    project.release(event.data["account"], event.time)


@about_project
def notify_quote_count(project: Project, event: Event) -> None:
    """quote.submitted: notifies the client of the number of quotes, and of nothing else."""
    project.receive(event.data["account"], event.data["received"], event.time)


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
    """A project's deadline: reminds mentors who could still quote, or whose claim ends, or a client to choose."""
    project = projects.find_project(unit, project_id)
    if project.due_at is not None and project.due_at <= unit.now:
        project.remind(unit.now)
        project.told = []
        projects.save_project(unit, project, unit.now)
