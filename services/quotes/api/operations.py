"""For operators: the rounds that may end with too few quotes."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.quotes import schemas, store
from services.quotes.model import Round


def routes(work: UnitOfWork) -> Blueprint:
    """The routes of operators."""
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/api/operations/rounds")
    @signed_in("operator")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_of(schemas.RoundAtRiskSchema))
    def read_rounds_at_risk(query: Document, *, actor: Actor) -> Document:
        """Open rounds with fewer than five quotes and less than a quarter of their window left, soonest first."""
        now = work.now()

        def view(round: Round, invited: int) -> Document:
            counts = {"received": len(round.quotes), "claimed": round.claims(now), "invited": invited}
            return {"project_id": round.id, "closes_at": round.closes_at, **counts}

        found = store.read_rounds_at_risk(work.database, query, view)
        audit.record_reading(work, actor, "rounds.read")
        return found

    return blueprint
