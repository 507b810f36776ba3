"""Metrics of invitations and of who answers them."""

from collections.abc import Mapping

from chassis.unit import UnitOfWork
from services.matching import store

HELPS = {
    "releve_invitations_stored": "Invitations stored",
    "releve_rounds_unlikely": "Open rounds that will probably end with fewer than five quotes",
    "releve_quotes_an_invitation": "Share of invitations that lead to a quote, as learnt of the market",
}


def count_invitations(work: UnitOfWork) -> Mapping[str, float]:
    """The gauges of `HELPS`."""
    return {
        "releve_invitations_stored": work.database["invitations"].estimated_document_count(),
        "releve_rounds_unlikely": work.database["shortlists"].count_documents(store.unlikely()),
        "releve_quotes_an_invitation": work.run(store.read_market).mean,
    }
