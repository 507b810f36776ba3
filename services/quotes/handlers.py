"""Events and deadlines in: what other services' news, and time, do to rounds."""

from collections.abc import Mapping
from typing import Any

from chassis.consumer import Handler
from chassis.events import Event
from chassis.timers import Deadline
from chassis.unit import Unit
from services.quotes import store
from services.quotes.model import open_round


def open_posted_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.posted: five slots and a window. From here on it ends whatever else is down."""
    store.save_round(unit, open_round(event.subject, dict(event.data)), [])


def let_mentors_in(event: Event, unit: Unit, _config: Any) -> None:
    """mentors.invited: these mentors may claim and quote. The round may not be known yet."""
    store.add_invitations(unit, event.subject, event.data["mentors"])


def destroy_cancelled_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.cancelled: the window is over, the quotes are destroyed unopened."""
    round = store.find_round(unit, event.subject)
    if round is not None:
        facts = round.cancel(unit.now)
        store.save_round(unit, round, facts)
        store.settle_quotes(unit, facts)


def settle_awarded_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.awarded: one quote is accepted, the others are told that they are not."""
    round = store.find_round(unit, event.subject)
    if round is not None:
        facts = round.award(event.data["quote_id"])
        store.save_round(unit, round, facts)
        store.settle_quotes(unit, facts)


def pass_round_time(unit: Unit, project_id: str, _config: Any) -> None:
    """A round's deadline: claims end, the window is extended once or closed."""
    round = store.find_round(unit, project_id)
    if round is not None and round.due_at is not None and round.due_at <= unit.now:
        store.save_round(unit, round, round.pass_time(unit.now))


HANDLERS: Mapping[str, Handler] = {
    "project.posted": open_posted_round,
    "mentors.invited": let_mentors_in,
    "project.cancelled": destroy_cancelled_round,
    "project.awarded": settle_awarded_round,
}
DEADLINES = (Deadline("rounds", pass_round_time),)
PUBLISHES = (
    "slot.claimed",
    "slot.released",
    "quote.submitted",
    "quote.withdrawn",
    "window.extended",
    "window.closed",
    "quotes.settled",
)
