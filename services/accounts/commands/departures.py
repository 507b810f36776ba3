"""Leaving: asking for one's erasure, changing one's mind, and the erasure itself."""

from datetime import timedelta

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.commands import forget_answers
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import AccountErased
from services.accounts import store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import (
    ERASURE_ASKED,
    ERASURE_STOPPED,
    KEPT,
    Account,
    begin_departure,
    begin_erasure,
)


def ask_erasure(unit: Unit, actor: Actor, question: str, config: Config) -> Document:
    """Ends every session, and starts the wait in which a link in a mail, or signing in, stops the erasure.

    Repeated, it changes nothing. ``question`` is the id under which projects will be asked.
    """
    account = store.my_account(unit, actor)
    departure = store.find_departure(unit, account.id)
    if departure is None:
        departure = begin_departure(account.id, question, config.erasure_delay, unit.now)
        store.save_departure(unit, departure)
        facts = []
        if config.erasure_delay:
            life, said = config.erasure_delay, {"at": departure.at}
            facts.append(mails.request(unit, account.id, ERASURE_ASKED, life, data=said))
        store.save_account(unit, account, facts)
    store.end_sessions(unit, account.id, config.access_token_life)
    return {"at": departure.at}


def stop_erasure(unit: Unit, actor: Actor) -> Document:
    """The caller changes their mind. Raises ``not-found`` without a departure, ``erasure-begun`` if it is too late."""
    _stop(unit, store.my_account(unit, actor))
    return {}


def stop_by_link(unit: Unit, token: str) -> None:
    """The same by the link of the mail, which is used up; ``not-found`` if the link is not valid."""
    _stop(unit, store.use_accounts_link(unit, token, ERASURE_ASKED))


def insist(unit: Unit, account_id: str, question: str) -> None:
    """Starts the erasure of an account that was erased before, and that a backup brought back; ``not-found``."""
    account = store.account_by_id(unit, account_id)
    if account is None:
        raise not_found()
    store.remove_departure(unit, account_id)
    store.save_departure(unit, begin_departure(account_id, question, timedelta(0), unit.now, insists=True))


def erase(unit: Unit, account: Account, config: Config) -> None:
    """Erases the account here, and asks every other service to."""
    store.save_account(unit, account, [AccountErased(role=account.role)])
    store.remove_account(unit, account)
    store.remove_departure(unit, account.id)
    store.drop_attempts(unit, account.email_key)
    store.drop_changes(unit, account.id)
    store.end_sessions(unit, account.id, config.access_token_life)
    store.drop_mails(unit, account.id)
    store.drop_factor(unit, account.id)
    forget_answers(unit, account.id)
    store.add_erasure(unit, begin_erasure(account, config.receipt_within, unit.now))


def _stop(unit: Unit, account: Account) -> None:
    departure = store.find_departure(unit, account.id)
    if departure is None:
        raise not_found()
    departure.check_stoppable()
    store.remove_departure(unit, account.id)
    store.drop_links(unit, account.id, ERASURE_ASKED)
    store.save_account(unit, account, [mails.request(unit, account.id, ERASURE_STOPPED, KEPT)])
