"""Dead letters: messages that cannot be handled, kept with the reason, so that the rest goes on."""

from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer

from chassis.broker import RECONNECT_MS

SEND_TIMEOUT_S = 30


@dataclass(frozen=True)
class DeadLetter:
    """Why a message was set aside. ``reason`` is ours and never an exception's text, which can hold payload."""

    group: str
    attempts: int
    reason: str


class DeadLetters:
    """Writes to ``releve.<service>.dlq``. Opens its producer at the first letter: most processes never need it."""

    def __init__(self, kafka: str, service: str) -> None:
        self.topic = f"releve.{service}.dlq"
        self._kafka = kafka
        self._producer: KafkaProducer | None = None

    def put(self, record: Any, letter: DeadLetter) -> None:
        """Returns once the broker has the letter; raises `kafka.errors.KafkaError` when it does not take it."""
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._kafka, acks="all", linger_ms=0, reconnect_backoff_max_ms=RECONNECT_MS
            )
        added = {
            "dlq_topic": record.topic,
            "dlq_partition": record.partition,
            "dlq_offset": record.offset,
            "dlq_group": letter.group,
            "dlq_attempts": letter.attempts,
            "dlq_reason": letter.reason,
        }
        headers = [*record.headers, *((name, str(value).encode()) for name, value in added.items())]
        future = self._producer.send(self.topic, key=record.key, value=record.value, headers=headers)
        future.get(timeout=SEND_TIMEOUT_S)

    def close(self) -> None:
        """Lets go of the producer."""
        if self._producer is not None:
            self._producer.close(timeout=2)
