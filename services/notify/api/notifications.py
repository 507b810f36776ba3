"""A person's notifications: the list, and marking one as read."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import page_of
from chassis.http.parsing import Blueprint
from chassis.http.said import example
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import commands, schemas
from services.notify.store import notifications, people
from services.notify.views import notification_view


def routes(work: UnitOfWork) -> Blueprint:
    """The list, and marking one as read."""
    routes = Blueprint("notifications", __name__)

    @routes.get("/api/notifications")
    @signed_in()
    @routes.arguments(schemas.NotificationQuery, location="query")
    @routes.response(200, page_of(schemas.NotificationSchema))
    def read_notifications(query: Document, *, actor: Actor) -> Document:
        """The caller's notifications, newest first, in their language."""
        view = notification_view(people.read_person(work.database, actor.id))
        return notifications.read_page(work.database, actor, query, view)

    @routes.post("/api/notifications/<notification_id>/read")
    @signed_in()
    @routes.response(200, schemas.NotificationSchema)
    @example(answer={"read_at": "2026-11-23T09:12:00.000Z"})
    def mark_notification_read(notification_id: str, *, actor: Actor) -> Document:
        """Marks a notification as read. Repeated, the time of the first reading stays."""
        person = people.read_person(work.database, actor.id)
        return command(work, actor, lambda unit: commands.mark_notification_read(unit, actor, notification_id, person))

    return routes
