"""What a person asked for: each function is one effect in one unit of work. Passwords are hashed before it opens."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis import audit, telemetry
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts import erasures, mails, store
from services.accounts.config import Config
from services.accounts.mailboxes import open_to_anybody
from services.accounts.model import IN_USE, RESET, VERIFY, Account, email_key, register
from services.accounts.passwords import Passwords
from services.accounts.tokens import digest_of
from services.accounts.views import account_view


class InUse(Exception):
    """Somebody has this e-mail."""


@dataclass(frozen=True)
class Granted:
    """A session that tokens may be signed for."""

    account: Account
    session: str
    at: datetime


def register_account(unit: Unit, account_id: str, body: Document, password_hash: str, config: Config) -> Document:
    """Opens an account; the answer is the same where the e-mail is in use, and the id then leads nowhere."""
    account, facts = register(account_id, body, password_hash, unit.now)
    if store.account_of(unit, account.email_key):
        mails.order_for(unit, account.email_key, IN_USE, mails.KEPT, lambda owner: True)
        return account_view(account)
    mails.count(unit, account.email_key, IN_USE)
    if config.verify_email:
        facts.append(mails.order(unit, account_id, VERIFY, config.link_life))
    else:
        store.write_decoys(unit, 1)
    store.save_account(unit, account, facts)
    return account_view(account)


def revise_account(unit: Unit, actor: Actor, body: Document, if_match: IfMatch = ANY_VERSION) -> Document:
    """Changes the caller's name or language; the account and its ``version``."""
    account = store.my_account(unit, actor)
    if_match.check(account.version)
    revised, facts = account.revise(body)
    store.save_account(unit, revised, facts)
    return {**account_view(revised), "version": account.version + 1}


def erase_account(unit: Unit, actor: Actor) -> Document:
    """Erases the caller here and asks every other service to; ``open-commitments``."""
    erasures.begin(unit, actor)
    return {}


def check_credentials(database: Documents, body: Document, passwords: Passwords) -> tuple[Account, str | None]:
    """Whoever has this e-mail and password, and a fresh hash where theirs is outdated. To be called before the unit of
    work: it counts the attempt whatever comes after. ``rate-limited``, ``bad-credentials``.
    """
    key = email_key(body["email"])
    store.count_attempt(database, key)
    account = store.find_account(database, key)
    right = passwords.check(account.password_hash if account else None, body["password"])
    if account is None or not right:
        raise store.bad_credentials()
    store.forget_attempts(database, key)
    return account, passwords.hash(body["password"]) if passwords.outdated(account.password_hash) else None


def open_session(unit: Unit, account: Account, fresh_hash: str | None, refresh_token: str, config: Config) -> Granted:
    """A new session with its first refresh token; the password's ``fresh_hash`` is kept, if there is one."""
    session_id = store.start_session(unit, account, digest_of(refresh_token), config.refresh_life)
    if fresh_hash:
        store.replace_hash(unit, account, fresh_hash)
    return Granted(account, session_id, unit.now)


def refresh_session(unit: Unit, shown: str, refresh_token: str, config: Config) -> Granted | None:
    """Exchanges the token that was ``shown`` for ``refresh_token``; None where it was used before, but for a short
    grace: that ends the session.
    """
    token, session, account = store.find_refresh(unit, digest_of(shown))
    if token.reused(unit.now, config.refresh_grace):
        store.end_session(unit, token.session, account.id)
        unit.after_commit(lambda: telemetry.log.warning("refresh_token_reused", session=token.session))
        return None
    store.rotate(unit, token, session, digest_of(refresh_token), config.refresh_life)
    return Granted(account, token.session, unit.now)


def sign_out(unit: Unit, actor: Actor) -> Document:
    """Ends the caller's session."""
    store.end_session(unit, actor.session, actor.id)
    return {}


def ask_verification(unit: Unit, email_key: str, config: Config) -> None:
    """Requests a verification mail if an account has this e-mail and has not verified it."""
    mails.order_for(unit, email_key, VERIFY, config.link_life, lambda account: account.verified_at is None)


def verify_email(unit: Unit, token: str, config: Config) -> None:
    """Uses up the link of a mail: the e-mail is verified. ``not-found``."""
    account = mails.use_link(unit, token, VERIFY)
    verified, facts = account.verify(config.blind_secret, open_to_anybody, unit.now)
    store.save_account(unit, verified, facts)


def ask_password_reset(unit: Unit, email_key: str, config: Config) -> None:
    """Requests a password reset mail if an account has this e-mail."""
    mails.order_for(unit, email_key, RESET, config.reset_life, lambda account: True)


def reset_password(unit: Unit, token: str, password_hash: str) -> None:
    """Uses up the link of a mail: a new password, and the end of every session. ``not-found``."""
    account = mails.use_link(unit, token, RESET)
    store.save_account(unit, replace(account, password_hash=password_hash))
    store.end_sessions(unit, account.id)


def suspend_account(unit: Unit, actor: Actor, account_id: str, reason: str) -> Document:
    """Suspends an account and ends its sessions; suspending it again changes nothing. ``not-found``."""
    account = _account(unit, account_id)
    suspended, facts = account.suspend(unit.now)
    if facts:
        store.save_account(unit, suspended, facts)
        store.end_sessions(unit, account_id)
        audit.record(unit, actor.id, facts[0].name, account_id, reason)
    return {"id": account_id, "suspended_at": suspended.suspended_at}


def reinstate_account(unit: Unit, actor: Actor, account_id: str) -> Document:
    """Ends an account's suspension. ``not-found``."""
    account = _account(unit, account_id)
    reinstated, facts = account.reinstate()
    if facts:
        store.save_account(unit, reinstated, facts)
        audit.record(unit, actor.id, facts[0].name, account_id, "")
    return {}


def add_operator(unit: Unit, account_id: str, wish: Document, password_hash: str, link_life: timedelta | None) -> str:
    """Opens an operator's account, wished for at a terminal. With ``link_life`` the token of a link that sets its
    password, otherwise an empty text. `InUse`.
    """
    account, facts = register(account_id, wish, password_hash, unit.now)
    if store.account_of(unit, account.email_key):
        raise InUse("this e-mail has an account already; operators have one of their own")
    store.save_account(unit, account, facts)
    audit.record(unit, audit.PLACE, "operator.added", account_id, "")
    return "" if link_life is None else mails.link(unit, account_id, RESET, link_life)


def _account(unit: Unit, account_id: str) -> Account:
    account = store.account_by_id(unit, account_id)
    if account is None:
        raise not_found()
    return account
