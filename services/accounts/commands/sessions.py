"""Signing in, refreshing and signing out."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis import telemetry
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.hashing import Passwords
from services.accounts.clients.tokens import new_token, successor_of
from services.accounts.config import Config
from services.accounts.model import Account, RefreshToken, Session, digest_of, email_key


@dataclass(frozen=True)
class Granted:
    """A session for which tokens are issued."""

    account: Account
    session: Session
    at: datetime


def check_credentials(
    database: Documents,
    email: str,
    password: str,
    passwords: Passwords,
    network: str,
    now: datetime,
    verify_email: bool = False,
) -> tuple[Account, str | None]:
    """The account with this e-mail and password, and a new hash if the stored one is outdated. Call it before the unit
    of work, because it counts the attempt from this ``network`` in any case. Refused as ``rate-limited`` or
    ``bad-credentials``; with ``verify_email`` an account that is not verified counts as none.
    """
    key = email_key(email)
    store.count_attempt(database, key, network)
    account = store.find_account(database, key)
    right = passwords.check(account.password_hash if account else None, password)
    if account is None or not right or not account.is_admitted(verify_email):
        raise store.bad_credentials()
    store.admit_network(database, key, network, now)
    return account, passwords.hash(password) if passwords.outdated(account.password_hash) else None


def open_session(unit: Unit, account: Account, fresh_hash: str | None, refresh_token: str, config: Config) -> Granted:
    """Creates a session with its first refresh token, and stores ``fresh_hash`` if given."""
    opened = Session(new_id(), account.id, unit.now, unit.now, unit.now)
    session = opened.extended(unit.now, config.refresh_life, config.session_life)
    store.start_session(unit, account, _token(session, refresh_token), session)
    if fresh_hash:
        store.replace_hash(unit, account, fresh_hash)
    return Granted(account, session, unit.now)


def refresh_session(unit: Unit, presented: str, config: Config) -> tuple[Granted, str] | None:
    """Exchanges the ``presented`` token for its successor, the same one however often. Ends the session and returns
    None if the token leaked (`RefreshToken.leaked`).
    """
    token, session, account = store.find_refresh(unit, digest_of(presented), config.session_life)
    if not account.is_admitted(config.verify_email):
        raise store.bad_refresh()
    if token.leaked(unit.now, config.refresh_grace):
        store.end_session(unit, session.id, account.id, config.access_token_life)
        unit.after_commit(lambda: telemetry.log.warning("refresh_token_reused", session=token.session))
        return None
    key = token.key or new_token()
    successor = successor_of(presented, key)
    if token.used_at is None or token.key is None:
        session = session.extended(unit.now, config.refresh_life, config.session_life)
        store.rotate(unit, replace(token, key=key), session, _token(session, successor, token.digest))
    return Granted(account, session, unit.now), successor


def _token(session: Session, text: str, parent: str | None = None) -> RefreshToken:
    key = new_token()  # known before the token is used, so that its successor follows from the token alone
    return RefreshToken(digest_of(text), session.id, session.refreshed_at, session.expires_at, key=key, parent=parent)


def end_session(unit: Unit, actor: Actor, session_id: str, config: Config) -> Document:
    """Ends one of the caller's sessions; ``not-found`` for any other."""
    store.end_own_session(unit, actor, session_id, config.access_token_life)
    return {}


def end_other_sessions(unit: Unit, actor: Actor, config: Config) -> Document:
    """Ends all of the caller's sessions but this one."""
    store.end_sessions(unit, actor.id, config.access_token_life, but=actor.session)
    return {}


def sign_out(unit: Unit, actor: Actor, config: Config) -> Document:
    """Ends the caller's session."""
    store.end_session(unit, actor.session, actor.id, config.access_token_life)
    return {}
