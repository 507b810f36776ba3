"""Mails that notify is asked to send, and the links in them, in MongoDB.

A link's token is drawn when notify sends the mail, and only its SHA-256 is kept: there is no moment at which the
database or Kafka holds anything that a link could be made of. A mail that is sent again carries another token; all
of one mail are one link, which works once.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Fact, not_found
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.facts import MailRequested
from services.accounts import store
from services.accounts.model import LINKED, MOST_MAILS, Account
from services.accounts.tokens import digest_of, new_token

KEPT = timedelta(days=3)
"""How long a mail without a link may wait to be sent; notify itself gives up sooner."""
WRITES = 3
"""What a mail costs: the mail itself, the account's version, the event."""
MOST_TOKENS = 20
"""More than notify ever tries to send one mail."""


def order(unit: Unit, account_id: str, kind: str, life: timedelta, to: Mapping[str, str] | None = None) -> Fact:
    """A mail to be sent, and the news that asks for it. ``to`` is the address, where the account no longer has it."""
    mail_id = new_id()
    row = {"_id": mail_id, "account": account_id, "kind": kind, "expires_at": unit.now + life}
    unit.collection("mails").insert_one(row | ({"to": dict(to)} if to else {}))
    return MailRequested(mail_id=mail_id, kind=kind)


def link(unit: Unit, account_id: str, kind: str, life: timedelta) -> str:
    """A link that is handed over at once and by no mail; its token."""
    token = new_token()
    row = {"_id": new_id(), "account": account_id, "kind": kind, "expires_at": unit.now + life}
    unit.collection("mails").insert_one({**row, "digests": [digest_of(token)]})
    return token


def order_for(unit: Unit, email_key: str, kind: str, life: timedelta, wanted: Callable[[Account], bool]) -> None:
    """Orders a mail to whoever has this e-mail, if they are to have it and have not had many.

    Where there is nobody, as much is written to no effect, so that the time of the answer does not tell.
    """
    account = store.account_of(unit, email_key)
    few = count(unit, email_key, kind)
    if account is not None and few and wanted(account):
        store.save_account(unit, account, [order(unit, account.id, kind, life)])
    else:
        store.write_decoys(unit, WRITES)


def draw(database: Documents, mail_id: str, now: datetime) -> Document:
    """What notify needs to send a mail, with a fresh token where it has a link; ``not-found`` once it is of no use."""
    alive = {"_id": mail_id, "expires_at": {"$gt": now}}
    row = database["mails"].find_one(alive) or {}
    to = row.get("to") or (store.read_address(database, row["account"]) if row else None)
    if to is None:
        raise not_found()
    if row["kind"] not in LINKED:
        return {**to, "kind": row["kind"], "token": None}
    token = new_token()
    kept: dict[str, Any] = {"$push": {"digests": {"$each": [digest_of(token)], "$slice": -MOST_TOKENS}}}
    if not database["mails"].update_one(alive, kept).matched_count:  # used in between
        raise not_found()
    return {**to, "kind": row["kind"], "token": token}


def forget(database: Documents, mail_id: str) -> None:
    """The mail has gone out: its address goes. A link lives on."""
    database["mails"].delete_one({"_id": mail_id, "kind": {"$nin": LINKED}})


def link_owner(database: Documents, token: str, kind: str, now: datetime) -> Account:
    """Whose living link this is, before it is used; ``not-found`` for any other text."""
    row = database["mails"].find_one(_living(token, kind, now))
    account = store.find_account_by_id(database, row["account"]) if row else None
    if account is None:
        raise not_found()
    return account


def use_link(unit: Unit, token: str, kind: str) -> Account:
    """Uses a link up, in one conditional write, with all others of its kind; its owner. Again, ``not-found``."""
    mails = unit.collection("mails")
    row = mails.find_one_and_delete(_living(token, kind, unit.now))
    account = store.account_by_id(unit, row["account"]) if row else None
    if account is None:
        raise not_found()
    mails.delete_many({"account": account.id, "kind": kind})
    return account


def drop_links(unit: Unit, account_id: str) -> None:
    """Nothing that was mailed works any more."""
    unit.collection("mails").delete_many({"account": account_id})


def _living(token: str, kind: str, now: datetime) -> Document:
    return {"digests": digest_of(token), "kind": kind, "expires_at": {"$gt": now}}


def count(unit: Unit, email_key: str, kind: str) -> bool:
    """Counts a mail to this e-mail; False when it has had its share of the hour."""
    rows = unit.collection("mail_counts")
    mine = {"_id": hashlib.sha256(f"{kind}\n{email_key}".encode()).hexdigest()}
    row = unit.find("mail_counts", mine)
    if row is None or row["at"] <= unit.now - store.COUNT_MAILS:
        rows.replace_one(mine, {"count": 1, "at": unit.now}, upsert=True)
        return True
    rows.update_one(mine, {"$inc": {"count": 1}})
    return bool(row["count"] < MOST_MAILS)
