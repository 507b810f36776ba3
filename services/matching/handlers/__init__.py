"""Events and deadlines in: what other services' news, and time, do to shortlists."""

from collections.abc import Mapping

from chassis.erasure import confirm, erased_of
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.matching import store
from services.matching.config import Config
from services.matching.handlers import waves
from services.matching.model import CLAIMED, FREE, QUOTED, Shortlist


def invite_first_mentors(event: Event, unit: Unit, config: Config) -> None:
    """project.posted: the ranked list is drawn, once, and the first wave goes out."""
    shortlist = store.find_shortlist(unit, event.subject)
    if shortlist.client is not None:
        return
    shortlist.post(event.data, unit.now)
    _forget_without_clients(shortlist, unit)
    facts = []
    if shortlist.runs(unit.now):
        waves.rank_newcomers(unit, shortlist, config)
        facts = waves.send(unit, shortlist, config)
    store.save_shortlist(unit, shortlist, facts)


def follow_clients(event: Event, unit: Unit, _config: Config) -> None:
    """project.shared: these accounts, and no others, read the cards as the client."""
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.clients = list(event.data["clients"])
    _forget_without_clients(shortlist, unit)
    store.save_shortlist(unit, shortlist)


def close_cancelled_shortlist(event: Event, unit: Unit, _config: Config) -> None:
    """project.cancelled: nobody else is invited, no invitation stays open."""
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.cancel()
    store.save_shortlist(unit, shortlist)


def leave_suspended_alone(event: Event, unit: Unit, _config: Config) -> None:
    """account.suspended: no more invitations."""
    store.note_suspension(unit, event.subject, True, event.sequence)


def invite_reinstated_again(event: Event, unit: Unit, _config: Config) -> None:
    """account.reinstated: invitations as before."""
    store.note_suspension(unit, event.subject, False, event.sequence)


def erase_person(event: Event, unit: Unit, _config: Config) -> None:
    """account.erased: a mentor is on no list any more, a client's words are gone and nobody is invited for it."""
    store.erase_person(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="matching")])  # whoever is erased counts below
    for shortlist in store.shortlists_of(unit, event.subject):
        _forget_without_clients(shortlist, unit)
        store.save_shortlist(unit, shortlist)
    forget_answers(unit, event.subject)


def note_claim(event: Event, unit: Unit, _config: Config) -> None:
    """slot.claimed: one of the five is kept."""
    _note(event, unit, CLAIMED)


def note_release(event: Event, unit: Unit, _config: Config) -> None:
    """slot.released: a claim ended without a quote."""
    _note(event, unit, FREE)


def note_quote(event: Event, unit: Unit, _config: Config) -> None:
    """quote.submitted: one of the five is filled."""
    _note(event, unit, QUOTED)


def note_withdrawal(event: Event, unit: Unit, _config: Config) -> None:
    """quote.withdrawn: a slot is free again."""
    _note(event, unit, FREE)


def extend_shortlist(event: Event, unit: Unit, _config: Config) -> None:
    """window.extended: waves go on."""
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.extend(event.data["closes_at"], unit.now)
    store.save_shortlist(unit, shortlist)


def close_shortlist(event: Event, unit: Unit, _config: Config) -> None:
    """window.closed: no invitation stays open, and the client may read the cards of those who quoted."""
    shortlist = store.find_shortlist(unit, event.subject)
    quoted = [quote["account"] for quote in event.data["quotes"]]
    shortlist.close(event.data["reason"], quoted, event.sequence)
    store.save_shortlist(unit, shortlist)


def send_due_wave(unit: Unit, project_id: str, config: Config) -> None:
    """A shortlist's deadline: the next wave goes out while slots are empty."""
    shortlist = store.find_shortlist(unit, project_id)
    if shortlist.due_at is not None and shortlist.due_at <= unit.now:
        store.save_shortlist(unit, shortlist, waves.send(unit, shortlist, config))


def _forget_without_clients(shortlist: Shortlist, unit: Unit) -> None:
    """Where nobody acts for the client any more. News of who acts for it and of who is gone come in either order."""
    if erased_of(unit, shortlist.clients) >= set(shortlist.clients):
        shortlist.forget()


def _note(event: Event, unit: Unit, state: str) -> None:
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.hear(event.data["account"], state, event.sequence)
    store.save_shortlist(unit, shortlist)


HANDLERS: Mapping[str, Handler] = {
    "project.posted": invite_first_mentors,
    "project.shared": follow_clients,
    "project.cancelled": close_cancelled_shortlist,
    "account.suspended": leave_suspended_alone,
    "account.reinstated": invite_reinstated_again,
    "account.erased": erase_person,
    "slot.claimed": note_claim,
    "slot.released": note_release,
    "quote.submitted": note_quote,
    "quote.withdrawn": note_withdrawal,
    "window.extended": extend_shortlist,
    "window.closed": close_shortlist,
}
DEADLINES = (Deadline("shortlists", send_due_wave, at_once=1),)  # waves meet in the same mentors
