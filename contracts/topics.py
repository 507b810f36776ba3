"""The topics. Partitions are chosen for years, because keyed order depends on their number: none is ever added."""

from dataclasses import dataclass
from datetime import timedelta

SERVICES = ("accounts", "projects", "matching", "quotes", "notify")
PUBLISHERS = SERVICES


@dataclass(frozen=True)
class Topic:
    """``retention`` None keeps the broker's default; the outbox horizon, not the topic, is the long memory."""

    name: str
    partitions: int
    retention: timedelta | None = None


def topic_of(publisher: str) -> str:
    """The one topic that a service publishes to."""
    return f"releve.{publisher}.v1"


def dead_letters_of(service: str) -> str:
    """Where a service sets aside what it cannot handle."""
    return f"releve.{service}.dlq"


TOPICS: tuple[Topic, ...] = (
    *(Topic(topic_of(publisher), partitions=12, retention=timedelta(days=14)) for publisher in PUBLISHERS),
    *(Topic(dead_letters_of(service), partitions=1, retention=timedelta(days=90)) for service in SERVICES),
)
