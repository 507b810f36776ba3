"""The job that sends mails: claims due deliveries with a short lease, plans, sends and records the results."""

import random
import threading
from collections.abc import Callable

from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.http.internal import InternalRoutes
from chassis.mongo import is_outage
from chassis.unit import UnitOfWork
from services.notify.clients.addresses import AddressBook
from services.notify.clients.programmes import Programmes
from services.notify.clients.smtp import Mailer, is_permanent_refusal
from services.notify.config import Config
from services.notify.jobs.handful import is_plain, send_notifications
from services.notify.jobs.programme_mails import send_programme_mail
from services.notify.jobs.sending import Desk, finish, send_account_mail, send_digest
from services.notify.model import mailing
from services.notify.model.deliveries import DIGEST, NET, Delivery
from services.notify.store import deliveries

POLL_S = 1.0
HANDFUL = 20
"""Maximum number of mails that are claimed at once, and that a crash may therefore repeat."""


def deliver_mails(work: UnitOfWork, config: Config, stop: threading.Event) -> None:
    """Sends due mails until ``stop`` is set; during an outage of the database it waits."""
    postman = Postman(work, config)
    while not stop.is_set():
        try:
            while not stop.is_set() and postman.deliver_some():
                pass
        except PyMongoError as error:
            telemetry.log.warning("mails_wait", error=telemetry.error_name(error))
        postman.rest()
        stop.wait(POLL_S)
    postman.rest()


class Postman:
    """Sends deliveries over one SMTP connection: mails of notifications by the handful, the others one by one.

    A handful shares its reads, its request for addresses and the record of what was sent.
    """

    def __init__(
        self,
        work: UnitOfWork,
        config: Config,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database, self._now = work.database, work.now
        self._quiet = config.quiet_hours
        self._chance = chance
        self._mailer = Mailer(config.smtp)
        tls = config.inside.client()
        accounts = AddressBook(InternalRoutes(config.accounts_url, config.to_accounts, tls=tls))
        programmes = Programmes(InternalRoutes(config.programmes_url, config.to_programmes, tls=tls))
        self._desk = Desk(self._database, self._now, accounts, programmes, self._mailer, config.letterhead)

    def rest(self) -> None:
        """Closes the connection until the next mail."""
        self._mailer.close()

    def deliver_some(self) -> bool:
        """Processes the deliveries that have been due longest, `HANDFUL` at most; returns False when none is due."""
        claimed = deliveries.claim(self._database, self._now(), HANDFUL)
        for delivery in claimed:
            # a digest that was sent just now has finished the deliveries gathered in it
            if not is_plain(delivery) and deliveries.is_ours(self._database, delivery):
                self._deliver_alone(delivery)
        send_notifications(self._desk, list(filter(is_plain, claimed)), self._quiet, self._retry)
        return bool(claimed)

    def _deliver_alone(self, delivery: Delivery) -> None:
        try:
            self._advance(delivery)
        except Exception as error:
            if is_outage(error):
                raise  # it is retried when the lease expires
            self._retry(delivery, error)

    def _advance(self, delivery: Delivery) -> None:
        if delivery.mail_id is not None:  # about the account: preferences and quiet hours do not apply
            send_account_mail(self._desk, delivery, delivery.mail_id)
        elif delivery.message_id is not None:
            send_programme_mail(self._desk, delivery, delivery.message_id, self._quiet)
        elif delivery.kind == DIGEST:
            send_digest(self._desk, delivery)
        elif deliveries.is_unfinished(self._database, delivery.digest):
            deliveries.postpone(self._database, delivery, self._now() + NET)
        else:
            send_notifications(self._desk, [delivery], self._quiet, self._retry)

    def _retry(self, delivery: Delivery, error: Exception) -> None:
        tries, name = delivery.tries + 1, telemetry.error_name(error)
        place = telemetry.error_place(error)
        telemetry.log.warning("mail_failed", delivery=delivery.id, tries=tries, error=name, place=place)
        refused = is_permanent_refusal(error)
        wait = None if refused else mailing.backoff(tries, self._chance())
        if wait is None:
            reason = "refused" if refused else "exhausted"
            finish(self._desk, delivery, "dead", tries=tries, reason=reason, error=name)
        else:
            deliveries.postpone(self._database, delivery, self._now() + wait, state="retrying", tries=tries, error=name)
