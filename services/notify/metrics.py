"""Metrics of mails."""

from collections.abc import Mapping

from prometheus_client import Counter
from pymongo import ASCENDING

from chassis.unit import UnitOfWork

MAILS = Counter("releve_mails_total", "Mails finished, by outcome", ["outcome"])
for _outcome in ("sent", "suppressed", "dead"):
    MAILS.labels(_outcome)  # starts at 0, so that the first one counts as an increase
HELPS = {
    "releve_mails_dead": "Stored mails that were given up",
    "releve_mails_overdue_seconds": "Seconds since the oldest due mail became due; 0 if none is due",
}


def count_mails(work: UnitOfWork) -> Mapping[str, float]:
    """The gauges of `HELPS`, by the database's clock."""
    deliveries, now = work.database["deliveries"], work.now()
    due = deliveries.find_one({"due_at": {"$lte": now}}, {"due_at": 1}, sort=[("due_at", ASCENDING)])
    return {
        "releve_mails_dead": deliveries.count_documents({"state": "dead"}),
        "releve_mails_overdue_seconds": (now - due["due_at"]).total_seconds() if due else 0.0,
    }
