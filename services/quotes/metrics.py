"""What is measured of rounds: how they fill, how late they end, and that none ever holds more than five."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import Histogram

from chassis.unit import UnitOfWork
from services.quotes.store import AT_RISK, BEYOND_FIVE

HOUR = 3_600
TIME_TO_FIVE = Histogram(
    "releve_time_to_five_quotes_seconds",
    "From the opening of a round to its fifth live quote",
    buckets=(10, 60, 600, 1_800, *(hours * HOUR for hours in (1, 2, 4, 8, 12, 24, 36, 48, 96))),
)
HELPS = {
    "releve_windows_open": "Rounds whose window is open",
    "releve_slots_filled": "Live quotes in open windows",
    "releve_slots_claimed": "Slots of open windows that are kept for a quote being written",
    "releve_rounds_at_risk": "Open windows with fewer than five quotes and less than a quarter of their time left",
    "releve_window_overdue_seconds": "How long ago the window should have ended that is open in spite of its deadline",
    "releve_rounds_beyond_five": "Rounds, open or closed, that hold more than five slots: never any",
    "releve_quotes_stored": "Quotes that are kept, in whatever state",
}


def count_rounds(work: UnitOfWork) -> Mapping[str, float]:
    """The figures that `HELPS` explains, by the database's clock."""
    database = work.database
    [sums] = list(database["rounds"].aggregate(_SUMS)) or [{}]
    return {
        "releve_windows_open": sums.get("open", 0),
        "releve_slots_filled": sums.get("quotes", 0),
        "releve_slots_claimed": sums.get("claims", 0),
        "releve_rounds_at_risk": sums.get("at_risk", 0),
        "releve_window_overdue_seconds": max(0.0, sums.get("overdue", 0) / 1_000),
        "releve_rounds_beyond_five": database["rounds"].count_documents(BEYOND_FIVE),
        "releve_quotes_stored": database["quotes"].estimated_document_count(),
    }


def _how_many(condition: Mapping[str, Any]) -> dict[str, Any]:
    return {"$sum": {"$size": {"$filter": {"input": "$slots", "cond": dict(condition)}}}}


_SUMS: list[dict[str, Any]] = [
    {"$match": {"reason": None}},
    {
        "$group": {
            "_id": None,
            "open": {"$sum": 1},
            "quotes": _how_many({"$ne": ["$$this.quote_id", None]}),
            "claims": _how_many({"$gt": ["$$this.expires_at", "$$NOW"]}),
            "at_risk": {"$sum": {"$cond": [AT_RISK["$expr"], 1, 0]}},
            "overdue": {"$max": {"$subtract": ["$$NOW", "$accepts_until"]}},
        }
    },
]
