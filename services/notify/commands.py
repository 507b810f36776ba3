"""Commands of people: each function has one effect in one unit of work, and returns the answer."""

from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.notify.model.people import Person, QuietHours
from services.notify.store import notifications, people
from services.notify.views import notification_view


def mark_notification_read(unit: Unit, actor: Actor, notification_id: str, person: Person) -> Document:
    """Marks a notification as read and returns it in the language of ``person``. Repeated, the first time stays."""
    found = notifications.mark_read(unit, notification_id, actor)
    if found.read_at == unit.now:
        people.record_reading(unit, actor.id)
    return notification_view(person)(found)


def mark_read_until(unit: Unit, actor: Actor, notification_id: str) -> Document:
    """Marks a notification and all older ones as read."""
    read = notifications.mark_read_until(unit, notification_id, actor)
    if read:
        people.record_reading(unit, actor.id)
    return {"read": read, "unread": notifications.unread_left(unit, actor)}


def set_preferences(unit: Unit, person: Person, default: QuietHours) -> Document:
    """Stores the preferences of ``person`` and returns them in full; unset quiet hours are ``default``."""
    people.save_preferences(unit, person)
    return person.preferences(default)
