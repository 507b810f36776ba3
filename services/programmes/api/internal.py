"""Internal routes for notify; the gateway does not expose them."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from chassis.facts import Refusal
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.clients.passes import new_token
from services.programmes.config import Config
from services.programmes.views.messages import message_view

NO_STORE = {"Cache-Control": "no-store"}


class _Unlisted(Blueprint):
    """A blueprint whose routes are not documented, because the gateway does not expose them."""

    def register_views_in_doc(self, *_args: Any, **_kwargs: Any) -> None:
        """Registers nothing."""


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """Without the internal token they answer 403, not 404: notify retries after a 403, a wrong configuration, and drops
    a mail only after a 404, when it has no recipient."""
    blueprint = _Unlisted("internal", __name__)

    def internal(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            presented = request.headers.get("X-Releve-Internal", "").encode("latin-1")  # the bytes as received
            if not hmac.compare_digest(presented, config.internal_token.encode()):
                raise Refusal("forbidden", "Only other services may call this route.")
            return view(*args, **kwargs)

        return checked

    @blueprint.post("/internal/messages/<message_id>")
    @internal
    @blueprint.response(200, schemas.MessageSchema)
    def prepare_message(message_id: str) -> tuple[Document, dict[str, str]]:
        """The data for sending a message, with a new token for its link; 404 once there is nobody to send it to."""
        now = work.now()
        told = store.told(work.database, message_id, now)
        token = new_token() if told.message.has_link else None
        if token:
            store.prepare_message(work.database, message_id, token, now)
        return message_view(told, token), NO_STORE

    @blueprint.delete("/internal/messages/<message_id>")
    @internal
    @blueprint.response(204)
    def forget_message(message_id: str) -> None:
        """The message was sent."""
        store.forget_message(work.database, message_id)

    return blueprint
