"""Tokens with which a mail's recipient stops its kind without signing in; only their digests are stored."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from chassis.erasure import is_erased
from chassis.facts import not_found
from chassis.mongo import Documents
from chassis.unit import Unit
from services.notify.model.people import stopped_by

COLLECTION = "unsubscriptions"


def new_token(database: Documents, account: str, kind: str, now: datetime) -> str:
    """A token for the next attempt to send this person a mail of this kind."""
    return new_tokens(database, [(account, kind)], now)[0]


def new_tokens(database: Documents, mails: Sequence[tuple[str, str]], now: datetime) -> list[str]:
    """A token for the next attempt to send each of these mails, given as the account and the kind."""
    tokens = [secrets.token_urlsafe(32) for _ in mails]
    rows = [{"_id": _digest(token), "account": account, "kind": kind, "at": now}
            for token, (account, kind) in zip(tokens, mails, strict=True)]  # fmt: skip
    if rows:
        database[COLLECTION].insert_many(rows)
    return tokens


def unsubscribe(unit: Unit, token: str) -> list[str]:
    """Switches off by mail the kinds that the token's mail was about, and returns them; ``not-found`` otherwise.

    Repeated, it does the same.
    """
    row = unit.find(COLLECTION, {"_id": _digest(token)})
    if row is None or is_erased(unit, row["account"]):
        raise not_found()
    kinds = stopped_by(row["kind"])
    change = {"$addToSet": {"email_off": {"$each": kinds}}}
    unit.collection("people").update_one({"_id": row["account"]}, change, upsert=True)
    return kinds


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
