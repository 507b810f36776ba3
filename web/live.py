"""The event stream of one browser, relayed from notify: its tabs share one connection (`static/releve.js`)."""

from collections.abc import Iterator

from flask import Blueprint, Response, request

from web.api import Away
from web.visit import parts, visit

routes = Blueprint("live", __name__)
COMES_BACK_MS = 3000
"""How long a browser waits before it connects again."""
BEGAN = b"event: began\ndata: {}\n\n"
"""The first event of each stream. On it pages fetch their live parts again, because hints sent before the stream was
connected are not replayed."""


@routes.get("/events")
def events() -> Response:
    """Relays notifications and changes until the access token ends; 204 to a stranger ends a browser's attempts.

    A browser that gets 503 never connects again, so an answer is always 200, with a time to come back.
    """
    here = visit()
    if not here.session:
        return Response(status=204)
    headers = here.caller.headers
    if last := request.headers.get("Last-Event-ID"):
        headers["Last-Event-ID"] = last
    try:
        status, chunks, opened = parts().api.stream("/api/notifications/stream", headers)
    except Away:
        return _stream(iter(()))
    if status == 204:
        opened.close()
        return Response(status=204)
    if status != 200:
        opened.close()
        return _stream(iter(()))

    def relayed() -> Iterator[bytes]:
        try:
            yield BEGAN
            yield from chunks
        finally:
            opened.close()

    return _stream(relayed())


def _stream(chunks: Iterator[bytes]) -> Response:
    def all_of_it() -> Iterator[bytes]:
        yield f"retry: {COMES_BACK_MS}\n\n".encode()
        yield from chunks

    answer = Response(all_of_it(), content_type="text/event-stream; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
