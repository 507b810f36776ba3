"""Server-Sent Events: a person's notifications as they are created, without a gap after a broken connection.

Source: HTML Living Standard, section 9.2. One change stream per process wakes all open streams (`hub`); polling every
few seconds is the fallback.

A stream begins with an id, so that a client that loses the connection before its first notification resumes from there.
A stream replaced by a newer one ends with an id that marks it. A browser sends that id when it reconnects, and gets 204
while the person has as many streams as allowed: it stops reconnecting, and does not replace another stream in turn.

Beside notifications a stream carries hints, whatever the preferences: ``changed`` (there is something new to read about
this project, or about any if ``project_id`` is null) and ``read`` (notifications were read elsewhere). They have no id
and are not repeated after a broken connection: whoever reconnects looks again.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Response, request
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.http.auth import Actor, signed_in, still_signed_in
from chassis.http.drain import THIS_PROCESS
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint
from chassis.http.said import documented, header
from chassis.mongo import Documents
from chassis.unit import UnitOfWork
from services.notify import schemas
from services.notify.api.hub import READ, Hub, Listener
from services.notify.config import Config
from services.notify.model.notifications import Notification
from services.notify.store import notifications, people
from services.notify.views import notification_view

STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
BEAT_S = 15.0
POLL_S = 5.0
RECONNECT_MS = 2_000
AFTER = "Resumes after this notification; an unknown id replays all stored ones."
AT, REPLACED_AT = "at-", "replaced-at-"
"""Prefixes of the ids at a stream's start and at a replaced stream's end; the position follows."""
_PLACE = re.compile(rf"({AT}|{REPLACED_AT})([0-9]{{1,15}})")


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The stream."""
    routes = Blueprint("stream", __name__)
    hub = Hub(work.database, config.streams)
    THIS_PROCESS.on_begin(hub.close)
    schema = schemas.NotificationSchema()

    @routes.get("/api/notifications/stream")
    @signed_in()
    @routes.response(200, schemas.NotificationSchema, content_type="text/event-stream")
    @routes.alt_response(204, description="A newer stream has replaced this one: do not reconnect.")
    @documented(parameters=header("Last-Event-ID", AFTER))
    def stream_notifications(*, actor: Actor) -> Response:
        """Server-Sent Events: notifications from now on, or after ``Last-Event-ID``, until the token expires."""
        begin = start(work.database, actor, request.headers.get("Last-Event-ID"))

        def view(notification: Notification) -> dict[str, Any]:
            shown = notification_view(people.read_person(work.database, actor.id))
            item: dict[str, Any] = schema.dump(shown(notification))
            return item

        listener = hub.join(actor.id, caller_network(), replaced=begin.replaced)
        if listener is None:
            return Response(status=204, headers=STREAM_HEADERS)
        events = follow(hub, listener, work.database, actor, begin.position, _token_end(), view, still_signed_in(actor))
        response = Response(events, content_type="text/event-stream", headers=STREAM_HEADERS)
        response.call_on_close(lambda: hub.leave(listener))  # also if it is closed before its first byte
        return response

    return routes


@dataclass(frozen=True)
class Start:
    """The position from which a client resumes, and whether its last stream was replaced by a newer one."""

    position: int
    replaced: bool = False


def start(database: Documents, actor: Actor, last_event_id: str | None) -> Start:
    """Parses ``Last-Event-ID``: a notification's id or a stream's. An unknown one starts before all stored ones."""
    if found := _PLACE.fullmatch(last_event_id or ""):
        return Start(int(found[2]), found[1] == REPLACED_AT)
    return Start(notifications.position(database, actor, last_event_id))


def follow(
    hub: Hub,
    listener: Listener,
    database: Documents,
    actor: Actor,
    position: int,
    expires_at: float,
    view: Callable[[Notification], dict[str, Any]],
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[bytes]:
    """The stream after ``position``, until ``expires_at`` (Unix time of the token), the end of its session, or until a
    newer stream replaces it."""
    try:
        yield f"retry: {RECONNECT_MS}\nid: {AT}{position}\n\n".encode()
        beat = time.monotonic() + BEAT_S
        while time.time() < expires_at and goes_on():
            listener.wake.clear()
            if listener.closed:  # checked after clearing the event, which `close` may just have set
                if listener.replaced:
                    yield f"id: {REPLACED_AT}{position}\n\n".encode()
                break
            batch = notifications.read_after(database, actor, position)
            for notification in batch:
                position = notification.counter
                if notification.in_app:
                    yield _event(notification.id, view(notification))
            hints = list(dict.fromkeys(listener.hints.popleft() for _ in range(len(listener.hints))))
            for hint in hints:
                yield _unread(database, actor) if hint == READ else _changed(hint)
            if batch or hints:
                beat = time.monotonic() + BEAT_S
                continue
            if time.monotonic() >= beat:
                yield b": still here\n\n"
                beat = time.monotonic() + BEAT_S
            listener.wake.wait(max(0.0, min(POLL_S, beat - time.monotonic(), expires_at - time.time())))
    except PyMongoError as error:  # the client reconnects with its Last-Event-ID
        telemetry.log.warning("stream_ends", error=telemetry.error_name(error))
    finally:
        hub.leave(listener)


def _event(notification_id: str, item: dict[str, Any]) -> bytes:
    data = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return f"id: {notification_id}\nevent: notification\ndata: {data}\n\n".encode()


def _changed(project_id: str | None) -> bytes:
    return f"event: changed\ndata: {json.dumps({'project_id': project_id})}\n\n".encode()


def _unread(database: Documents, actor: Actor) -> bytes:
    unread = notifications.count_unread(database, actor)
    return f"event: read\ndata: {json.dumps({'unread': unread})}\n\n".encode()


def _token_end() -> float:
    """When the caller's token expires, as a Unix time; `signed_in` has checked the token."""
    token = request.headers["Authorization"].partition(" ")[2].strip()
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return float(claims["exp"])
