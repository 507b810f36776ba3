"""Sends the mails of several notifications at once: they share their reads, a request for addresses, and their record.

A worker that dies between sending and recording repeats up to a whole handful; each keeps its Message-ID.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from chassis.mongo import is_outage
from services.notify.clients.smtp import is_permanent_refusal
from services.notify.jobs.sending import Desk, finish, finish_all
from services.notify.model import mailing, mails, texts
from services.notify.model.deliveries import DIGEST, Delivery, digest_of
from services.notify.model.headers import BadAddress
from services.notify.model.notifications import Notification
from services.notify.model.people import Person, QuietHours
from services.notify.store import deliveries, notifications, people, projects
from services.notify.store.unsubscriptions import new_tokens

PATIENCE_S = 10.0
"""Seconds after which a slow server's handful is interrupted, so that its leases do not expire while it is sent."""

Retry = Callable[[Delivery, Exception], None]
"""Records a failed attempt."""


@dataclass(frozen=True)
class Ready:
    """A mail that may be sent now."""

    delivery: Delivery
    notification: Notification
    person: Person


def is_plain(delivery: Delivery) -> bool:
    """Whether the delivery is one notification's mail that waits for no digest."""
    alone = delivery.mail_id is not None or delivery.message_id is not None or delivery.kind == DIGEST
    return not alone and delivery.state != "gathered"


def send_notifications(desk: Desk, handful: Sequence[Delivery], quiet: QuietHours, retry: Retry) -> None:
    """Sends, postpones, gathers or suppresses each claimed mail; ``quiet`` are the hours of people who chose none.

    An error of one mail is that mail's attempt. After an error of the connection the rest is released at once. An
    outage of the database is raised: what is not recorded is repeated when the leases expire.
    """
    try:
        ready = _ready(desk, handful, quiet)
    except Exception as error:
        if is_outage(error):
            raise
        if len(handful) == 1:
            retry(handful[0], error)
        else:  # alone, each shows whether it is the cause
            for one in handful:
                send_notifications(desk, [one], quiet, retry)
    else:
        _send_all(desk, _reached(desk, ready, retry), retry)


def _ready(desk: Desk, handful: Sequence[Delivery], quiet: QuietHours) -> list[Ready]:
    """Those to be sent now; records what happens with the others."""
    if not handful:
        return []
    now, ready = desk.now(), list[Ready]()
    dropped, later = defaultdict[str, list[Delivery]](list), defaultdict[datetime, list[Delivery]](list)
    known = people.read_people(desk.database, [one.account for one in handful])
    about = projects.read_projects(desk.database, [one.project_id for one in handful if one.project_id])
    told = notifications.find_all(desk.database, [one.notification_id for one in handful if one.notification_id])
    for delivery in handful:
        person, project = known[delivery.account], about.get(delivery.project_id or "")
        wanted, hours = person.wants(delivery.kind, "email"), person.quiet or quiet
        plan = mailing.plan(delivery, project, wanted, hours, person.zone, now, person.gathers_until)
        notification = told.get(delivery.notification_id or "")
        if plan.action == "wait" and plan.until:
            later[plan.until].append(delivery)
        elif plan.action == "gather" and plan.until:
            digest = digest_of(delivery.account, plan.until, now)
            deliveries.gather(desk.database, delivery, digest, plan.until)
        elif plan.action == "drop":
            dropped[plan.reason].append(delivery)
        elif notification is None:
            dropped["taken-back"].append(delivery)
        else:
            ready.append(Ready(delivery, notification, person))
    for until, waiting in later.items():
        deliveries.release(desk.database, waiting, until)
    for reason, useless in dropped.items():
        finish_all(desk, useless, "suppressed", reason=reason)
    return ready


def _reached(desk: Desk, ready: Sequence[Ready], retry: Retry) -> list[tuple[Ready, mails.Address]]:
    """Those whose address is known, with it."""
    try:
        addresses = desk.addresses.find_all([one.delivery.account for one in ready]) if ready else {}
    except (OSError, ValueError) as error:
        for one in ready:
            retry(one.delivery, error)
        return []
    if lost := [one.delivery for one in ready if one.delivery.account not in addresses]:
        finish_all(desk, lost, "suppressed", reason="no-address")
    return [(one, addresses[one.delivery.account]) for one in ready if one.delivery.account in addresses]


def _send_all(desk: Desk, reached: Sequence[tuple[Ready, mails.Address]], retry: Retry) -> None:
    if not reached:
        return
    now, began, sent = desk.now(), time.monotonic(), list[Delivery]()
    tokens = new_tokens(desk.database, [(one.delivery.account, one.notification.kind) for one, _ in reached], now)
    for place, ((one, to), token) in enumerate(zip(reached, tokens, strict=True)):
        try:
            desk.mailer.send(_letter(desk, one, to, token, now))
        except BadAddress:
            finish(desk, one.delivery, "dead", reason="bad-address")
            late = False
        except Exception as error:
            retry(one.delivery, error)
            late = isinstance(error, OSError) and not is_permanent_refusal(error)  # smtplib's errors are OSErrors
        else:
            sent.append(one.delivery)
            late = time.monotonic() - began > PATIENCE_S
        if late:
            deliveries.release(desk.database, [left.delivery for left, _ in reached[place + 1 :]], now)
            break
    finish_all(desk, sent, "sent", sent_at=desk.now())


def _letter(desk: Desk, one: Ready, to: mails.Address, token: str, now: datetime) -> EmailMessage:
    words = texts.mail_words(one.notification.kind, one.notification.data, to.locale, one.person.zone)
    return mails.compose(one.delivery.id, one.notification.id, words, to, desk.letterhead, now, token)
