"""Dead letters: messages that cannot be handled, stored with the reason, so that their partition can continue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer

from chassis.broker import SEND_TIMEOUT_S, Broker

DROP = "dlq_drop"
"""Header of a message that permanently drops the dead letter of a group, which is its value.

``ce_id`` and ``ce_subject`` name the event. The message is sent to the topic that the letter came from, so that it
keeps its order among the aggregate's events.
"""


@dataclass(frozen=True)
class DeadLetter:
    """Why a message was moved to the dead letters. ``reason`` never holds an exception's text: it may hold payload."""

    group: str
    attempts: int
    reason: str


class DeadLetters:
    """Writes to ``releve.<service>.dlq``. Opens its producer for the first letter, since most processes write none."""

    def __init__(self, broker: Broker, service: str) -> None:
        self.topic = f"releve.{service}.dlq"
        self._broker = broker
        self._producer: KafkaProducer | None = None

    def put(self, record: Any, letter: DeadLetter) -> None:
        """Writes a letter and waits until the broker has it. Raises `kafka.errors.KafkaError` if it is not accepted."""
        if self._producer is None:
            self._producer = self._broker.producer()
        added = {
            "dlq_topic": record.topic,
            "dlq_partition": record.partition,
            "dlq_offset": record.offset,
            "dlq_group": letter.group,
            "dlq_attempts": letter.attempts,
            "dlq_reason": letter.reason,
        }
        # the library reads headers without a value, and messages without key and value, but cannot send them
        headers = [(name, raw or b"") for name, raw in record.headers]
        headers += [(name, str(value).encode()) for name, value in added.items()]
        value = b"" if record.key is None and record.value is None else record.value
        at = record.timestamp if record.timestamp > 0 else None  # this machine's clock may be wrong
        future = self._producer.send(self.topic, key=record.key, value=value, headers=headers, timestamp_ms=at)
        future.get(timeout=SEND_TIMEOUT_S)

    def close(self) -> None:
        """Closes the producer, if it was opened."""
        if self._producer is not None:
            self._producer.close(timeout=2)


def drop_of(headers: Sequence[tuple[str, bytes]]) -> str:
    """The group whose dead letter a message drops; empty for every other message."""
    return next((raw.decode("utf-8", "replace") for name, raw in headers if name == DROP and raw), "")
