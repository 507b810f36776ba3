"""Handlers of other services' events and of the rounds' deadlines."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.erasure import confirm, erased_of
from chassis.events import Event
from chassis.facts import Fact
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.revocations import keep_revocation
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.facts import ErasureDone, QuoteMissing
from services.quotes import store
from services.quotes.config import Config
from services.quotes.model import Round, accepted, all_hashes, find_flags, open_round

BRIEF_KEPT = timedelta(days=1)
"""How long after the last possible end of a window its brief may still be compared with quotes."""


def open_posted_round(event: Event, unit: Unit, config: Config) -> None:
    """project.posted: opens a round of five slots. It will close on time even if all other services are down."""
    round = open_round(event.subject, dict(event.data))
    store.save_round(unit, round, [])
    hashes = sorted(all_hashes(event.data["brief"], config.sketch_secret))
    store.save_brief(unit, round.id, hashes, round.closes_at + round.window + BRIEF_KEPT)


def follow_clients(event: Event, unit: Unit, _config: Any) -> None:
    """project.shared: sets the accounts that may read the round as its client."""
    round = store.find_round(unit, event.subject)
    if round is not None:
        round.follow_clients(event.data["clients"])
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
    store.drop_draft(unit, event.subject, event.data["account"])
    round = store.find_round(unit, event.subject)
    if round is not None and round.open:
        store.save_round(unit, round, round.decline(event.data["account"]))


def destroy_cancelled_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.cancelled: closes the round and destroys the quotes unopened."""
    _settle(event, unit, lambda round: round.cancel(unit.now))


def settle_awarded_round(event: Event, unit: Unit, _config: Any) -> None:
    """project.awarded: settles the quotes and publishes the accepted one's terms.

    If the quote is gone with its mentor, nothing is settled: the client chooses again.
    """
    quote_id = event.data["quote_id"]
    quote = store.find_quote(unit, quote_id)

    def outcome(round: Round) -> list[Fact]:
        if quote is None or quote.terms is None or quote.receipt is None or not round.offers(quote_id):
            return [] if round.settled else [QuoteMissing(quote_id=quote_id)]
        facts = round.award(quote_id)
        return [*facts, accepted(quote)] if facts else []

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


def flag_quote(unit: Unit, quote_id: str, config: Config) -> None:
    """A sketch's deadline, due at once: compares the quote with others and with the brief, and flags it for operators.

    It runs after the commit, so that of two copies handed in concurrently the later one finds the other.
    """
    sketched = store.find_sketch(unit, quote_id)
    if sketched is not None and sketched.due_at is not None and sketched.due_at <= unit.now:
        others = store.similar_sketches(unit, sketched)
        flags = find_flags(sketched, others, store.brief_hashes(unit, sketched.project_id))
        store.settle_sketch(unit, sketched, flags, config.sketches_kept)


def _settle(event: Event, unit: Unit, outcome: Callable[[Round], list[Fact]]) -> None:
    round = store.find_round(unit, event.subject)
    if round is not None:
        if "reason" in event.data and not round.settled:
            round.ended_by, round.ended_for = event.data.get("by"), event.data["reason"]
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
    "sessions.revoked": keep_revocation,
}
DEADLINES = (Deadline("rounds", pass_round_time), Deadline("sketches", flag_quote, at_once=1))
