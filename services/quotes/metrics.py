"""Metrics of rounds: how fast they fill, how late they close, and whether any has more than five slots."""

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
    "releve_slots_claimed": "Slots of open windows that are claimed for a quote being written",
    "releve_rounds_at_risk": "Open windows with fewer than five quotes and less than a quarter of their time left",
    "releve_window_overdue_seconds": "Age of the oldest passed deadline among windows that are still open",
    "releve_rounds_beyond_five": "Rounds, open or closed, with more than five slots; must be 0",
    "releve_quotes_stored": "Stored quotes in any state",
}


def count_rounds(work: UnitOfWork) -> Mapping[str, float]:
    """The gauges described in `HELPS`, by the database's clock."""
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


def _slots_matching(condition: Mapping[str, Any]) -> dict[str, Any]:
    return {"$sum": {"$size": {"$filter": {"input": "$slots", "cond": dict(condition)}}}}


_SUMS: list[dict[str, Any]] = [
    {"$match": {"reason": None}},
    {
        "$group": {
            "_id": None,
            "open": {"$sum": 1},
            "quotes": _slots_matching({"$ne": ["$$this.quote_id", None]}),
            "claims": _slots_matching({"$gt": ["$$this.expires_at", "$$NOW"]}),
            "at_risk": {"$sum": {"$cond": [AT_RISK["$expr"], 1, 0]}},
            "overdue": {"$max": {"$subtract": ["$$NOW", "$accepts_until"]}},
        }
    },
]
