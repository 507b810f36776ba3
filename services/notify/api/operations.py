"""HTTP routes for operators: the mails that keep failing."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import schemas
from services.notify.store import deliveries
from services.notify.views import failing_view


def routes(work: UnitOfWork) -> Blueprint:
    """The routes of operators."""
    routes = Blueprint("operations", __name__)

    @routes.get("/api/operations/deliveries")
    @signed_in("operator")
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, page_of(schemas.FailingDeliverySchema))
    def read_failing_deliveries(query: Document, *, actor: Actor) -> Document:
        """Mails that were given up, or have failed more than five times and are retried, oldest first."""
        found = deliveries.read_failing(work.database, query, failing_view)
        audit.record_reading(work, actor, "deliveries.read", (item["account"] for item in found["items"]))
        return found

    return routes
