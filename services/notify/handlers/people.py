"""Handlers of events about accounts: language, time zone, erasure, and the mails that accounts requests."""

from typing import Any

from chassis.erasure import confirm
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.notify.model.deliveries import account_mail
from services.notify.store import deliveries, people


def record_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.registered, account.changed: stores the person's role and language."""
    people.learn_person(unit, event.subject, event.data, event.sequence)


def record_zone(event: Event, unit: Unit, _config: Any) -> None:
    """profile.changed: stores the mentor's time zone, which counts unless the preferences name one."""
    people.learn_zone(unit, event.data["account"], event.data["timezone"], event.sequence)


def erase_person(event: Event, unit: Unit, _config: Any) -> None:
    """account.erased: deletes the person's data; they get no more notifications."""
    people.erase_person(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="notify")])


def send_account_mail(event: Event, unit: Unit, _config: Any) -> None:
    """mail.requested: a mail of accounts, due now."""
    mail = account_mail(event.data["mail_id"], event.subject, event.data["kind"], event.time, unit.now)
    deliveries.add(unit, [mail])
