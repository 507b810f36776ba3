"""Views of notifications for people, and of mails for operators."""

from collections.abc import Callable, Sequence

from chassis.mongo import Document
from services.notify.model import texts
from services.notify.model.deliveries import Delivery
from services.notify.model.notifications import Notification
from services.notify.model.people import Person, QuietHours


def notification_view(person: Person) -> Callable[[Notification], Document]:
    """Makes the view that renders notifications in the person's current language and zone."""

    def view(notification: Notification) -> Document:
        title, body = texts.render(notification.kind, notification.data, person.language, person.zone)
        return {
            "id": notification.id,
            "title": title,
            "body": body,
            "kind": notification.kind,
            "project_id": notification.project_id,
            "programme_id": notification.programme_id,
            "created_at": notification.created_at,
            "read_at": notification.read_at,
        }

    return view


def export_view(
    person: Person, default: QuietHours, notifications: Sequence[Notification], deliveries: Sequence[Delivery]
) -> Document:
    """All data stored of a person; unset quiet hours are ``default``."""
    shown = notification_view(person)
    return {
        "id": person.id,
        "role": person.role,
        "locale": person.language,
        "preferences": person.preferences(default),
        "profile_timezone": person.profile_zone,
        "notifications": [shown(notification) for notification in notifications],
        "deliveries": [_delivery_view(delivery) for delivery in deliveries],
    }


def failing_view(delivery: Delivery) -> Document:
    """A mail that keeps failing, as operators see it."""
    error = delivery.error or delivery.reason
    return {
        "id": delivery.id,
        "account": delivery.account or None,
        "kind": delivery.kind,
        "state": delivery.state,
        "tries": delivery.tries,
        "since": delivery.created_at,
        **({"error": error} if error else {}),
    }


def _delivery_view(delivery: Delivery) -> Document:
    return {
        "notification_id": delivery.notification_id,
        "channel": delivery.channel,
        "state": delivery.state,
        "created_at": delivery.created_at,
        **({"sent_at": delivery.sent_at} if delivery.sent_at else {}),
    }
