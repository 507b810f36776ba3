"""Internal routes for notify; the gateway does not expose them."""

from chassis.http.internal import NO_STORE, Unlisted, guarded_by
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.clients.passes import new_token
from services.programmes.config import Config
from services.programmes.views.messages import message_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The internal routes."""
    blueprint, internal = Unlisted("internal", __name__), guarded_by(notify=config.from_notify)

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
