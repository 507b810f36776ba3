"""HTTP in, for operators: the mails that do not get through."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import schemas, store


def operations(work: UnitOfWork) -> Blueprint:
    """The routes of operators."""
    routes = Blueprint("operations", __name__)

    @routes.get("/api/operations/deliveries")
    @signed_in("operator")
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, page_of(schemas.FailingDeliverySchema))
    def read_failing_deliveries(query: Document, *, actor: Actor) -> Document:
        """Mails that were given up, or have failed more than five times and are tried again, newest first."""
        found = store.read_failing(work.database, query, _view)
        audit.record_reading(work, actor, "deliveries.read", (item["account"] for item in found["items"]))
        return found

    return routes


def _view(row: Document) -> Document:
    error = row.get("error") or row.get("reason")
    shown = {name: row[name] for name in ("account", "kind", "state", "tries")}
    return {"id": row["_id"], **shown, "since": row["created_at"], **({"error": error} if error else {})}
