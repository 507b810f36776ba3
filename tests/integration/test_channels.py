"""Requests for mails in a topic of their own: where they are published, and what of the version before still counts."""

import threading
from typing import cast

import pytest

from chassis import outbox
from chassis.broker.clients import Record
from chassis.dead_letters import DeadLetters
from chassis.events import Envelope, encode
from chassis.handling import Handling
from chassis.ids import new_id
from chassis.mongo import Documents
from contracts.events import CONTRACT
from services.notify.handlers import HANDLERS
from tests.kit.accounts import Accounts
from tests.kit.examples import EMAIL
from tests.kit.services import Running


def test_request_for_a_mail_is_stored_for_its_own_topic(database: Documents) -> None:
    accounts = Accounts(database)
    accounts.register()
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    topics = {row["name"]: row["topic"] for row in database[outbox.COLLECTION].find()}
    assert topics["mail.requested"] == "releve.accounts.mails.v1"
    assert topics["account.registered"] == "releve.accounts.v1"


@pytest.mark.parametrize(
    ("topic", "deliveries"),
    [
        ("releve.accounts.mails.v1", 1),
        ("releve.accounts.v1", 1),  # where it was before
        ("releve.programmes.mails.v1", 0),
        ("releve.projects.v1", 0),
    ],
)
def test_request_counts_in_each_topic_of_accounts_and_in_no_other(
    database: Documents, topic: str, deliveries: int
) -> None:
    notify, subject = Running("notify", database), new_id()
    payload = {"mail_id": new_id(), "kind": "password-reset"}
    source = "urn:releve:service:accounts"
    key, value, headers = encode(Envelope(new_id(), source, "mail.requested", 1, subject, 7, notify.now, payload))
    record = Record(topic, 0, 0, key, value, headers, 0)
    dead = cast(DeadLetters, None)  # none is written
    handling = Handling(notify.work, CONTRACT, "notify", HANDLERS, None, dead, threading.Event())
    for _ in range(2):  # as after a lost broker
        handling.advance(handling.begin([record]))
    assert database.deliveries.count_documents({"account": subject}) == deliveries


def test_rows_stored_before_an_upgrade_go_to_the_topic_of_now(database: Documents) -> None:
    accounts = Accounts(database)
    accounts.register()
    accounts.post("/api/accounts/password-reset", {"email": EMAIL})
    rows = database[outbox.COLLECTION]
    rows.update_many({}, {"$set": {"topic": "releve.accounts.v1"}})
    request = rows.find_one({"name": "mail.requested"}) or {}
    rows.insert_one({**request, "_id": "of-another-version", "subject": "x", "name": "mail.gone"})
    rows.insert_one({**request, "_id": "published", "subject": "y", "pending": False})
    accounts.service.prepare(database)
    topics = {row["_id"] if row["subject"] in "xy" else row["name"]: row["topic"] for row in rows.find()}
    assert topics == {
        "mail.requested": "releve.accounts.mails.v1",
        "account.registered": "releve.accounts.v1",
        "of-another-version": "releve.accounts.v1",
        "published": "releve.accounts.v1",
    }
    accounts.service.prepare(database)
    assert outbox.readdress(database, "accounts", CONTRACT) == 0
