"""Commands of operators, and adding an operator."""

from datetime import timedelta

from chassis import audit
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.accounts import store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import RESET, Account, awaited, register

SEEN = "account.read"
"""In the audit trail: an action changed nothing, but its answer told the account's state."""


class InUse(Exception):
    """An account has this e-mail already."""


def suspend_account(unit: Unit, actor: Actor, account_id: str, reason: str, config: Config) -> Document:
    """Suspends an account and ends its sessions; suspending it again only shows it. ``not-found``."""
    account = _account(unit, account_id)
    suspended, facts = account.suspend(unit.now)
    if facts:
        store.save_account(unit, suspended, facts)
        store.end_sessions(unit, account_id, config.access_token_life)
    audit.record(unit, actor.id, facts[0].name if facts else SEEN, account_id, reason)
    return {"id": account_id, "suspended_at": suspended.suspended_at}


def reinstate_account(unit: Unit, actor: Actor, account_id: str, reason: str) -> Document:
    """Ends an account's suspension. ``not-found``."""
    account = _account(unit, account_id)
    reinstated, facts = account.reinstate()
    if facts:
        store.save_account(unit, reinstated, facts)
    audit.record(unit, actor.id, facts[0].name if facts else SEEN, account_id, reason)
    return {}


def add_operator(unit: Unit, account_id: str, wish: Document, password_hash: str, link_life: timedelta | None) -> str:
    """Opens an operator's account, from the command line. Returns the token of a link to set its password, valid for
    ``link_life``, or an empty text without one. Raises `InUse`.
    """
    account, facts = register(account_id, wish, password_hash, unit.now)
    if store.account_of(unit, account.email_key):
        raise InUse("this e-mail already has an account; operators need a separate one")
    store.save_account(unit, account, facts)
    store.save_factor(unit, awaited(account_id, unit.now))
    audit.record(unit, audit.PLACE, "operator.added", account_id, "")
    return "" if link_life is None else mails.link(unit, account_id, RESET, link_life)


def _account(unit: Unit, account_id: str) -> Account:
    account = store.account_by_id(unit, account_id)
    if account is None:
        raise not_found()
    return account
