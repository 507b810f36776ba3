"""Metrics of departures and erasures: whether any waits for longer than it should."""

from collections.abc import Mapping

from pymongo import ASCENDING

from chassis.unit import UnitOfWork
from services.accounts.model import OVERDUE

HELPS = {
    "releve_departures_waiting": "People who asked for their erasure, from the request until it begins or is refused",
    "releve_departure_overdue_seconds": "Seconds since the oldest departure should have begun; 0 if none is late",
    "releve_erasures_unconfirmed": "Erasures that a service has not confirmed yet, their receipt sent or not",
    "releve_erasures_overdue": "Those that began more than a day ago",
}


def count_departures(work: UnitOfWork) -> Mapping[str, float]:
    """The gauges of `HELPS`, by the database's clock. Departures that projects has not answered are among them."""
    departures, erasures, now = work.database["departures"], work.database["erasures"], work.now()
    oldest = departures.find_one({"at": {"$lt": now}}, {"at": 1}, sort=[("at", ASCENDING)])
    unconfirmed = {"completed_at": None}
    overdue = {**unconfirmed, "requested_at": {"$lt": now - OVERDUE}}
    return {
        "releve_departures_waiting": departures.estimated_document_count(),
        "releve_departure_overdue_seconds": (now - oldest["at"]).total_seconds() if oldest else 0.0,
        "releve_erasures_unconfirmed": erasures.count_documents(unconfirmed),
        "releve_erasures_overdue": erasures.count_documents(overdue),
    }
