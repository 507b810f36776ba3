"""Signing in, refreshing and signing out."""

from dataclasses import dataclass
from datetime import datetime

from chassis import telemetry
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.hashing import Passwords
from services.accounts.config import Config
from services.accounts.model import Account, digest_of, email_key


@dataclass(frozen=True)
class Granted:
    """A session for which tokens are issued."""

    account: Account
    session: str
    at: datetime


def check_credentials(
    database: Documents, email: str, password: str, passwords: Passwords
) -> tuple[Account, str | None]:
    """The account with this e-mail and password, and a new hash if the stored one is outdated. Call it before the unit
    of work, because it counts the attempt in any case. Refused as ``rate-limited`` or ``bad-credentials``.
    """
    key = email_key(email)
    store.count_attempt(database, key)
    account = store.find_account(database, key)
    right = passwords.check(account.password_hash if account else None, password)
    if account is None or not right:
        raise store.bad_credentials()
    store.forget_attempts(database, key)
    return account, passwords.hash(password) if passwords.outdated(account.password_hash) else None


def open_session(unit: Unit, account: Account, fresh_hash: str | None, refresh_token: str, config: Config) -> Granted:
    """Creates a session with its first refresh token, and stores ``fresh_hash`` if given."""
    session_id = store.start_session(unit, account, digest_of(refresh_token), config.refresh_life)
    if fresh_hash:
        store.replace_hash(unit, account, fresh_hash)
    return Granted(account, session_id, unit.now)


def refresh_session(unit: Unit, presented: str, refresh_token: str, config: Config) -> Granted | None:
    """Exchanges the ``presented`` token for ``refresh_token``. If it was used before and the grace period is over, ends
    the session and returns None.
    """
    token, session, account = store.find_refresh(unit, digest_of(presented))
    if token.reused(unit.now, config.refresh_grace):
        store.end_session(unit, token.session, account.id)
        unit.after_commit(lambda: telemetry.log.warning("refresh_token_reused", session=token.session))
        return None
    store.rotate(unit, token, session, digest_of(refresh_token), config.refresh_life)
    return Granted(account, token.session, unit.now)


def end_session(unit: Unit, actor: Actor, session_id: str) -> Document:
    """Ends one of the caller's sessions; ``not-found`` for any other."""
    store.end_own_session(unit, actor, session_id)
    return {}


def sign_out(unit: Unit, actor: Actor) -> Document:
    """Ends the caller's session."""
    store.end_session(unit, actor.session, actor.id)
    return {}
