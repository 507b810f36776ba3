"""Handlers of other services' events and of deadlines, which change shortlists."""

from collections.abc import Mapping

from chassis.erasure import confirm, erased_of, is_erased
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.inbox import Handler
from chassis.revocations import keep_revocation
from chassis.timers import Deadline
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.matching import store
from services.matching.config import Config
from services.matching.handlers import waves
from services.matching.model import CLAIMED, FREE, QUOTED, Shortlist


def invite_first_mentors(event: Event, unit: Unit, config: Config) -> None:
    """project.posted: ranks the mentors once and sends the first wave."""
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


def update_clients(event: Event, unit: Unit, _config: Config) -> None:
    """project.shared: from now on these accounts read the cards as the client, and no others."""
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.clients = list(event.data["clients"])
    _forget_without_clients(shortlist, unit)
    store.save_shortlist(unit, shortlist)


def record_registration(event: Event, unit: Unit, _config: Config) -> None:
    """account.registered: from now on a mentor's account has an age."""
    if event.data["role"] == "mentor" and not is_erased(unit, event.subject):
        store.record_registration(unit, event.subject, event.time)


def record_verification(event: Event, unit: Unit, _config: Config) -> None:
    """account.verified: a mentor's e-mail is verified."""
    store.record_verification(unit, event.subject)


def close_cancelled_shortlist(event: Event, unit: Unit, _config: Config) -> None:
    """project.cancelled: stops inviting, closes all open invitations and gives them back to the weekly counts."""
    store.give_back_invitations(unit, event.subject)
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.cancel()
    store.save_shortlist(unit, shortlist)


def record_suspension(event: Event, unit: Unit, _config: Config) -> None:
    """account.suspended: the mentor gets no more invitations."""
    store.set_suspended(unit, event.subject, True, event.sequence)


def record_reinstatement(event: Event, unit: Unit, _config: Config) -> None:
    """account.reinstated: the mentor gets invitations as before."""
    store.set_suspended(unit, event.subject, False, event.sequence)


def erase_person(event: Event, unit: Unit, _config: Config) -> None:
    """account.erased: removes a mentor from all lists; forgets a client whose accounts are all erased."""
    store.erase_person(unit, event.subject)
    store.forget_portrait(unit, event.subject)
    store.erase_answers(unit, event.subject)
    store.erase_from_decisions(unit, event.subject)
    store.erase_exposure(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="matching")])  # first: the loop counts it as erased
    for shortlist in store.shortlists_of(unit, event.subject):
        _forget_without_clients(shortlist, unit)
        store.save_shortlist(unit, shortlist)
    forget_answers(unit, event.subject)


def record_claim(event: Event, unit: Unit, _config: Config) -> None:
    """slot.claimed: one of the five slots is reserved."""
    _record(event, unit, CLAIMED)


def record_release(event: Event, unit: Unit, _config: Config) -> None:
    """slot.released: a claim ended without a quote."""
    _record(event, unit, FREE)


def record_quote(event: Event, unit: Unit, _config: Config) -> None:
    """quote.submitted: one of the five slots is filled."""
    _record(event, unit, QUOTED)


def record_withdrawal(event: Event, unit: Unit, _config: Config) -> None:
    """quote.withdrawn: a slot is free again."""
    _record(event, unit, FREE)


def extend_shortlist(event: Event, unit: Unit, _config: Config) -> None:
    """window.extended: waves continue until the new end."""
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.extend(event.data["closes_at"], unit.now)
    store.save_shortlist(unit, shortlist)


def close_shortlist(event: Event, unit: Unit, _config: Config) -> None:
    """window.closed: closes all open invitations; the client may read the cards of the mentors who quoted."""
    shortlist = store.find_shortlist(unit, event.subject)
    quoted = [quote["account"] for quote in event.data["quotes"]]
    first = not shortlist.over
    shortlist.close(event.data["reason"], quoted, event.sequence)
    if first and shortlist.client is not None:
        store.count_round(unit, shortlist)
    store.save_shortlist(unit, shortlist)


def send_due_wave(unit: Unit, project_id: str, config: Config) -> None:
    """A shortlist's deadline: sends the next wave if slots are empty."""
    shortlist = store.find_shortlist(unit, project_id)
    if shortlist.due_at is not None and shortlist.due_at <= unit.now:
        store.save_shortlist(unit, shortlist, waves.send(unit, shortlist, config))


def _forget_without_clients(shortlist: Shortlist, unit: Unit) -> None:
    """Forgets the client if all its accounts are erased; called on either event, as they arrive in any order."""
    if erased_of(unit, shortlist.clients) >= set(shortlist.clients):
        shortlist.forget()


def _record(event: Event, unit: Unit, state: str) -> None:
    shortlist = store.find_shortlist(unit, event.subject)
    shortlist.update_standing(event.data["account"], state, event.sequence)
    shortlist.note_time(event.data["account"], state, event.time)
    if state == FREE:
        shortlist.look_again(unit.now)
    store.save_shortlist(unit, shortlist)


HANDLERS: Mapping[str, Handler] = {
    "account.registered": record_registration,
    "account.verified": record_verification,
    "project.posted": invite_first_mentors,
    "project.shared": update_clients,
    "project.cancelled": close_cancelled_shortlist,
    "account.suspended": record_suspension,
    "account.reinstated": record_reinstatement,
    "account.erased": erase_person,
    "sessions.revoked": keep_revocation,
    "slot.claimed": record_claim,
    "slot.released": record_release,
    "quote.submitted": record_quote,
    "quote.withdrawn": record_withdrawal,
    "window.extended": extend_shortlist,
    "window.closed": close_shortlist,
}
DEADLINES = (Deadline("shortlists", send_due_wave, at_once=1),)  # concurrent waves would conflict on the same mentors
