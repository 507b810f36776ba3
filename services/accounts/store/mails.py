"""Mails requested from notify, and the links in them, in MongoDB (`model.mails`)."""

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import not_found
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import LINKED, MOST_TOKENS, Account, Address, Mail, Registration, digest_of
from services.accounts.store.accounts import account_by_id, find_account_by_id, read_address
from services.accounts.store.registrations import find_registration_by_id, registration_by_id

COUNT_MAILS = timedelta(hours=1)


def add_mail(unit: Unit, mail: Mail) -> None:
    """Stores a mail until it is sent, its link is used, or it expires."""
    unit.collection("mails").insert_one(mail_document(mail))


def prepare_mail(database: Documents, mail_id: str, token: str, now: datetime) -> tuple[Mail, Address]:
    """A mail about to be sent, and its address. Its link, if it has one, accepts ``token`` from now on.

    ``not-found`` once it is used or expired.
    """
    unexpired = {"_id": mail_id, "expires_at": {"$gt": now}}
    row = database["mails"].find_one(unexpired)
    if row is None:
        raise not_found()
    mail = mail_from(row)
    to = mail.to or read_address(database, mail.account)
    if mail.has_link:
        push: dict[str, Any] = {"$push": {"digests": {"$each": [digest_of(token)], "$slice": -MOST_TOKENS}}}
        if not database["mails"].update_one(unexpired, push).matched_count:  # used meanwhile
            raise not_found()
    return mail, to


def forget_mail(database: Documents, mail_id: str) -> None:
    """Deletes a sent mail with its address; a mail with a link stays until it is used or expires."""
    database["mails"].delete_one({"_id": mail_id, "kind": {"$nin": LINKED}})


def link_owner(database: Documents, token: str, kind: str, now: datetime) -> Account | Registration:
    """The owner of a valid link, without using it; ``not-found`` for any other token."""
    row = database["mails"].find_one(_valid_link(token, kind, now))
    owner = row and (find_account_by_id(database, row["account"]) or find_registration_by_id(database, row["account"]))
    if not owner:
        raise not_found()
    return owner


def use_link(unit: Unit, token: str, kind: str) -> Account | Registration:
    """Uses up a link and all others of its kind, in one conditional write, and returns its owner. ``not-found`` if it
    is not valid."""
    row = use_mail(unit, token, kind)
    owner = account_by_id(unit, row["account"]) or registration_by_id(unit, row["account"])
    if owner is None:
        raise not_found()
    return owner


def use_accounts_link(unit: Unit, token: str, kind: str) -> Account:
    """The same for a kind that only accounts get."""
    owner = use_link(unit, token, kind)
    if not isinstance(owner, Account):
        raise not_found()
    return owner


def use_mail(unit: Unit, token: str, kind: str) -> Document:
    """Uses up a link as `use_link` does, and returns the row of its mail."""
    mails = unit.collection("mails")
    row = mails.find_one_and_delete(_valid_link(token, kind, unit.now))
    if row is None:
        raise not_found()
    mails.delete_many({"account": row["account"], "kind": kind})
    return row


def drop_links(unit: Unit, account_id: str, *kinds: str) -> None:
    """Deletes the account's mails of these kinds, so that their links stop working."""
    unit.collection("mails").delete_many({"account": account_id, "kind": {"$in": list(kinds)}})


def drop_mails(unit: Unit, account_id: str) -> None:
    """Deletes the account's mails, so that their links stop working."""
    unit.collection("mails").delete_many({"account": account_id})


def count_mail(unit: Unit, email_key: str, kind: str, most: int) -> bool:
    """Counts a mail to this e-mail; returns False beyond ``most`` per hour."""
    rows = unit.collection("mail_counts")
    mine = {"_id": hashlib.sha256(f"{kind}\n{email_key}".encode()).hexdigest()}
    row = unit.find("mail_counts", mine)
    if row is None or row["at"] <= unit.now - COUNT_MAILS:
        rows.replace_one(mine, {"count": 1, "at": unit.now}, upsert=True)
        return True
    rows.update_one(mine, {"$inc": {"count": 1}})
    return bool(row["count"] < most)


def _valid_link(token: str, kind: str, now: datetime) -> Document:
    return {"digests": digest_of(token), "kind": kind, "expires_at": {"$gt": now}}


def mail_document(mail: Mail) -> Document:
    """The mail as it is stored; an address and digests only if it has them."""
    row: Document = {"_id": mail.id, "account": mail.account, "kind": mail.kind, "expires_at": mail.expires_at}
    row |= {"to": asdict(mail.to)} if mail.to else {}
    row |= {"data": dict(mail.data)} if mail.data else {}
    return row | ({"digests": list(mail.digests)} if mail.digests else {})


def mail_from(row: Document) -> Mail:
    """Reads a row written by `mail_document`."""
    to = Address(**row["to"]) if row.get("to") else None
    return Mail(
        row["_id"], row["account"], row["kind"], row["expires_at"], to, row.get("digests", ()), row.get("data", {})
    )
