"""The job that sends mails: claims a due delivery with a short lease, decides, sends, and writes down how it went.

Nothing of it happens inside a transaction. Two workers never hold a delivery at once; one that dies in between
leaves it to the next after the lease, with the same Message-ID.
"""

import random
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.ids import new_id
from chassis.mongo import Document, Documents, database_now, is_outage
from chassis.unit import UnitOfWork
from services.notify import mail, mailing, store, texts
from services.notify.addresses import AddressBook, NoAddress
from services.notify.config import Config

LEASE = timedelta(minutes=2)
LOOK_S = 1.0
DONE = ("due_at", "claim")
"""What a delivery no longer has once it is sent, suppressed or dead."""


def deliver_mails(work: UnitOfWork, config: Config, stop: threading.Event) -> None:
    """Sends what is due until ``stop`` is set; a lost database is waited for."""
    postman = Postman(work.database, config)
    while not stop.is_set():
        try:
            while not stop.is_set() and postman.deliver_one():
                pass
        except PyMongoError as error:
            telemetry.log.warning("mails_wait", error=telemetry.error_name(error))
        postman.rest()
        stop.wait(LOOK_S)
    postman.rest()


class Postman:
    """Sends one delivery after the other over one connection."""

    def __init__(self, database: Documents, config: Config, chance: Callable[[], float] = random.random) -> None:
        self._database = database
        self._config = config
        self._chance = chance
        self._addresses = AddressBook(config.accounts_url, config.internal_token)
        self._mailer = mail.Mailer(config.smtp)

    def rest(self) -> None:
        """Closes the connection until the next mail."""
        self._mailer.close()

    def deliver_one(self) -> bool:
        """Brings the delivery that is due longest one step on; False when none is due."""
        delivery = self._claim()
        if delivery is None:
            return False
        try:
            self._advance(delivery)
        except Exception as error:
            if is_outage(error):
                raise  # the lease ends, then it is tried again
            self._retry(delivery, error)
        return True

    def _claim(self) -> Document | None:
        """The conditional write moves ``due_at`` to the lease's end: nobody else finds it due until then."""
        now = database_now(self._database)
        claimed = {"$set": {"due_at": now + LEASE, "claim": new_id()}}
        return self._database["deliveries"].find_one_and_update(
            {"due_at": {"$lte": now}}, claimed, sort=[("due_at", ASCENDING)], return_document=ReturnDocument.AFTER
        )

    def _advance(self, delivery: Document) -> None:
        if "mail_id" in delivery:  # about the account: neither preferences nor quiet hours hold it back
            self._send_account_mail(delivery)
            return
        person = store.read_person(self._database, delivery["account"])
        project = store.read_project(self._database, delivery["project_id"])
        wanted, quiet = person.wants(delivery["kind"], "email"), person.quiet or self._config.quiet_hours
        plan = mailing.plan(delivery, project, wanted, quiet, person.zone, database_now(self._database))
        if plan.action == "wait":
            self._write(delivery, {"due_at": plan.until}, ("claim",))
        elif plan.action == "drop":
            self._finish(delivery, "suppressed", reason=plan.reason)
        else:
            self._send(delivery, person.zone)

    def _send(self, delivery: Document, zone: str) -> None:
        notification = self._database["notifications"].find_one({"_id": delivery["notification_id"]})
        if notification is None:
            self._finish(delivery, "suppressed", reason="taken-back")
            return
        try:
            to = self._addresses.find(delivery["account"])
            words = texts.render(notification["kind"], notification["data"], to.locale, zone)
            now = database_now(self._database)
            self._mailer.send(mail.compose(delivery["_id"], notification["_id"], words, to, self._config, now))
        except NoAddress:
            self._finish(delivery, "suppressed", reason="no-address")
        except mail.BadAddress:
            self._finish(delivery, "dead", reason="bad-address")
        else:
            self._finish(delivery, "sent", sent_at=database_now(self._database))

    def _send_account_mail(self, delivery: Document) -> None:
        try:
            found = self._addresses.draw(delivery["mail_id"])
            now = database_now(self._database)
            self._mailer.send(mail.compose_account_mail(delivery["_id"], found, self._config, now))
        except NoAddress:
            self._finish(delivery, "suppressed", reason="outdated")
        except mail.BadAddress:
            self._finish(delivery, "dead", reason="bad-address")
        else:
            self._finish(delivery, "sent", sent_at=database_now(self._database))
            self._forget(delivery)

    def _forget(self, delivery: Document) -> None:
        """Accounts drops what it kept for this mail alone; where it cannot be told, it does so in time by itself."""
        try:
            self._addresses.forget(delivery["mail_id"])
        except OSError as error:
            telemetry.log.warning("mail_not_forgotten", delivery=delivery["_id"], error=telemetry.error_name(error))

    def _retry(self, delivery: Document, error: Exception) -> None:
        tries = delivery["tries"] + 1
        wait = None if mail.refused_for_good(error) else mailing.backoff(tries, self._chance())
        telemetry.log.warning(
            "mail_failed",
            delivery=delivery["_id"],
            tries=tries,
            error=telemetry.error_name(error),
            place=telemetry.error_place(error),
        )
        if wait is None:
            reason = "refused" if mail.refused_for_good(error) else "exhausted"
            self._finish(delivery, "dead", tries=tries, reason=reason)
        else:
            due_at = database_now(self._database) + wait
            self._write(delivery, {"state": "retrying", "tries": tries, "due_at": due_at}, ("claim",))

    def _finish(self, delivery: Document, state: str, **more: Any) -> None:
        self._write(delivery, {"state": state, **more}, DONE)
        say = telemetry.log.error if state == "dead" else telemetry.log.info
        ids = {"delivery": delivery["_id"], "kind": delivery["kind"], "account": delivery["account"]}
        say("mail_" + state, **ids, reason=more.get("reason"))

    def _write(self, delivery: Document, change: Mapping[str, Any], gone: tuple[str, ...]) -> None:
        """Only while the delivery is still ours: after the lease somebody else may be at it."""
        ours = {"_id": delivery["_id"], "claim": delivery["claim"]}
        update = {"$set": dict(change), "$unset": dict.fromkeys(gone, "")}
        self._database["deliveries"].update_one(ours, update)
