"""The topics. Partitions are chosen for years, because keyed order depends on their number: none is ever added."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.parts import PARTS, dead_letters_of, topic_of

PUBLISHERS = tuple(part.name for part in PARTS if part.topic)
"""The parts that publish."""
LISTENERS = tuple(part.name for part in PARTS if part.dead_letters)
"""The parts that listen, each as the group of its name, and set aside what they cannot handle."""
SERVICES = tuple(part.name for part in PARTS if part.topic and part.dead_letters and part.database)
"""The parts that do both and keep data."""


@dataclass(frozen=True)
class Topic:
    """``retention`` None keeps the broker's default; the outbox horizon, not the topic, is the long memory."""

    name: str
    partitions: int
    retention: timedelta | None = None


TOPICS: tuple[Topic, ...] = (
    *(Topic(topic_of(publisher), partitions=12, retention=timedelta(days=14)) for publisher in PUBLISHERS),
    *(Topic(dead_letters_of(listener), partitions=1, retention=timedelta(days=90)) for listener in LISTENERS),
)
