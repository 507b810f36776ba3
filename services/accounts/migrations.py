"""Migrations of this service's documents, in order. See `chassis.migrations`."""

from datetime import timedelta

from chassis.keyring import Keyring
from chassis.keys import wrapped_pem
from chassis.migrations import Migration, change_each
from chassis.mongo import Document, Documents
from chassis.outbox import drop_replaced_indexes
from chassis.places import keep_apart, rows_of

RECEIPT_WITHIN = timedelta(days=30)
"""The default when receipts got a deadline; the setting may have changed since."""


def wrap_signing_keys(database: Documents, keys: Keyring) -> None:
    """Wraps the private keys of access tokens, which were stored readable."""
    rows = rows_of(database, "vault/keys")
    for row in list(rows.find({"keys.private_pem": {"$exists": True}})):
        wrapped = [_wrapped(key, keys) for key in row["keys"]]
        rows.update_one({"_id": row["_id"], "version": row["version"]}, {"$set": {"keys": wrapped}})


def _wrapped(key: Document, keys: Keyring) -> Document:
    if "private_pem" not in key:
        return key
    pem = wrapped_pem(keys, key["id"], key["private_pem"])
    return {"id": key["id"], "private": pem, "signs_from": key["signs_from"]}


def give_receipts_a_deadline(database: Documents) -> None:
    """Gives a deadline to erasures that wait for services; without it their address would stay for ever."""
    until = {"$add": ["$requested_at", RECEIPT_WITHIN // timedelta(milliseconds=1)]}
    older = {"completed_at": None, "to": {"$exists": True}, "due_at": None}
    change_each(database.erasures, older, [{"$set": {"due_at": until}}])


def leave_commitments_to_projects(database: Documents) -> None:
    """Deletes which awards bind whom: projects decides that now."""
    database.commitments.drop()


MIGRATIONS = (
    Migration(1, "keep_apart", keep_apart(keys="keys")),
    Migration(2, "wrap_signing_keys", seal=wrap_signing_keys),
    Migration(3, "give_receipts_a_deadline", give_receipts_a_deadline),
    Migration(4, "leave_commitments_to_projects", leave_commitments_to_projects),
    Migration(5, "drop_replaced_indexes", drop_replaced_indexes(address_changes=["account_1"])),
)
