"""HTTP in: notifications, their stream, preferences, and all that is held of a person."""

from typing import Any

import jwt
from flask import Blueprint as FlaskBlueprint
from flask import Response, request

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.drain import THIS_PROCESS
from chassis.http.pages import page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import commands, schemas, store, stream
from services.notify.config import Config
from services.notify.operations import operations
from services.notify.views import notification_view

STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def blueprints(work: UnitOfWork, config: Config) -> list[FlaskBlueprint]:
    """The routes of this service."""
    return [_notifications(work), _stream(work, config), _person(work, config), operations(work)]


def _notifications(work: UnitOfWork) -> Blueprint:
    routes = Blueprint("notifications", __name__)

    @routes.get("/api/notifications")
    @signed_in()
    @routes.arguments(schemas.NotificationQuery, location="query")
    @routes.response(200, page_of(schemas.NotificationSchema))
    def read_notifications(query: Document, *, actor: Actor) -> Document:
        """The person's notifications, newest first, in their language."""
        return store.read_page(
            work.database, actor, query, notification_view(store.read_person(work.database, actor.id))
        )

    @routes.post("/api/notifications/<notification_id>/read")
    @signed_in()
    @routes.response(200, schemas.NotificationSchema)
    def mark_notification_read(notification_id: str, *, actor: Actor) -> Document:
        """Marks one as read; again, it stays read since the first time."""
        person = store.read_person(work.database, actor.id)
        return command(work, actor, lambda unit: commands.mark_notification_read(unit, actor, notification_id, person))

    return routes


def _stream(work: UnitOfWork, config: Config) -> Blueprint:
    routes = Blueprint("stream", __name__)
    hub = stream.Hub(work.database, config.streams)
    THIS_PROCESS.on_begin(hub.close)
    schema = schemas.NotificationSchema()

    @routes.get("/api/notifications/stream")
    @signed_in()
    @routes.response(200, schemas.NotificationSchema, content_type="text/event-stream")
    @routes.alt_response(204, description="A newer stream has taken this one's place: do not reconnect.")
    def stream_notifications(*, actor: Actor) -> Response:
        """Server-Sent Events: what comes from now on, or after ``Last-Event-ID``; ends with the token."""
        start = stream.start(work.database, actor, request.headers.get("Last-Event-ID"))

        def view(row: Document) -> Document:
            item: Document = schema.dump(notification_view(store.read_person(work.database, actor.id))(row))
            return item

        listener = hub.join(actor.id, replaced=start.replaced)
        if listener is None:
            return Response(status=204, headers=STREAM_HEADERS)
        events = stream.follow(hub, listener, work.database, actor, start.position, _token_end(), view)
        response = Response(events, content_type="text/event-stream", headers=STREAM_HEADERS)
        response.call_on_close(lambda: hub.leave(listener))  # a stream that is closed before its first byte
        return response

    return routes


def _person(work: UnitOfWork, config: Config) -> Blueprint:
    routes = Blueprint("preferences", __name__)

    @routes.get("/api/notifications/preferences")
    @signed_in()
    @routes.response(200, schemas.PreferencesSchema)
    def read_preferences(*, actor: Actor) -> Document:
        """What the person is told, by kind and channel, and when mails wait."""
        return store.read_person(work.database, actor.id).preferences(config.quiet_hours)

    @routes.put("/api/notifications/preferences")
    @signed_in()
    @routes.arguments(schemas.PreferencesSchema)
    @routes.response(200, schemas.PreferencesSchema)
    def set_preferences(wish: Document, *, actor: Actor) -> Document:
        """Replaces the preferences. What the window needs cannot be switched off in-app."""
        person = store.read_person(work.database, actor.id).preferring(wish)
        return command(work, actor, lambda unit: commands.set_preferences(unit, person, config.quiet_hours))

    @routes.get("/api/notifications/export")
    @signed_in()
    @routes.response(200, schemas.ExportSchema)
    def export_person(*, actor: Actor) -> Document:
        """All that notify holds of the caller."""
        person = store.read_person(work.database, actor.id)
        notifications, deliveries = store.read_everything(work.database, actor)
        return {
            "id": actor.id,
            "role": person.role,
            "locale": person.language,
            "preferences": person.preferences(config.quiet_hours),
            "profile_timezone": person.profile_zone,
            "notifications": [notification_view(person)(row) for row in notifications],
            "deliveries": deliveries,
        }

    return routes


def _token_end() -> float:
    """When the caller's token expires, as a Unix time; `signed_in` has checked the token."""
    token = request.headers["Authorization"].partition(" ")[2].strip()
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return float(claims["exp"])
