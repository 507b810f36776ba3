"""Sends one mail: of a notification, of what was gathered (a digest), or about the account.

Nothing of it happens inside a transaction. A delivery that is sent again carries the same Message-ID. What SMTP or
accounts raise for now comes through; `jobs.deliveries` tries again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis import telemetry
from chassis.mongo import Documents
from services.notify.clients.addresses import AddressBook, NoAddress
from services.notify.clients.smtp import Mailer
from services.notify.metrics import MAILS
from services.notify.model import mailing, mails, texts
from services.notify.model.deliveries import Delivery
from services.notify.model.headers import BadAddress
from services.notify.model.notifications import Notification
from services.notify.model.people import Person
from services.notify.store import deliveries, notifications, people, projects


@dataclass(frozen=True)
class Desk:
    """What sending takes: the database and its clock, addresses, the SMTP connection, and what all mails have."""

    database: Documents
    now: Callable[[], datetime]
    addresses: AddressBook
    mailer: Mailer
    letterhead: mails.Letterhead


def send_notification(desk: Desk, delivery: Delivery, zone: str) -> None:
    """The mail of a notification; none where it was taken back."""
    notification = notifications.find(desk.database, delivery.notification_id or "")
    if notification is None:
        finish(desk, delivery, "suppressed", reason="taken-back")
        return
    try:
        to = desk.addresses.find(delivery.account)
        words = texts.render(notification.kind, notification.data, to.locale, zone)
        desk.mailer.send(mails.compose(delivery.id, notification.id, words, to, desk.letterhead, desk.now()))
    except NoAddress:
        finish(desk, delivery, "suppressed", reason="no-address")
    except BadAddress:
        finish(desk, delivery, "dead", reason="bad-address")
    else:
        finish(desk, delivery, "sent", sent_at=desk.now())


def send_account_mail(desk: Desk, delivery: Delivery, mail_id: str) -> None:
    """A mail that accounts asked for; none once its link is of no use."""
    try:
        found = desk.addresses.draw(mail_id)
        desk.mailer.send(mails.compose_account_mail(delivery.id, found, desk.letterhead, desk.now()))
    except NoAddress:
        finish(desk, delivery, "suppressed", reason="outdated")
    except BadAddress:
        finish(desk, delivery, "dead", reason="bad-address")
    else:
        finish(desk, delivery, "sent", sent_at=desk.now())
        _forget(desk, delivery, mail_id)


def send_digest(desk: Desk, digest: Delivery) -> None:
    """One mail of all that was gathered for it and is still of use; none where nothing is left."""
    person, now = people.read_person(desk.database, digest.account), desk.now()
    lasting = _still_of_use(desk, digest, person, now)
    if not lasting:
        _finish_empty(desk, digest)
        return
    gathered = [delivery for delivery, _ in lasting]
    try:
        to = desk.addresses.find(digest.account)
        words = [
            (notification.id, *texts.render(notification.kind, notification.data, to.locale, person.zone))
            for _, notification in lasting
        ]
        desk.mailer.send(mails.compose_digest(digest.id, words, to, desk.letterhead, now))
    except NoAddress:
        deliveries.settle(desk.database, gathered, "suppressed", reason="no-address")
        finish(desk, digest, "suppressed", reason="no-address")
    except BadAddress:
        deliveries.settle(desk.database, gathered, "dead", reason="bad-address")
        finish(desk, digest, "dead", reason="bad-address")
    else:
        deliveries.settle(desk.database, gathered, "digested", sent_at=desk.now())
        finish(desk, digest, "sent", sent_at=desk.now())


def finish(desk: Desk, delivery: Delivery, state: str, **more: Any) -> None:
    """Nothing more is to be done with it: ``sent``, ``suppressed`` or ``dead``. Written, counted and logged."""
    deliveries.finish(desk.database, delivery, state, **more)
    MAILS.labels(state).inc()
    say = telemetry.log.error if state == "dead" else telemetry.log.info
    ids = {"delivery": delivery.id, "kind": delivery.kind, "account": delivery.account}
    say("mail_" + state, **ids, reason=more.get("reason"))


def _still_of_use(desk: Desk, digest: Delivery, person: Person, now: datetime) -> list[tuple[Delivery, Notification]]:
    """What was gathered for the digest and is to go; what is not is suppressed."""
    lasting = []
    for delivery in deliveries.gathered_for(desk.database, digest):
        project = projects.read_project(desk.database, delivery.project_id or "")
        reason = mailing.useless(delivery, project, person.wants(delivery.kind, "email"), now)
        notification = notifications.find(desk.database, delivery.notification_id or "")
        if reason or notification is None:
            deliveries.settle(desk.database, [delivery], "suppressed", reason=reason or "taken-back")
        else:
            lasting.append((delivery, notification))
    return lasting


def _finish_empty(desk: Desk, digest: Delivery) -> None:
    sent_at = deliveries.digested_at(desk.database, digest)
    if sent_at:
        finish(desk, digest, "sent", sent_at=sent_at)
    else:
        finish(desk, digest, "suppressed", reason="empty")


def _forget(desk: Desk, delivery: Delivery, mail_id: str) -> None:
    """Accounts drops what it kept for this mail alone; where it cannot be told, it does so in time by itself."""
    try:
        desk.addresses.forget(mail_id)
    except OSError as error:
        telemetry.log.warning("mail_not_forgotten", delivery=delivery.id, error=telemetry.error_name(error))
