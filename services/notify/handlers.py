"""Events and deadlines in: what other services' news, and time, tell people.

Every handler adds to what is known of a project; `store.save_project` makes the notifications that follow.
"""

from collections.abc import Mapping
from typing import Any

from chassis.erasure import confirm
from chassis.events import Event
from chassis.facts import Fact
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from services.notify import store


def know_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.registered, account.changed: the language in which the person is told."""
    store.learn_person(unit, event.subject, event.data, event.sequence)


def erase_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.erased: nothing of the person stays, and nobody tells them anything more."""
    store.erase_person(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [Fact("erasure.done", {"service": "notify"})])


def send_account_mail(event: Event, unit: Unit, _config: Any) -> None:
    """mail.requested: a mail of accounts, to be sent at once."""
    store.add_account_mail(unit, event.subject, event.data["mail_id"], event.data["kind"], event.time)


def tell_waiting_news(event: Event, unit: Unit, _config: Any) -> None:
    """project.posted: the title; whatever came before it and had to wait is told now."""
    project = store.find_project(unit, event.subject)
    project.post(event.data)
    store.save_project(unit, project, event.time)


def follow_clients(event: Event, unit: Unit, _config: Any) -> None:
    """project.shared: who is told as the client from now on."""
    project = store.find_project(unit, event.subject)
    project.share(event.data["clients"], event.data["ended"])
    store.save_project(unit, project, event.time)


def tell_cancellation(event: Event, unit: Unit, _config: Any) -> None:
    """project.cancelled: every invited mentor, with the reason."""
    project = store.find_project(unit, event.subject)
    project.cancelled = event.data["reason"]
    store.save_project(unit, project, event.time)


def tell_chosen_mentor(event: Event, unit: Unit, _config: Any) -> None:
    """project.awarded: the mentor whose quote was accepted."""
    project = store.find_project(unit, event.subject)
    project.settle({event.data["account"]: "accepted"})
    store.save_project(unit, project, event.time)


def note_completion(event: Event, unit: Unit, _config: Any) -> None:
    """project.completed: nobody is told, both sides did it themselves; the project's end is known."""
    project = store.find_project(unit, event.subject)
    project.completed = True
    store.save_project(unit, project, event.time)


def tell_invited_mentors(event: Event, unit: Unit, _config: Any) -> None:
    """mentors.invited: each mentor of the wave."""
    project = store.find_project(unit, event.subject)
    project.invite([mentor["account"] for mentor in event.data["mentors"]], event.time)
    store.save_project(unit, project, event.time)


def tell_question(event: Event, unit: Unit, _config: Any) -> None:
    """question.asked: the client, who may answer."""
    project = store.find_project(unit, event.subject)
    project.ask(event.data["question_id"])
    store.save_project(unit, project, event.time)


def tell_answer(event: Event, unit: Unit, _config: Any) -> None:
    """question.answered: the mentors who are invited by then."""
    project = store.find_project(unit, event.subject)
    project.answer(event.data["question_id"], event.time)
    store.save_project(unit, project, event.time)


def leave_decliner_alone(event: Event, unit: Unit, _config: Any) -> None:
    """invitation.declined: no more of this project for that mentor."""
    project = store.find_project(unit, event.subject)
    project.decline(event.data["account"])
    store.save_project(unit, project, event.time)


def tell_quote_count(event: Event, unit: Unit, _config: Any) -> None:
    """quote.submitted: the client learns how many there are, and nothing else."""
    project = store.find_project(unit, event.subject)
    project.receive(event.data["account"], event.data["received"])
    store.save_project(unit, project, event.time)


def note_withdrawal(event: Event, unit: Unit, _config: Any) -> None:
    """quote.withdrawn: the mentor may quote again, and is reminded before the end."""
    project = store.find_project(unit, event.subject)
    project.withdraw(event.data["account"])
    store.save_project(unit, project, event.time)


def tell_refusal(event: Event, unit: Unit, _config: Any) -> None:
    """project.refused: every mentor who quoted, with the reason."""
    project = store.find_project(unit, event.subject)
    project.refused = event.data["reason"]
    store.save_project(unit, project, event.time)


def tell_expiry(event: Event, unit: Unit, _config: Any) -> None:
    """project.expired: the client and every mentor who quoted."""
    project = store.find_project(unit, event.subject)
    project.expired = True
    store.save_project(unit, project, event.time)


def move_reminder(event: Event, unit: Unit, _config: Any) -> None:
    """window.extended: the end is near once more, later."""
    project = store.find_project(unit, event.subject)
    project.extended_to = event.data["closes_at"]
    store.save_project(unit, project, event.time)


def tell_window_end(event: Event, unit: Unit, _config: Any) -> None:
    """window.closed: the client may read the quotes; the mentors who did not quote are told that it is over."""
    project = store.find_project(unit, event.subject)
    quoted = [quote["account"] for quote in event.data["quotes"]]
    project.end(event.data["reason"], quoted, event.data["closed_at"])
    store.save_project(unit, project, event.time)


def tell_outcomes(event: Event, unit: Unit, _config: Any) -> None:
    """quotes.settled: every mentor who quoted learns how it ended."""
    project = store.find_project(unit, event.subject)
    project.settle({quote["account"]: quote["outcome"] for quote in event.data["quotes"]})
    store.save_project(unit, project, event.time)


def remind_people(unit: Unit, project_id: str, _config: Any) -> None:
    """The end of the window is near: the mentors who could still quote. Or the client has not chosen for days."""
    project = store.find_project(unit, project_id)
    if project.due_at is not None and project.due_at <= unit.now:
        project.remind(unit.now)
        store.save_project(unit, project, unit.now)


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
    "invitation.declined": leave_decliner_alone,
    "quote.submitted": tell_quote_count,
    "quote.withdrawn": note_withdrawal,
    "window.extended": move_reminder,
    "window.closed": tell_window_end,
    "quotes.settled": tell_outcomes,
}
DEADLINES = (Deadline("projects", remind_people),)
PUBLISHES = ("erasure.done",)
