"""Mails that notify is asked to send, and the links in them, in MongoDB (`model.mails`)."""

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import not_found
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import LINKED, MOST_MAILS, MOST_TOKENS, Account, Address, Mail, digest_of
from services.accounts.store.accounts import account_by_id, find_account_by_id, read_address

COUNT_MAILS = timedelta(hours=1)


def add_mail(unit: Unit, mail: Mail) -> None:
    """Keeps a mail until it is sent, or its link is used."""
    unit.collection("mails").insert_one(mail_document(mail))


def draw_mail(database: Documents, mail_id: str, token: str, now: datetime) -> tuple[Mail, Address]:
    """A mail that is about to be sent, and where to; from now on its link, if it has one, goes by ``token``, too.

    ``not-found`` once it is of no use.
    """
    alive = {"_id": mail_id, "expires_at": {"$gt": now}}
    row = database["mails"].find_one(alive)
    if row is None:
        raise not_found()
    mail = mail_from(row)
    to = mail.to or read_address(database, mail.account)
    if mail.has_link:
        kept: dict[str, Any] = {"$push": {"digests": {"$each": [digest_of(token)], "$slice": -MOST_TOKENS}}}
        if not database["mails"].update_one(alive, kept).matched_count:  # used in between
            raise not_found()
    return mail, to


def forget_mail(database: Documents, mail_id: str) -> None:
    """The mail has gone out: its address goes. A link lives on."""
    database["mails"].delete_one({"_id": mail_id, "kind": {"$nin": LINKED}})


def link_owner(database: Documents, token: str, kind: str, now: datetime) -> Account:
    """Whose living link this is, before it is used; ``not-found`` for any other text."""
    row = database["mails"].find_one(_living(token, kind, now))
    account = find_account_by_id(database, row["account"]) if row else None
    if account is None:
        raise not_found()
    return account


def use_link(unit: Unit, token: str, kind: str) -> Account:
    """Uses a link up, in one conditional write, with all others of its kind; its owner. Again, ``not-found``."""
    mails = unit.collection("mails")
    row = mails.find_one_and_delete(_living(token, kind, unit.now))
    account = account_by_id(unit, row["account"]) if row else None
    if account is None:
        raise not_found()
    mails.delete_many({"account": account.id, "kind": kind})
    return account


def drop_mails(unit: Unit, account_id: str) -> None:
    """Nothing that was mailed works any more."""
    unit.collection("mails").delete_many({"account": account_id})


def count_mail(unit: Unit, email_key: str, kind: str) -> bool:
    """Counts a mail to this e-mail; False when it has had its share of the hour."""
    rows = unit.collection("mail_counts")
    mine = {"_id": hashlib.sha256(f"{kind}\n{email_key}".encode()).hexdigest()}
    row = unit.find("mail_counts", mine)
    if row is None or row["at"] <= unit.now - COUNT_MAILS:
        rows.replace_one(mine, {"count": 1, "at": unit.now}, upsert=True)
        return True
    rows.update_one(mine, {"$inc": {"count": 1}})
    return bool(row["count"] < MOST_MAILS)


def _living(token: str, kind: str, now: datetime) -> Document:
    return {"digests": digest_of(token), "kind": kind, "expires_at": {"$gt": now}}


def mail_document(mail: Mail) -> Document:
    """A mail has an address only where it is kept for it, and digests once its link was drawn."""
    row: Document = {"_id": mail.id, "account": mail.account, "kind": mail.kind, "expires_at": mail.expires_at}
    row |= {"to": asdict(mail.to)} if mail.to else {}
    return row | ({"digests": list(mail.digests)} if mail.digests else {})


def mail_from(row: Document) -> Mail:
    """What `mail_document` wrote."""
    to = Address(**row["to"]) if row.get("to") else None
    return Mail(row["_id"], row["account"], row["kind"], row["expires_at"], to, row.get("digests", ()))
