"""Registering and changing an account."""

from dataclasses import replace

from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.accounts import model, store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import IN_USE, KEPT, PASSWORD_CHANGED, VERIFY, register
from services.accounts.views import account_view


def register_account(unit: Unit, account_id: str, body: Document, password_hash: str, config: Config) -> Document:
    """Opens an account. If the e-mail is in use, the answer is the same, but its id does not exist."""
    account, facts = register(account_id, body, password_hash, unit.now)
    owner, reserved = store.account_of(unit, account.email_key), store.is_reserved(unit, account.email_key)
    few = store.count_mail(unit, account.email_key, IN_USE, config.mails_to_address)
    if owner is None and not reserved:
        store.write_decoys(unit, 1)
        store.save_account(unit, account, facts)
    elif owner is not None and few:
        store.save_account(unit, owner, [mails.request(unit, owner.id, IN_USE, KEPT)])
    else:
        store.write_decoys(unit, mails.WRITES)
    return account_view(account)


def ask_registration(unit: Unit, account_id: str, body: Document, config: Config) -> Document:
    """Sends a link to whoever gave this e-mail: the account begins when it is opened, with the password given then.

    If the e-mail is in use, the answer and the writes are the same, and its owner gets a mail; so they are beyond the
    hourly limit, where nobody does. The id does not exist then.
    """
    waiting = model.ask_registration(new_id(), account_id, body, unit.now, unit.now + config.link_life)
    owner, reserved = store.account_of(unit, waiting.email_key), store.is_reserved(unit, waiting.email_key)
    few = store.count_mail(unit, waiting.email_key, IN_USE, config.mails_to_address)
    if owner is not None and few:
        kind, life = (VERIFY, config.link_life) if owner.verified_at is None else (IN_USE, KEPT)
        store.save_account(unit, owner, [mails.request(unit, owner.id, kind, life)])
    elif few and not reserved:
        fact = mails.request(unit, waiting.id, VERIFY, config.link_life, waiting.address())
        store.save_registration(unit, waiting, [fact])
    else:
        store.write_decoys(unit, mails.WRITES)
    return {"id": account_id, **{name: body[name] for name in ("role", "display_name", "locale")}}


def revise_account(unit: Unit, actor: Actor, body: Document, if_match: IfMatch = ANY_VERSION) -> Document:
    """Changes the caller's name or language; returns the account and its ``version``."""
    account = store.my_account(unit, actor)
    if_match.check(account.version)
    revised, facts = account.revise(body)
    store.save_account(unit, revised, facts)
    return {**account_view(revised), "version": account.version + 1}


def change_password(unit: Unit, actor: Actor, checked: str, new_hash: str, config: Config) -> Document:
    """Sets a new password, ends all sessions but the caller's, and tells the owner by mail. ``checked`` is the hash of
    the given password. A change of the e-mail that waits to be confirmed is dropped: it was asked for with the old one.

    Refused as ``bad-credentials`` if the password has been changed meanwhile.
    """
    account = store.my_account(unit, actor)
    if account.password_hash != checked:
        raise store.bad_credentials()
    told = mails.request(unit, account.id, PASSWORD_CHANGED, KEPT)
    store.save_account(unit, replace(account, password_hash=new_hash), [told])
    store.drop_changes(unit, account.id, confirmed_at=None)
    store.end_sessions(unit, account.id, config.access_token_life, but=actor.session)
    return {}
