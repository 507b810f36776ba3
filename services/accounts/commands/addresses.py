"""Changing an account's e-mail: the new one confirms it by a link, and the old one gets a link to undo it."""

from dataclasses import replace

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.accounts import store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import (
    ADDRESS_CHANGED,
    ADDRESS_IN_USE,
    CONFIRM_ADDRESS,
    KEPT,
    RESET,
    VERIFY,
    Account,
    ask_address,
    is_public_domain,
)

NO_PASSWORD = ""
"""No password matches it."""


def ask_change(unit: Unit, actor: Actor, email: str, config: Config) -> Document:
    """Sends a link to the new address, or tells the owner of an account that has it. A later change replaces this one.

    Both make the same writes, now and when they are replaced: the link's mail is stored in any case, though not always
    sent. Neither changes the caller's account, whose version the caller reads.
    """
    account = store.my_account(unit, actor)
    change = ask_address(new_id(), account.id, actor.session, email, unit.now, unit.now + config.link_life)
    owner = store.account_of(unit, change.email_key)
    reserved = store.is_reserved(unit, change.email_key, but=account.id)
    few = store.count_mail(unit, change.email_key, CONFIRM_ADDRESS, config.mails_to_address)
    store.drop_changes(unit, account.id, confirmed_at=None)
    own = mails.request(unit, change.id, CONFIRM_ADDRESS, config.link_life, change.address(account.locale))
    if few and owner is not None:
        facts = [mails.request(unit, owner.id, ADDRESS_IN_USE, KEPT)]
    else:
        facts = [own] if few and not reserved else []
        store.write_decoys(unit, 1 if facts else 2)
    store.save_change(unit, change, facts)
    return {}


def confirm_change(unit: Unit, token: str, config: Config) -> None:
    """The new address counts. Every session but the one that asked ends, and links sent to the old address stop
    working, but for the one that undoes this. ``not-found`` if the link is not valid, or the address is taken by now.
    """
    change = store.change_by_link(unit, store.use_mail(unit, token, CONFIRM_ADDRESS))
    account = store.account_by_id(unit, change.account)
    if account is None or change.confirmed_at is not None or store.is_taken(unit, change.email_key, account.id):
        raise not_found()
    moved, facts = account.move(change.email, config.blind_secret, is_public_domain, unit.now)
    undo = change.confirm(account, unit.now, unit.now + config.address_undo)
    said = {"at": undo.expires_at}
    told = mails.request(unit, change.id, ADDRESS_CHANGED, config.address_undo, account.address(), said)
    store.save_change(unit, undo, [told])
    _leave(unit, account, moved)
    store.save_account(unit, moved, facts)
    store.end_sessions(unit, account.id, config.access_token_life, but=change.session)


def undo_change(unit: Unit, token: str, config: Config) -> None:
    """The old address counts again. All sessions end, the password no longer works, and a mail to the old address has
    a link to set another: whoever changed the address knew the password. Later changes cannot be undone any more.
    """
    change = store.change_by_link(unit, store.use_mail(unit, token, ADDRESS_CHANGED))
    account, taken = store.account_by_id(unit, change.account), store.account_of(unit, change.email_key)
    if account is None or (taken is not None and taken.id != account.id):
        raise not_found()
    restored, facts = account.move(change.email, config.blind_secret, is_public_domain, unit.now)
    restored = replace(restored, password_hash=NO_PASSWORD)
    _leave(unit, account, restored)
    store.drop_changes(unit, account.id, confirmed_at=None)
    store.drop_changes(unit, account.id, confirmed_at={"$gte": change.confirmed_at})
    store.end_sessions(unit, account.id, config.access_token_life)
    store.save_account(unit, restored, [*facts, mails.request(unit, account.id, RESET, config.reset_life)])


def _leave(unit: Unit, before: Account, after: Account) -> None:
    """Deletes what is stored about the address that the account had, and registrations of the one that it has now."""
    store.drop_attempts(unit, before.email_key)
    store.drop_links(unit, before.id, RESET, VERIFY)
    store.drop_registrations(unit, after.email_key)
