"""Accounts in MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING
from pymongo.collation import Collation

from chassis import outbox
from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.accounts.model import Account, Address, email_key

MOST_FOUND = 20
BY_NAME = Collation("fr", strength=1)
"""Compares names without regard to case and accents; the index of names has it, too."""


def account_of(unit: Unit, email_key: str) -> Account | None:
    """The account with this e-mail, as this transaction sees it; None if there is none."""
    document = unit.find("accounts", {"email_key": email_key})
    return account_from(document) if document else None


def account_by_id(unit: Unit, account_id: str) -> Account | None:
    """An account as this transaction sees it, for a link or an operator; None if there is none."""
    document = unit.find("accounts", {"_id": account_id})
    return account_from(document) if document else None


def find_account_by_id(database: Documents, account_id: str) -> Account | None:
    """An account, for a link; None if there is none."""
    document = database.accounts.find_one({"_id": account_id})
    return account_from(document) if document else None


def find_account(database: Documents, email_key: str) -> Account | None:
    """The account with this e-mail; only for checking the password of a sign-in."""
    document = database.accounts.find_one({"email_key": email_key})
    return account_from(document) if document else None


def find_accounts(database: Documents, query: Mapping[str, str]) -> list[Account]:
    """At most `MOST_FOUND` accounts with this ``email``, ``name`` and ``id``, as far as these are given; for operators.

    Names are compared without regard to case and accents. Without any of the three nobody is found.
    """
    stored = {"email": "email_key", "name": "display_name", "id": "_id"}
    wanted = {stored[name]: query[name] for name in stored if name in query}
    if "email" in query:
        wanted["email_key"] = email_key(query["email"])
    if not wanted:
        return []
    found = database.accounts.find(wanted).limit(MOST_FOUND)
    return [account_from(document) for document in (found.collation(BY_NAME) if "name" in query else found)]


def read_account(database: Documents, actor: Actor) -> Account:
    """The caller's own account; ``not-found`` once it is erased."""
    document = database.accounts.find_one({"_id": actor.id})
    if document is None:
        raise not_found()
    return account_from(document)


def my_account(unit: Unit, actor: Actor) -> Account:
    """The caller's own account, as this transaction sees it; ``not-found`` once it is erased."""
    document = unit.find("accounts", {"_id": actor.id})
    if document is None:
        raise not_found()
    return account_from(document)


def save_account(unit: Unit, account: Account, facts: Sequence[Fact] = ()) -> None:
    """Stores a new or changed account with its facts."""
    unit.put("accounts", account_document(account), facts)


def remove_account(unit: Unit, account: Account) -> None:
    """Deletes the account."""
    unit.collection("accounts").delete_one({"_id": account.id})


def replace_hash(unit: Unit, account: Account, password_hash: str) -> None:
    """Stores a hash of the same password at the current cost, unless the password was changed meanwhile."""
    same = {"_id": account.id, "password_hash": account.password_hash}
    change: dict[str, Any] = {"$set": {"password_hash": password_hash}, "$inc": {"version": 1}}
    unit.collection("accounts").update_one(same, change)


def read_address(database: Documents, account_id: str) -> Address:
    """An account's address for notify: the only read without an actor, protected by the token of notify."""
    account = find_account_by_id(database, account_id)
    if account is None:
        raise not_found()
    return account.address()


def read_addresses(database: Documents, account_ids: Sequence[str]) -> dict[str, Address]:
    """The addresses of several accounts, by account, for notify; as `read_address`, without those that do not exist."""
    rows = database.accounts.find({"_id": {"$in": list(account_ids)}})
    return {row["_id"]: account_from(row).address() for row in rows}


def read_events(database: Documents, actor: Actor) -> list[Document]:
    """The published events about the caller, in order."""
    return list(database[outbox.COLLECTION].find({"subject": actor.id}).sort("sequence", ASCENDING))


def account_document(account: Account) -> Document:
    """The account as it is stored."""
    document = asdict(account)
    return {"_id": document.pop("id"), **document}


def account_from(document: Document) -> Account:
    """Reads a document written by `account_document`."""
    return Account(id=document["_id"], **{name: document[name] for name in Account.__annotations__ if name in document})
