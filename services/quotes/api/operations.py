"""For operators: the rounds that may end with too few quotes, and quotes that look like abuse."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.quotes import schemas, store
from services.quotes.model import Round
from services.quotes.views import flag_view


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

    @blueprint.get("/api/operations/rounds/flags")
    @signed_in("operator")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_of(schemas.FlagSchema))
    def read_flags(query: Document, *, actor: Actor) -> Document:
        """Quotes that are near copies, copy the brief, repeat themselves or are filler, newest first; sealed or not."""
        found = store.read_flags(work.database, query)
        people = (quote["account"] for flag in found["items"] for quote in flag["quotes"])
        audit.record_reading(work, actor, "flags.read", people)
        return {**found, "items": [flag_view(flag) for flag in found["items"]]}

    return blueprint
