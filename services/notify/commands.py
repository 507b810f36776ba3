"""What a person asked for: each function is one effect in one unit of work, and gives the answer."""

from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.notify.model.people import Person, QuietHours
from services.notify.store import notifications, people
from services.notify.views import notification_view


def mark_notification_read(unit: Unit, actor: Actor, notification_id: str, person: Person) -> Document:
    """The notification, read from now on, in the words of ``person``; again, it stays read since the first time."""
    return notification_view(person)(notifications.mark_read(unit, notification_id, actor))


def set_preferences(unit: Unit, person: Person, default: QuietHours) -> Document:
    """Replaces what ``person`` wants to be told; the preferences in full, quiet at ``default`` where none are named."""
    people.save_preferences(unit, person)
    return person.preferences(default)
