"""Handlers of events about programmes, which hold ids and counts only: notify learns names when it sends a mail."""

from typing import Any

from chassis.erasure import erased_of
from chassis.events import Event
from chassis.unit import Unit
from services.notify.model.audience import Notice
from services.notify.model.deliveries import programme_mail
from services.notify.model.programme_mails import notices_of
from services.notify.store import deliveries, notifications


def request_programme_mails(event: Event, unit: Unit, _config: Any) -> None:
    """messages.requested: one mail for each message, due now; whoever has an account is notified in-app too."""
    erased = erased_of(unit, {row["account"] for row in event.data["messages"] if row["account"]})
    rows = [row for row in event.data["messages"] if row["account"] not in erased]
    mails = [programme_mail(row["message_id"], row["account"], row["kind"], event.time, unit.now) for row in rows]
    deliveries.add(unit, mails)
    notifications.add(unit, notifications.unknown(unit, notices_of(event.data["programme"], rows)), event.time)


def notify_proposal(event: Event, unit: Unit, _config: Any) -> None:
    """pairing.proposed: notifies the account that asked for the proposal; each proposal has its own notification."""
    data = {"about": "proposal", "pairs": event.data["pairs"], "unpaired": event.data["unpaired"]}
    notice = Notice("programme", None, event.data["account"], data, event.sequence, programme_id=event.subject)
    notifications.add(unit, notifications.unknown(unit, [notice]), event.time)
