"""Unsubscribing from a kind of mail in one click, without signing in (RFC 8058)."""

from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import schemas
from services.notify.store.unsubscriptions import unsubscribe


def routes(work: UnitOfWork) -> Blueprint:
    """The route that the page of a mail's link calls, for its reader or for a provider of mail (RFC 8058)."""
    routes = Blueprint("unsubscribing", __name__)

    @routes.post("/api/notifications/unsubscribe/<token>")
    @refuses("not-found")
    @routes.response(200, schemas.UnsubscribedSchema)
    def unsubscribe_in_one_click(token: str) -> Document:
        """Stops the mails of a kind, by the token of one of them. The body is ignored, whatever its type."""
        return {"kinds": work.run(lambda unit: unsubscribe(unit, token))}

    return routes
