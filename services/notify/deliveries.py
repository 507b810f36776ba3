"""The job that sends mails: claims a due delivery with a short lease, decides, sends, and writes down how it went.

Nothing of it happens inside a transaction. Two workers never hold a delivery at once; one that dies in between
leaves it to the next after the lease, with the same Message-ID.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
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
from services.notify.metrics import MAILS

LEASE = timedelta(minutes=2)
DIGEST = "digest"
IN_ORDER = [("created_at", ASCENDING), ("_id", ASCENDING)]
NET = timedelta(minutes=10)
"""So long after its digest's hour a gathered delivery looks what has become of the digest."""
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

    def __init__(
        self,
        database: Documents,
        config: Config,
        chance: Callable[[], float] = random.random,
        clock: Callable[[Documents], datetime] = database_now,
    ) -> None:
        self._database = database
        self._now = lambda: clock(database)
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
        now = self._now()
        claimed = {"$set": {"due_at": now + LEASE, "claim": new_id()}}
        return self._database["deliveries"].find_one_and_update(
            {"due_at": {"$lte": now}}, claimed, sort=[("due_at", ASCENDING)], return_document=ReturnDocument.AFTER
        )

    def _advance(self, delivery: Document) -> None:
        if "mail_id" in delivery:  # about the account: neither preferences nor quiet hours hold it back
            self._send_account_mail(delivery)
            return
        if delivery["kind"] == DIGEST:
            self._send_digest(delivery)
            return
        person, now = store.read_person(self._database, delivery["account"]), self._now()
        if self._digest_to_come(delivery):
            self._write(delivery, {"due_at": now + NET}, ("claim",))
            return
        project = store.read_project(self._database, delivery["project_id"])
        wanted, quiet = person.wants(delivery["kind"], "email"), person.quiet or self._config.quiet_hours
        plan = mailing.plan(delivery, project, wanted, quiet, person.zone, now, person.gathers_until)
        if plan.action == "wait":
            self._write(delivery, {"due_at": plan.until}, ("claim",))
        elif plan.action == "gather" and plan.until:
            self._gather(delivery, plan.until)
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
            now = self._now()
            self._mailer.send(mail.compose(delivery["_id"], notification["_id"], words, to, self._config, now))
        except NoAddress:
            self._finish(delivery, "suppressed", reason="no-address")
        except mail.BadAddress:
            self._finish(delivery, "dead", reason="bad-address")
        else:
            self._finish(delivery, "sent", sent_at=self._now())

    def _digest_to_come(self, delivery: Document) -> bool:
        """Whether this delivery is in a digest that is still on its way."""
        if delivery["state"] != "gathered":
            return False
        waiting = {"_id": delivery["digest"], "due_at": {"$exists": True}}
        return self._database["deliveries"].find_one(waiting, {"_id": 1}) is not None

    def _gather(self, delivery: Document, until: datetime) -> None:
        """Puts the delivery aside for the digest of that moment, which is there before anything is in it."""
        digest = mailing.digest_id(delivery["account"], until)
        state = {"channel": "email", "state": "pending", "tries": 0, "due_at": until, "news_at": until}
        row = {"account": delivery["account"], "kind": DIGEST, "created_at": self._now(), **state}
        once = {"$setOnInsert": {**row, "notification_id": None, "project_id": None}}
        self._database["deliveries"].update_one({"_id": digest}, once, upsert=True)
        self._write(delivery, {"state": "gathered", "digest": digest, "due_at": until + NET}, ("claim",))

    def _send_digest(self, delivery: Document) -> None:
        """One mail of all that was gathered for it and still has its sense; none where nothing is left."""
        person, now = store.read_person(self._database, delivery["account"]), self._now()
        gathered = list(
            self._database["deliveries"].find({"digest": delivery["_id"], "state": "gathered"}).sort(IN_ORDER)
        )
        lasting = []
        for row in gathered:
            project = store.read_project(self._database, row["project_id"])
            reason = mailing.useless(row, project, person.wants(row["kind"], "email"), now)
            notification = self._database["notifications"].find_one({"_id": row["notification_id"]})
            if reason or notification is None:
                self._settle([row], "suppressed", reason=reason or "taken-back")
            else:
                lasting.append((row, notification))
        if not lasting:
            before = {"digest": delivery["_id"], "state": "digested"}  # sent already by somebody who died just then
            sent = self._database["deliveries"].find_one(before)
            if sent:
                self._finish(delivery, "sent", sent_at=sent["sent_at"])
            else:
                self._finish(delivery, "suppressed", reason="empty")
            return
        rows = [row for row, _ in lasting]
        try:
            to = self._addresses.find(delivery["account"])
            words = [
                (found["_id"], *texts.render(found["kind"], found["data"], to.locale, person.zone))
                for _, found in lasting
            ]
            self._mailer.send(mail.compose_digest(delivery["_id"], words, to, self._config, now))
        except NoAddress:
            self._settle(rows, "suppressed", reason="no-address")
            self._finish(delivery, "suppressed", reason="no-address")
        except mail.BadAddress:
            self._settle(rows, "dead", reason="bad-address")
            self._finish(delivery, "dead", reason="bad-address")
        else:
            self._settle(rows, "digested", sent_at=self._now())
            self._finish(delivery, "sent", sent_at=self._now())

    def _settle(self, rows: Sequence[Document], state: str, **more: Any) -> None:
        """Ends what was gathered, with its digest."""
        these = {"_id": {"$in": [row["_id"] for row in rows]}, "state": "gathered"}
        update = {"$set": {"state": state, **more}, "$unset": dict.fromkeys(DONE, "")}
        self._database["deliveries"].update_many(these, update)

    def _send_account_mail(self, delivery: Document) -> None:
        try:
            found = self._addresses.draw(delivery["mail_id"])
            now = self._now()
            self._mailer.send(mail.compose_account_mail(delivery["_id"], found, self._config, now))
        except NoAddress:
            self._finish(delivery, "suppressed", reason="outdated")
        except mail.BadAddress:
            self._finish(delivery, "dead", reason="bad-address")
        else:
            self._finish(delivery, "sent", sent_at=self._now())
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
            self._finish(delivery, "dead", tries=tries, reason=reason, error=telemetry.error_name(error))
        else:
            due_at = self._now() + wait
            change = {"state": "retrying", "tries": tries, "due_at": due_at, "error": telemetry.error_name(error)}
            self._write(delivery, change, ("claim",))

    def _finish(self, delivery: Document, state: str, **more: Any) -> None:
        self._write(delivery, {"state": state, **more}, DONE)
        MAILS.labels(state).inc()
        say = telemetry.log.error if state == "dead" else telemetry.log.info
        ids = {"delivery": delivery["_id"], "kind": delivery["kind"], "account": delivery["account"]}
        say("mail_" + state, **ids, reason=more.get("reason"))

    def _write(self, delivery: Document, change: Mapping[str, Any], gone: tuple[str, ...]) -> None:
        """Only while the delivery is still ours: after the lease somebody else may be at it."""
        ours = {"_id": delivery["_id"], "claim": delivery["claim"]}
        update = {"$set": dict(change), "$unset": dict.fromkeys(gone, "")}
        self._database["deliveries"].update_one(ours, update)
