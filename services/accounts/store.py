"""Accounts, sessions, refresh tokens and signing keys in MongoDB. What a person reads is read as that person."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from chassis import outbox
from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit, UnitOfWork
from services.accounts.model import WAITS_S, Account, KeyRing, RefreshToken, SigningKey, first_ring
from services.accounts.tokens import new_key

RING = "access-tokens"
FORGET_ATTEMPTS = timedelta(days=1)
KEEP_DECOYS = timedelta(hours=1)
COUNT_MAILS = timedelta(hours=1)
KEEP_COMMITMENTS = timedelta(days=180)
"""Once they are over: longer than an event can come late."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "accounts": [IndexModel([("email_key", ASCENDING)], unique=True)],
    "sessions": [
        IndexModel([("account", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "refresh_tokens": [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)],
    "attempts": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(FORGET_ATTEMPTS.total_seconds()))],
    "mails": [
        IndexModel([("digests", ASCENDING)], sparse=True),
        IndexModel([("account", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "mail_counts": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(COUNT_MAILS.total_seconds()))],
    "commitments": [
        IndexModel([("people", ASCENDING)]),
        IndexModel([("over_at", ASCENDING)], expireAfterSeconds=int(KEEP_COMMITMENTS.total_seconds())),
    ],
    "decoys": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP_DECOYS.total_seconds()))],
}


def write_decoys(unit: Unit, count: int) -> None:
    """As many writes as something else would have cost, to no effect, so that the time of the answer does not tell."""
    for _ in range(count):
        unit.collection("decoys").insert_one({"_id": new_id(), "at": unit.now})


def account_of(unit: Unit, email_key: str) -> Account | None:
    """Whoever has this e-mail, as this transaction sees it."""
    document = unit.find("accounts", {"email_key": email_key})
    return _account(document) if document else None


def account_by_id(unit: Unit, account_id: str) -> Account | None:
    """An account as this transaction sees it, for a link or an operator."""
    document = unit.find("accounts", {"_id": account_id})
    return _account(document) if document else None


def find_account_by_id(database: Documents, account_id: str) -> Account | None:
    """An account, for a link."""
    document = database.accounts.find_one({"_id": account_id})
    return _account(document) if document else None


def find_account(database: Documents, email_key: str) -> Account | None:
    """The account that somebody claims to own; only for checking the password that came with the claim."""
    document = database.accounts.find_one({"email_key": email_key})
    return _account(document) if document else None


def read_account(database: Documents, actor: Actor) -> Account:
    """The caller's own account."""
    document = database.accounts.find_one({"_id": actor.id})
    if document is None:
        raise not_found()
    return _account(document)


def my_account(unit: Unit, actor: Actor) -> Account:
    """The caller's own account, as this transaction sees it."""
    document = unit.find("accounts", {"_id": actor.id})
    if document is None:
        raise not_found()
    return _account(document)


def save_account(unit: Unit, account: Account, facts: Sequence[Fact] = ()) -> None:
    """Stores a new account, or a change to one, with its news."""
    unit.put("accounts", _account_document(account), facts)


def remove_account(unit: Unit, account: Account) -> None:
    """The account is gone, with its sessions and what was counted of it."""
    unit.collection("accounts").delete_one({"_id": account.id})
    unit.collection("attempts").delete_one({"_id": _attempts_id(account.email_key)})
    end_sessions(unit, account.id)


def replace_hash(unit: Unit, account: Account, password_hash: str) -> None:
    """Keeps the same password at today's cost, unless it was changed meanwhile."""
    same = {"_id": account.id, "password_hash": account.password_hash}
    change: dict[str, Any] = {"$set": {"password_hash": password_hash}, "$inc": {"version": 1}}
    unit.collection("accounts").update_one(same, change)


def read_address(database: Documents, account_id: str) -> Document:
    """Where an account is reached, for notify: the one read without an actor, behind the internal token."""
    document = database.accounts.find_one({"_id": account_id})
    if document is None:
        raise not_found()
    return _account(document).address()


def count_attempt(database: Documents, email_key: str) -> None:
    """Counts an attempt to sign in before the password is looked at; ``rate-limited`` while one must wait.

    One atomic update decides by the database's clock, so that guesses sent all at once are counted one by one,
    and an unknown e-mail is slowed down like a known one. What is kept is a digest of the e-mail, for a day.
    """
    ticket = new_id()
    allowed = {"$lte": [{"$ifNull": ["$blocked_until", LONG_AGO]}, "$$NOW"]}
    counted = {"$eq": ["$ticket", ticket]}
    count = {"$cond": [allowed, {"$add": [{"$ifNull": ["$count", 0]}, 1]}, "$count"]}
    wait = {"$arrayElemAt": [[seconds * 1000 for seconds in WAITS_S], {"$min": ["$count", len(WAITS_S) - 1]}]}
    update: list[Document] = [
        {"$set": {"at": "$$NOW", "ticket": {"$cond": [allowed, ticket, "$ticket"]}, "count": count}},
        {"$set": {"blocked_until": {"$cond": [counted, {"$add": ["$$NOW", wait]}, "$blocked_until"]}}},
    ]
    row = database.attempts.find_one_and_update(
        {"_id": _attempts_id(email_key)}, update, upsert=True, return_document=ReturnDocument.AFTER
    )
    if row is not None and row["ticket"] != ticket:
        wait_s = math.ceil((row["blocked_until"] - row["at"]).total_seconds())
        raise Refusal("rate-limited", "Too many attempts; please wait.", retry_after=max(1, wait_s))


