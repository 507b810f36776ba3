"""Sends one mail of a programme, whose content and recipient are known to programmes only."""

from chassis.http.internal import NoAnswer
from services.notify.jobs.sending import Desk, finish, forget
from services.notify.model.deliveries import Delivery
from services.notify.model.headers import BadAddress
from services.notify.model.people import QuietHours
from services.notify.model.programme_mails import ProgrammeMail, compose_programme_mail, plan
from services.notify.store import deliveries, people


def send_programme_mail(desk: Desk, delivery: Delivery, message_id: str, default: QuietHours) -> None:
    """Sends, postpones or suppresses the mail; ``default`` are the quiet hours of people who chose none."""
    try:
        mail = desk.programmes.fetch(message_id)
        person = people.read_person(desk.database, mail.account or "")
        zone = person.chosen_zone or mail.timezone or person.zone
        wanted, quiet = person.wants("programme", "email"), person.quiet or default
        decided = plan(mail, delivery.news_at, wanted, quiet, zone, desk.now())
        if decided.action == "wait" and decided.until:
            deliveries.postpone(desk.database, delivery, decided.until)
        elif decided.action == "drop":
            finish(desk, delivery, "suppressed", reason=decided.reason)
        else:
            _send(desk, delivery, mail, zone)
            finish(desk, delivery, "sent", sent_at=desk.now())
            forget(delivery, message_id, desk.programmes.forget)
    except NoAnswer:
        finish(desk, delivery, "suppressed", reason="outdated")
    except BadAddress:
        finish(desk, delivery, "dead", reason="bad-address")


def _send(desk: Desk, delivery: Delivery, mail: ProgrammeMail, zone: str) -> None:
    to = mail.to or desk.addresses.find(mail.account or "")
    desk.mailer.send(compose_programme_mail(delivery.id, mail, to, zone, desk.letterhead, desk.now()))
