"""Registering, changing and erasing an account."""

from dataclasses import replace

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.commands import forget_answers
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import AccountErased
from services.accounts import store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import IN_USE, KEPT, VERIFY, begin_erasure, register
from services.accounts.views import account_view


def register_account(unit: Unit, account_id: str, body: Document, password_hash: str, config: Config) -> Document:
    """Opens an account. If the e-mail is in use, the answer is the same, but its id does not exist."""
    account, facts = register(account_id, body, password_hash, unit.now)
    if store.account_of(unit, account.email_key):
        mails.request_for(unit, account.email_key, IN_USE, KEPT, lambda owner: True)
        return account_view(account)
    store.count_mail(unit, account.email_key, IN_USE)
    if config.verify_email:
        facts.append(mails.request(unit, account_id, VERIFY, config.link_life))
    else:
        store.write_decoys(unit, 1)
    store.save_account(unit, account, facts)
    return account_view(account)


def revise_account(unit: Unit, actor: Actor, body: Document, if_match: IfMatch = ANY_VERSION) -> Document:
    """Changes the caller's name or language; returns the account and its ``version``."""
    account = store.my_account(unit, actor)
    if_match.check(account.version)
    revised, facts = account.revise(body)
    store.save_account(unit, revised, facts)
    return {**account_view(revised), "version": account.version + 1}


def change_password(unit: Unit, actor: Actor, checked: str, new_hash: str) -> Document:
    """Sets a new password and ends all sessions but the caller's. ``checked`` is the hash of the given password.

    Refused as ``bad-credentials`` if the password has been changed meanwhile.
    """
    account = store.my_account(unit, actor)
    if account.password_hash != checked:
        raise store.bad_credentials()
    store.save_account(unit, replace(account, password_hash=new_hash))
    store.end_sessions(unit, account.id, but=actor.session)
    return {}


def erase_account(unit: Unit, actor: Actor) -> Document:
    """Erases the caller here and in every other service; ``open-commitments`` while a project is not completed."""
    account = store.my_account(unit, actor)
    if store.is_bound(unit, account.id):
        raise Refusal("open-commitments", "Complete the project that is under way first.")
    store.save_account(unit, account, [AccountErased(role=account.role)])
    store.remove_account(unit, account)
    store.drop_attempts(unit, account.email_key)
    store.end_sessions(unit, account.id)
    store.drop_mails(unit, account.id)
    forget_answers(unit, account.id)
    store.leave_commitments(unit, account.id)
    store.add_erasure(unit, begin_erasure(account, unit.now))
    return {}
