"""Sessions and refresh tokens in MongoDB; tokens are stored as digests only."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import PASSWORD_ONLY, Account, RefreshToken, Session
from services.accounts.store.accounts import account_by_id
from services.accounts.store.revocations import revoke


def start_session(unit: Unit, account: Account, token: RefreshToken, session: Session) -> None:
    """Stores a session with its first refresh token.

    Refused as ``suspended``, or as ``bad-credentials`` if the password was changed after it was checked.
    """
    account.check_admitted()
    same = {"_id": account.id, "password_hash": account.password_hash, "suspended_at": None}
    opened: dict[str, Any] = {"$set": {"opened_at": unit.now}}  # a write, so that a concurrent reset conflicts
    if unit.collection("accounts").update_one(same, opened).matched_count == 0:
        raise bad_credentials()
    _add_token(unit, session, token)


def find_refresh(unit: Unit, digest: str, session_life: timedelta) -> tuple[RefreshToken, Session, Account]:
    """An unexpired refresh token with its session and account. Refused as ``suspended``, else ``bad-credentials``."""
    row = unit.find("refresh_tokens", {"_id": digest})
    found = unit.find("sessions", {"_id": row["session"]}) if row else None
    account = account_by_id(unit, row["account"]) if row else None
    if account is not None:
        account.check_admitted()
    if row is None or found is None or account is None:
        raise bad_refresh()
    session, token = session_from(found), token_from(row)
    if not token.is_unexpired(unit.now) or session.is_over(unit.now, session_life):
        raise bad_refresh()
    return token, session, account


def rotate(unit: Unit, token: RefreshToken, session: Session, successor: RefreshToken) -> None:
    """Marks the token as used and stores its successor, with which the session expires.

    Of two concurrent rotations one conflicts on the token's row and is retried.
    """
    rows = unit.collection("refresh_tokens")
    used: dict[str, Any] = {"$set": {"used_at": token.used_at or unit.now, "key": token.key}}
    rows.update_one({"_id": token.digest}, used)
    if token.parent is not None:
        rows.update_one({"_id": token.parent, "superseded_at": None}, {"$set": {"superseded_at": unit.now}})
    _add_token(unit, session, successor)


def end_session(unit: Unit, session_id: str, account_id: str, token_life: timedelta) -> bool:
    """Ends the session by deleting its row, revokes its access tokens, which live ``token_life``, and returns whether
    there was one. Its refresh tokens become invalid, and are deleted when they expire.
    """
    if not unit.collection("sessions").delete_one({"_id": session_id, "account": account_id}).deleted_count:
        return False
    revoke(unit, account_id, token_life, ended=session_id)
    return True


def end_own_session(unit: Unit, actor: Actor, session_id: str, token_life: timedelta) -> None:
    """Ends one of the caller's sessions; ``not-found`` for any other."""
    if not end_session(unit, session_id, actor.id, token_life):
        raise not_found()


def end_sessions(unit: Unit, account_id: str, token_life: timedelta, but: str | None = None) -> None:
    """Ends all sessions of the account, but the one with the id ``but``, and revokes their access tokens."""
    if unit.collection("sessions").delete_many({"account": account_id, "_id": {"$ne": but}}).deleted_count:
        revoke(unit, account_id, token_life, kept=but)


def check_session(database: Documents, actor: Actor) -> None:
    """Refuses ``unauthenticated`` once the caller's session has ended."""
    if database.sessions.find_one({"_id": actor.session, "account": actor.id}, {"_id": 1}) is None:
        raise Refusal("unauthenticated", "This session has ended; please sign in again.")


def read_session_page(
    database: Documents, actor: Actor, query: Mapping[str, Any], view: Callable[[Session], Document]
) -> Document:
    """A page of the caller's sessions, newest first."""
    return page(database.sessions, {"account": actor.id}, query, lambda row: view(session_from(row)))


def read_sessions(database: Documents, actor: Actor) -> list[Session]:
    """The caller's sessions, oldest first."""
    return [session_from(row) for row in database.sessions.find({"account": actor.id}).sort("created_at", ASCENDING)]


def bad_credentials() -> Refusal:
    """The same refusal for an unknown e-mail and for a wrong password."""
    return Refusal("bad-credentials", "The e-mail or the password is wrong.")


def bad_refresh() -> Refusal:
    """The same refusal for every refresh token that is not valid."""
    return Refusal("bad-credentials", "This refresh token is not valid; please sign in again.")


def _add_token(unit: Unit, session: Session, token: RefreshToken) -> None:
    """Stores the session with its next refresh token; creates the session with its first."""
    row = asdict(token)
    unit.collection("refresh_tokens").insert_one({"_id": row.pop("digest"), "account": session.account, **row})
    unit.put("sessions", session_document(session))


def token_from(row: Document) -> RefreshToken:
    """Reads a row written by `_add_token`, or by an older version."""
    known = {field.name: row[field.name] for field in fields(RefreshToken) if field.name in row}
    return RefreshToken(digest=row["_id"], **known)


def session_document(session: Session) -> Document:
    """The session as it is stored."""
    row = asdict(session)
    return {"_id": row.pop("id"), **row, "methods": list(session.methods)}


def session_from(row: Document) -> Session:
    """Reads a row written by `session_document`, or by an older version, without ``methods``."""
    known = {field.name: row[field.name] for field in fields(Session) if field.name in row}
    return Session(id=row["_id"], **{**known, "methods": tuple(known.get("methods", PASSWORD_ONLY))})
