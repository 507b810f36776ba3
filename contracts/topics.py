"""The topics. Their number of partitions never changes, because the order of events with the same key depends on it."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.parts import PARTS, dead_letters_of, topic_of

PUBLISHERS = tuple(part.name for part in PARTS if part.topic)
"""The parts that publish events."""
LISTENERS = tuple(part.name for part in PARTS if part.dead_letters)
"""The parts that consume events, each as the consumer group of its name, and have dead letters."""
EVENT_TOPICS = tuple(topic for part in PARTS for topic in part.topics)
"""The topics of events."""
SERVICES = tuple(part.name for part in PARTS if part.topic and part.dead_letters and part.database)
"""The parts that publish, consume and have a database."""


@dataclass(frozen=True)
class Topic:
    """A topic. ``retention`` None keeps the broker's default; for long retention events are kept in the outbox."""

    name: str
    partitions: int
    retention: timedelta | None = None


FORTNIGHT = timedelta(days=14)
TOPICS: tuple[Topic, ...] = (
    *(Topic(topic_of(publisher), partitions=12, retention=FORTNIGHT) for publisher in PUBLISHERS),
    *(Topic(topic_of(part.name, name), partitions=3, retention=FORTNIGHT) for part in PARTS for name in part.channels),
    *(Topic(dead_letters_of(listener), partitions=1, retention=timedelta(days=90)) for listener in LISTENERS),
)
