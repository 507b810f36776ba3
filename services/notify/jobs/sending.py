"""Sends one mail: a digest of gathered notifications, or a message about the account; `handful` sends the others.

Nothing here runs in a transaction. A retried delivery has the same Message-ID. Temporary errors of SMTP and accounts
propagate, and `jobs.deliveries` retries.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis import telemetry
from chassis.http.internal import NoAnswer
from chassis.mongo import Documents
from services.notify.clients.addresses import AddressBook
from services.notify.clients.programmes import Programmes
from services.notify.clients.smtp import Mailer
from services.notify.metrics import MAILS
from services.notify.model import mailing, mails, texts
from services.notify.model.deliveries import Delivery
from services.notify.model.headers import BadAddress
from services.notify.model.notifications import Notification
from services.notify.model.people import Person
from services.notify.store import deliveries, notifications, people, projects
from services.notify.store.unsubscriptions import new_token


@dataclass(frozen=True)
class Desk:
    """What sending needs: the database and its clock, accounts, programmes, the SMTP connection, the letterhead."""

    database: Documents
    now: Callable[[], datetime]
    addresses: AddressBook
    programmes: Programmes
    mailer: Mailer
    letterhead: mails.Letterhead


def send_account_mail(desk: Desk, delivery: Delivery, mail_id: str) -> None:
    """Sends a mail that accounts requested; suppresses it once its link is outdated."""
    try:
        found = desk.addresses.fetch_mail(mail_id)
        zone = people.read_person(desk.database, delivery.account).zone
        desk.mailer.send(mails.compose_account_mail(delivery.id, found, zone, desk.letterhead, desk.now()))
    except NoAnswer:
        finish(desk, delivery, "suppressed", reason="outdated")
    except BadAddress:
        finish(desk, delivery, "dead", reason="bad-address")
    else:
        finish(desk, delivery, "sent", sent_at=desk.now())
        forget(delivery, mail_id, desk.addresses.forget)


def send_digest(desk: Desk, digest: Delivery) -> None:
    """Sends the gathered mails that are still relevant as one; suppresses the digest if none is left."""
    person, now = people.read_person(desk.database, digest.account), desk.now()
    relevant = _still_relevant(desk, digest, person, now)
    if not relevant:
        _finish_empty(desk, digest)
        return
    gathered = [delivery for delivery, _ in relevant]
    try:
        to = desk.addresses.find(digest.account)
        words = [
            (notification.id, *texts.render(notification.kind, notification.data, to.locale, person.zone))
            for _, notification in relevant
        ]
        token = new_token(desk.database, digest.account, digest.kind, now)
        desk.mailer.send(mails.compose_digest(digest.id, words, to, desk.letterhead, now, token))
    except NoAnswer:
        deliveries.settle(desk.database, gathered, "suppressed", reason="no-address")
        finish(desk, digest, "suppressed", reason="no-address")
    except BadAddress:
        deliveries.settle(desk.database, gathered, "dead", reason="bad-address")
        finish(desk, digest, "dead", reason="bad-address")
    else:
        deliveries.settle(desk.database, gathered, "digested", sent_at=desk.now())
        finish(desk, digest, "sent", sent_at=desk.now())


def finish(desk: Desk, delivery: Delivery, state: str, **more: Any) -> None:
    """Records, counts and logs the final state: ``sent``, ``suppressed`` or ``dead``."""
    finish_all(desk, [delivery], state, **more)


def finish_all(desk: Desk, every: Sequence[Delivery], state: str, **more: Any) -> None:
    """Records, counts and logs the same final state of several mails."""
    deliveries.finish_all(desk.database, every, state, **more)
    log = telemetry.log.error if state == "dead" else telemetry.log.info
    for delivery in every:
        MAILS.labels(state).inc()
        ids = {"delivery": delivery.id, "kind": delivery.kind, "account": delivery.account}
        log("mail_" + state, **ids, reason=more.get("reason"))


def _still_relevant(desk: Desk, digest: Delivery, person: Person, now: datetime) -> list[tuple[Delivery, Notification]]:
    """The gathered deliveries that are still to be sent, with their notifications; suppresses the others."""
    relevant, gathered = [], deliveries.gathered_for(desk.database, digest)
    about = projects.read_projects(desk.database, [one.project_id for one in gathered if one.project_id])
    told = notifications.find_all(desk.database, [one.notification_id for one in gathered if one.notification_id])
    for delivery in gathered:
        project, notification = about.get(delivery.project_id or ""), told.get(delivery.notification_id or "")
        reason = mailing.reason_to_drop(delivery, project, person.wants(delivery.kind, "email"), now)
        if reason or notification is None:
            deliveries.settle(desk.database, [delivery], "suppressed", reason=reason or "taken-back")
        else:
            relevant.append((delivery, notification))
    return relevant


def _finish_empty(desk: Desk, digest: Delivery) -> None:
    sent_at = deliveries.digested_at(desk.database, digest)
    if sent_at:
        finish(desk, digest, "sent", sent_at=sent_at)
    else:
        finish(desk, digest, "suppressed", reason="empty")


def forget(delivery: Delivery, id: str, tell: Callable[[str], None]) -> None:
    """Tells the service that requested the mail to delete its data; if that fails, it deletes them later by itself."""
    try:
        tell(id)
    except (OSError, NoAnswer) as error:
        telemetry.log.warning("mail_not_forgotten", delivery=delivery.id, error=telemetry.error_name(error))
