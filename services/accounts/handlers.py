"""Handlers of events and deadlines: departures, confirmed erasures, and the rotation of signing keys."""

from collections.abc import Mapping

from chassis.events import Event
from chassis.ids import new_id
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.tokens import new_key
from services.accounts.commands import departures, mails
from services.accounts.config import Config
from services.accounts.model import ERASED, ERASURE_ASKED, ERASURE_INCOMPLETE, ERASURE_REFUSED, KEPT, Account


def ask_projects(unit: Unit, account_id: str, _config: Config) -> None:
    """A departure's deadline: nobody can stop it any more, and projects decides whether the account may be erased."""
    departure, account = store.find_departure(unit, account_id), store.account_by_id(unit, account_id)
    if departure is None or departure.due_at is None or departure.due_at > unit.now:
        return
    if account is None:
        store.remove_departure(unit, account_id)
        return
    asked, facts = departure.ask()
    store.save_departure(unit, asked)
    store.drop_links(unit, account_id, ERASURE_ASKED)
    store.save_account(unit, account, facts)


def erase_account(event: Event, unit: Unit, config: Config) -> None:
    """departure.granted: erases the account here, and asks every other service to."""
    account = _departing(event, unit)
    if account is not None:
        departures.erase(unit, account, config)


def keep_account(event: Event, unit: Unit, _config: Config) -> None:
    """departure.refused: an award binds the person, who is told and stays."""
    account = _departing(event, unit)
    departure = store.find_departure(unit, account.id) if account else None
    if account is None or departure is None:
        return
    if departure.insists:
        store.save_departure(unit, departure.postpone(new_id(), unit.now))
        return
    store.remove_departure(unit, account.id)
    store.save_account(unit, account, [mails.request(unit, account.id, ERASURE_REFUSED, KEPT)])


def record_erasure(event: Event, unit: Unit, _config: Config) -> None:
    """erasure.done: a service has deleted the person's data; with the last one the receipt is requested."""
    erasure = store.find_erasure(unit, event.subject)
    if erasure is None or event.data["service"] in erasure.done:
        return
    updated = erasure.confirm(event.data["service"], unit.now)
    facts = []
    if updated.completed_at is not None and updated.to is not None:
        facts.append(mails.request(unit, updated.account, ERASED, KEPT, updated.to))
        updated = updated.without_address()
    store.save_erasure(unit, updated, facts)


def report_erasure(unit: Unit, account_id: str, _config: Config) -> None:
    """An erasure's deadline: the receipt says which services have confirmed it, and which have not."""
    erasure = store.find_erasure(unit, account_id)
    if erasure is None or erasure.due_at is None or erasure.due_at > unit.now:
        return
    facts = []
    if erasure.to is not None:
        said = {"confirmed": sorted(erasure.done), "missing": erasure.missing}
        facts.append(mails.request(unit, account_id, ERASURE_INCOMPLETE, KEPT, erasure.to, said))
    store.save_erasure(unit, erasure.without_address(), facts)


def rotate_signing_keys(unit: Unit, _ring_id: str, config: Config) -> None:
    """The ring's deadline: drops the key that no valid token needs, and publishes the next one."""
    ring = store.find_ring(unit)
    if ring is not None:
        if ring.due_at(config.access_token_life) <= unit.now:
            ring.rotate(new_key, config.key_life, config.access_token_life, unit.now)
        store.save_ring(unit, ring, config.access_token_life)


def _departing(event: Event, unit: Unit) -> Account | None:
    """The account whose departure was answered; None if it is no longer the current one."""
    departure = store.find_departure(unit, event.data["account"])
    if departure is None or departure.id != event.subject:
        return None
    return store.account_by_id(unit, departure.account)


HANDLERS: Mapping[str, Handler] = {
    "departure.granted": erase_account,
    "departure.refused": keep_account,
    "erasure.done": record_erasure,
}
DEADLINES = (
    Deadline(store.KEYS, rotate_signing_keys),
    Deadline("departures", ask_projects),
    Deadline("erasures", report_erasure),
)
