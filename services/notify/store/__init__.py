"""Projects, people, notifications and deliveries in MongoDB. Reads for a person take that person as the actor."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pymongo import ASCENDING, DESCENDING, IndexModel


def indexes(kept: timedelta) -> Mapping[str, Sequence[IndexModel]]:
    """Indexes; projects expire ``kept`` after their last change, notifications and deliveries after creation."""
    life = int(kept.total_seconds())
    return {
        "projects": [IndexModel([("touched_at", ASCENDING)], expireAfterSeconds=life)],
        "notifications": [
            IndexModel([("account", ASCENDING), ("counter", ASCENDING)], unique=True),
            IndexModel([("account", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [("account", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="unread",
                partialFilterExpression={"in_app": True, "read_at": None},
            ),
            IndexModel([("created_at", ASCENDING)], expireAfterSeconds=life),
        ],
        "unsubscriptions": [
            IndexModel([("account", ASCENDING)]),
            IndexModel([("at", ASCENDING)], expireAfterSeconds=life),
        ],
        "deliveries": [
            IndexModel([("due_at", ASCENDING)], sparse=True),
            IndexModel([("account", ASCENDING), ("created_at", ASCENDING)]),
            IndexModel([("digest", ASCENDING)], sparse=True),
            IndexModel([("state", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("created_at", ASCENDING)], expireAfterSeconds=life),
        ],
    }
