"""Sessions and refresh tokens in MongoDB; tokens are stored as digests only."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.pages import page
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import Account, RefreshToken, Session
from services.accounts.store.accounts import account_by_id


def start_session(unit: Unit, account: Account, digest: str, life: timedelta) -> str:
    """Creates a session with its first refresh token and returns its id.

    Refused as ``suspended``, or as ``bad-credentials`` if the password was changed after it was checked.
    """
    account.check_admitted()
    same = {"_id": account.id, "password_hash": account.password_hash, "suspended_at": None}
    opened: dict[str, Any] = {"$set": {"opened_at": unit.now}}  # a write, so that a concurrent reset conflicts
    if unit.collection("accounts").update_one(same, opened).matched_count == 0:
        raise bad_credentials()
    session = Session(new_id(), account.id, unit.now, unit.now, unit.now + life)
    _add_token(unit, session, digest, life)
    return session.id


def find_refresh(unit: Unit, digest: str) -> tuple[RefreshToken, Session, Account]:
    """An unexpired refresh token with its session and account. Refused as ``suspended``, else ``bad-credentials``."""
    row = unit.find("refresh_tokens", {"_id": digest})
    session = unit.find("sessions", {"_id": row["session"]}) if row else None
    account = account_by_id(unit, row["account"]) if row else None
    if account is not None:
        account.check_admitted()
    if row is None or session is None or account is None:
        raise _bad_refresh()
    token = RefreshToken(digest, row["session"], row["issued_at"], row["expires_at"], row["used_at"])
    if not token.is_unexpired(unit.now):
        raise _bad_refresh()
    return token, session_from(session), account


def rotate(unit: Unit, token: RefreshToken, session: Session, digest: str, life: timedelta) -> None:
    """Marks the token as used and replaces it by another one, with which the session expires.

    Of two concurrent rotations one conflicts on the token's row and is retried.
    """
    unit.collection("refresh_tokens").update_one(
        {"_id": token.digest, "used_at": None}, {"$set": {"used_at": unit.now}}
    )
    _add_token(unit, session, digest, life)


def end_session(unit: Unit, session_id: str, account_id: str) -> None:
    """Ends the session by deleting its row. Its refresh tokens become invalid, and are deleted when they expire."""
    unit.collection("sessions").delete_one({"_id": session_id, "account": account_id})


def end_own_session(unit: Unit, actor: Actor, session_id: str) -> None:
    """Ends one of the caller's sessions; ``not-found`` for any other."""
    if not unit.collection("sessions").delete_one({"_id": session_id, "account": actor.id}).deleted_count:
        raise not_found()


def end_sessions(unit: Unit, account_id: str, but: str = "") -> None:
    """Ends all sessions of the account, but the one with the id ``but``."""
    unit.collection("sessions").delete_many({"account": account_id, "_id": {"$ne": but}})


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


def _bad_refresh() -> Refusal:
    return Refusal("bad-credentials", "This refresh token is not valid; please sign in again.")


def _add_token(unit: Unit, session: Session, digest: str, life: timedelta) -> None:
    """Stores the session with its next refresh token; creates the session with its first."""
    expires_at = unit.now + life
    row = {"_id": digest, "session": session.id, "account": session.account, "issued_at": unit.now, "used_at": None}
    unit.collection("refresh_tokens").insert_one({**row, "expires_at": expires_at})
    unit.put("sessions", session_document(replace(session, refreshed_at=unit.now, expires_at=expires_at)))


def session_document(session: Session) -> Document:
    """The session as it is stored."""
    row = asdict(session)
    return {"_id": row.pop("id"), **row}


def session_from(row: Document) -> Session:
    """Reads a row written by `session_document`."""
    return Session(id=row["_id"], **{field.name: row[field.name] for field in fields(Session) if field.name != "id"})
