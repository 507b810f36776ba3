"""Events and deadlines in: what other services' news, and time, do to rounds."""

from collections.abc import Callable, Mapping
from typing import Any

from chassis.consumer import Handler
from chassis.events import Event
from chassis.facts import Fact
from chassis.timers import Deadline
from chassis.unit import Unit
from services.quotes import store
from services.quotes.model import Round, open_round


def open_posted_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.posted: five slots and a window. From here on it ends whatever else is down."""
    store.save_round(unit, open_round(event.subject, dict(event.data)), [])


def follow_clients(event: Event, unit: Unit, _config: Any) -> None:
    """project.shared: these accounts, and no others, read the round as its client."""
    round = store.find_round(unit, event.subject)
    if round is not None:
        round.clients = list(event.data["clients"])
        store.save_round(unit, round, [])


def let_mentors_in(event: Event, unit: Unit, _config: Any) -> None:
    """mentors.invited: these mentors may claim and quote. The round may not be known yet."""
    store.add_invitations(unit, event.subject, event.data["mentors"])


def destroy_cancelled_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.cancelled: the window is over, the quotes are destroyed unopened."""
    _settle(event, unit, lambda round: round.cancel(unit.now))


def settle_awarded_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.awarded: one quote is accepted, the others are told that they are not."""
    _settle(event, unit, lambda round: round.award(event.data["quote_id"]))


def settle_refused_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.refused: every quote is refused."""
    _settle(event, unit, lambda round: round.end_unchosen("refused"))


def settle_expired_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.expired: every quote lapses."""
    _settle(event, unit, lambda round: round.end_unchosen("lapsed"))


def pass_round_time(unit: Unit, project_id: str, _config: Any) -> None:
    """A round's deadline: claims end, the window is extended once or closed."""
    round = store.find_round(unit, project_id)
    if round is not None and round.due_at is not None and round.due_at <= unit.now:
        store.save_round(unit, round, round.pass_time(unit.now))


def _settle(event: Event, unit: Unit, outcome: Callable[[Round], list[Fact]]) -> None:
    round = store.find_round(unit, event.subject)
    if round is not None:
        facts = outcome(round)
        store.save_round(unit, round, facts)
        store.settle_quotes(unit, facts)


HANDLERS: Mapping[str, Handler] = {
    "project.posted": open_posted_round,
    "project.shared": follow_clients,
    "mentors.invited": let_mentors_in,
    "project.cancelled": destroy_cancelled_round,
    "project.awarded": settle_awarded_round,
    "project.refused": settle_refused_round,
    "project.expired": settle_expired_round,
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
