"""A person's notifications: the list, one, how many are unread, and marking them as read."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import page_of
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import commands, schemas
from services.notify.store import notifications, people
from services.notify.views import notification_view


def routes(work: UnitOfWork) -> Blueprint:
    """The list, one, how many are unread, and marking them as read."""
    routes = Blueprint("notifications", __name__)

    @routes.get("/api/notifications")
    @signed_in()
    @routes.arguments(schemas.NotificationQuery, location="query")
    @routes.response(200, page_of(schemas.NotificationSchema))
    def read_notifications(query: Document, *, actor: Actor) -> Document:
        """The caller's notifications, newest first, in their language."""
        view = notification_view(people.read_person(work.database, actor.id))
        return notifications.read_page(work.database, actor, query, view)

    @routes.get("/api/notifications/unread")
    @signed_in()
    @routes.response(200, schemas.UnreadSchema)
    def count_unread(*, actor: Actor) -> Document:
        """How many notifications are unread; a thousand at most."""
        return {"unread": notifications.count_unread(work.database, actor)}

    @routes.get("/api/notifications/<notification_id>")
    @signed_in()
    @routes.response(200, schemas.NotificationSchema)
    def read_notification(notification_id: str, *, actor: Actor) -> Document:
        """One notification; reading it by this route does not mark it."""
        found = notifications.read_one(work.database, notification_id, actor)
        return notification_view(people.read_person(work.database, actor.id))(found)

    @routes.post("/api/notifications/read")
    @signed_in()
    @refuses("not-found")
    @routes.arguments(schemas.UntilBody)
    @routes.response(200, schemas.ReadSchema)
    def mark_notifications_read(body: Document, *, actor: Actor) -> Document:
        """Marks a notification and all older ones as read."""
        return command(work, actor, lambda unit: commands.mark_read_until(unit, actor, body["until"]))

    @routes.post("/api/notifications/<notification_id>/read")
    @signed_in()
    @routes.response(200, schemas.NotificationSchema)
    @example(answer={"read_at": "2026-11-23T09:12:00.000Z"})
    def mark_notification_read(notification_id: str, *, actor: Actor) -> Document:
        """Marks a notification as read. Repeated, the time of the first reading stays."""
        person = people.read_person(work.database, actor.id)
        return command(work, actor, lambda unit: commands.mark_notification_read(unit, actor, notification_id, person))

    return routes