def forget_attempts(database: Documents, email_key: str) -> None:
    """The password was right, or is a new one: the count starts again."""
    database.attempts.delete_one({"_id": _attempts_id(email_key)})


def start_session(unit: Unit, account: Account, digest: str, life: timedelta) -> str:
    """A new session with its first refresh token; its id.

    ``suspended``; ``bad-credentials`` where the password that was checked is not the account's any more.
    """
    account.check_admitted()
    same = {"_id": account.id, "password_hash": account.password_hash, "suspended_at": None}
    opened: dict[str, Any] = {"$set": {"opened_at": unit.now}}  # a write, so that a reset at this moment meets it
    if unit.collection("accounts").update_one(same, opened).matched_count == 0:
        raise bad_credentials()
    session = {"_id": new_id(), "account": account.id, "created_at": unit.now, "version": 0}
    _add_token(unit, session, digest, life)
    return str(session["_id"])


def find_refresh(unit: Unit, digest: str) -> tuple[RefreshToken, Document, Account]:
    """A living refresh token with its session and account; ``suspended``, ``bad-credentials`` for anything else."""
    row = unit.find("refresh_tokens", {"_id": digest})
    session = unit.find("sessions", {"_id": row["session"]}) if row else None
    account = unit.find("accounts", {"_id": row["account"]}) if row else None
    if account is not None:
        _account(account).check_admitted()
    if row is None or session is None or account is None:
        raise _bad_refresh()
    token = RefreshToken(digest, row["session"], row["issued_at"], row["expires_at"], row["used_at"])
    if not token.lives(unit.now):
        raise _bad_refresh()
    return token, session, _account(account)


def rotate(unit: Unit, token: RefreshToken, session: Document, digest: str, life: timedelta) -> None:
    """The token is used from now on, another takes its place, and the session lasts as long as that one.

    Of two rotations at once one meets the other at the token's row, and runs again.
    """
    unit.collection("refresh_tokens").update_one(
        {"_id": token.digest, "used_at": None}, {"$set": {"used_at": unit.now}}
    )
    _add_token(unit, session, digest, life)


def end_session(unit: Unit, session_id: str, account_id: str) -> None:
    """The session is over. Without its row no refresh token of it is good for anything; they go when they expire."""
    unit.collection("sessions").delete_one({"_id": session_id, "account": account_id})


def end_sessions(unit: Unit, account_id: str) -> None:
    """All sessions of the account are over."""
    unit.collection("sessions").delete_many({"account": account_id})


def export(database: Documents, actor: Actor) -> Document:
    """All that is held of the caller, but for the password's hash and the tokens' digests."""
    account = read_account(database, actor)
    attempts = database.attempts.find_one({"_id": _attempts_id(account.email_key)})
    sessions = database.sessions.find({"account": actor.id}).sort("created_at", ASCENDING)
    return {
        "account": {**asdict(account), "verified": account.verified_at is not None},
        "sessions": [{**session, "id": session["_id"]} for session in sessions],
        "failed_sign_ins": attempts["count"] if attempts else 0,
        "events": list(database[outbox.COLLECTION].find({"subject": actor.id}).sort("sequence", ASCENDING)),
    }


def read_ring(work: UnitOfWork, key_life: timedelta, token_life: timedelta) -> KeyRing:
    """The signing keys, made at the first call. Whoever deletes the row replaces them, and ends every token."""
    database = work.database
    document = database["keys"].find_one({"_id": RING})
    if document is None:
        ring = first_ring(new_key, key_life, work.now())
        with suppress(DuplicateKeyError):  # another process was first
            database["keys"].insert_one({**_ring_document(ring, token_life), "version": 1})
        document = database["keys"].find_one({"_id": RING}) or {}
    return _ring(document)


def find_ring(unit: Unit) -> KeyRing | None:
    """The signing keys as this transaction sees them."""
    document = unit.find("keys", {"_id": RING})
    return _ring(document) if document else None


def save_ring(unit: Unit, ring: KeyRing, token_life: timedelta) -> None:
    """Stores the signing keys and when they turn next."""
    unit.put("keys", _ring_document(ring, token_life))


def _add_token(unit: Unit, session: Document, digest: str, life: timedelta) -> None:
    row = {"_id": digest, "session": session["_id"], "account": session["account"], "issued_at": unit.now}
    row["used_at"] = None
    unit.collection("refresh_tokens").insert_one({**row, "expires_at": unit.now + life})
    unit.put("sessions", {**session, "refreshed_at": unit.now, "expires_at": unit.now + life})


def bad_credentials() -> Refusal:
    """The one answer to an unknown e-mail and to a wrong password."""
    return Refusal("bad-credentials", "The e-mail or the password is wrong.")


def _bad_refresh() -> Refusal:
    return Refusal("bad-credentials", "This refresh token is not valid; please sign in again.")


def _attempts_id(email_key: str) -> str:
    return hashlib.sha256(email_key.encode()).hexdigest()


def _account_document(account: Account) -> Document:
    document = asdict(account)
    return {"_id": document.pop("id"), **document}


def _account(document: Document) -> Account:
    return Account(id=document["_id"], **{name: document[name] for name in Account.__annotations__ if name in document})


def _ring_document(ring: KeyRing, token_life: timedelta) -> Document:
    return {"_id": RING, **asdict(ring), "due_at": ring.due_at(token_life)}


def _ring(document: Document) -> KeyRing:
    return KeyRing([SigningKey(**key) for key in document["keys"]], document["version"])
