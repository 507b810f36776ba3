"""Handlers of other services' events and of the rounds' deadlines."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chassis.erasure import confirm, erased_of
from chassis.events import Event
from chassis.facts import Fact
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.quotes import store
from services.quotes.model import Round, accepted, open_round


def open_posted_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.posted: opens a round of five slots. It will close on time even if all other services are down."""
    store.save_round(unit, open_round(event.subject, dict(event.data)), [])


def follow_clients(event: Event, unit: Unit, _config: Any) -> None:
    """project.shared: sets the accounts that may read the round as its client."""
    round = store.find_round(unit, event.subject)
    if round is not None:
        round.clients = list(event.data["clients"])
        store.save_round(unit, round, [])


def let_mentors_in(event: Event, unit: Unit, _config: Any) -> None:
    """mentors.invited: lets these mentors claim and quote. The event may arrive before the round exists."""
    gone = erased_of(unit, [mentor["account"] for mentor in event.data["mentors"]])
    mentors = [mentor for mentor in event.data["mentors"] if mentor["account"] not in gone]
    store.add_invitations(unit, event.subject, mentors)


def close_to_decliner(event: Event, unit: Unit, _config: Any) -> None:
    """invitation.declined: releases the mentor's claim and closes the round to them.

    The round is written even if unchanged, so that a concurrent claim conflicts and one of the two is retried.
    """
    store.close_to(unit, event.subject, event.data["account"])
    round = store.find_round(unit, event.subject)
    if round is not None and round.open:
        store.save_round(unit, round, round.decline(event.data["account"]))


def destroy_cancelled_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.cancelled: closes the round and destroys the quotes unopened."""
    _settle(event, unit, lambda round: round.cancel(unit.now))


def settle_awarded_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.awarded: settles the quotes and publishes the accepted one's terms."""
    quote = store.find_quote(unit, event.data["quote_id"])

    def outcome(round: Round) -> list[Fact]:
        facts = round.award(event.data["quote_id"])
        return [*facts, accepted(quote)] if facts and quote else facts

    _settle(event, unit, outcome)


def settle_refused_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.refused: settles every quote as refused."""
    _settle(event, unit, lambda round: round.end_unchosen("refused"))


def settle_expired_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.expired: settles every quote as lapsed."""
    _settle(event, unit, lambda round: round.end_unchosen("lapsed"))


def erase_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.erased: deletes a mentor's quotes and claims and frees their slots. Clients have no data here."""
    for round in store.rounds_of(unit, event.subject):
        before = replace(round, slots=list(round.slots))
        facts = round.remove_mentor(event.subject, unit.now)
        # an open round is written even if unchanged: a concurrent quote then conflicts, and one of the two is retried
        if facts or round.open or round != before:
            store.save_round(unit, round, facts)
    store.erase_mentor(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="quotes")])


def pass_round_time(unit: Unit, project_id: str, _config: Any) -> None:
    """A round's deadline: expires claims, and extends the window (once) or closes it."""
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
    "invitation.declined": close_to_decliner,
    "project.cancelled": destroy_cancelled_round,
    "project.awarded": settle_awarded_round,
    "project.refused": settle_refused_round,
    "project.expired": settle_expired_round,
    "account.erased": erase_person,
}
DEADLINES = (Deadline("rounds", pass_round_time),)
