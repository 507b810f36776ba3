"""HTTP in, for operators: the rounds that may end with too few quotes."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document, database_now
from chassis.unit import UnitOfWork
from services.quotes import schemas, store
from services.quotes.model import Round


def operations(work: UnitOfWork) -> Blueprint:
    """The routes of operators."""
    routes = Blueprint("operations", __name__)

    @routes.get("/api/operations/rounds")
    @signed_in("operator")
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, page_of(schemas.RoundAtRiskSchema))
    def read_rounds_at_risk(query: Document, *, actor: Actor) -> Document:
        """Open rounds with fewer than five quotes and less than a quarter of their window left, soonest first."""
        now = database_now(work.database)

        def view(round: Round, invited: int) -> Document:
            counts = {"received": len(round.quotes), "claimed": round.claims(now), "invited": invited}
            return {"project_id": round.id, "closes_at": round.closes_at, **counts}

        found = store.read_rounds_at_risk(work.database, query, view)
        audit.record_reading(work, actor, "rounds.read")
        return found

    return routes
