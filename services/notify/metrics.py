"""What is measured of mails."""

from collections.abc import Mapping

from prometheus_client import Counter
from pymongo import ASCENDING

from chassis.unit import UnitOfWork

MAILS = Counter("releve_mails_total", "Mails that came to an end", ["outcome"])
for _outcome in ("sent", "suppressed", "dead"):
    MAILS.labels(_outcome)  # so that the first one is seen as a rise
HELPS = {
    "releve_mails_dead": "Mails that were given up and are kept",
    "releve_mails_overdue_seconds": "How long the mail that is due longest has been due",
}


def count_mails(work: UnitOfWork) -> Mapping[str, float]:
    """The figures that `HELPS` explains, by the database's clock."""
    deliveries, now = work.database["deliveries"], work.now()
    due = deliveries.find_one({"due_at": {"$lte": now}}, {"due_at": 1}, sort=[("due_at", ASCENDING)])
    return {
        "releve_mails_dead": deliveries.count_documents({"state": "dead"}),
        "releve_mails_overdue_seconds": (now - due["due_at"]).total_seconds() if due else 0.0,
    }
