"""Dead letters: messages that cannot be handled, kept with the reason, so that the rest goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer

from chassis.broker import SEND_TIMEOUT_S, Broker

DROP = "dlq_drop"
"""The header of a message that says whose dead letter, of the event ``ce_id`` of ``ce_subject``, is dropped for good.

It travels in the topic that the letter came from, so that it stands in line with the aggregate's events.
"""


@dataclass(frozen=True)
class DeadLetter:
    """Why a message was set aside. ``reason`` is ours and never an exception's text, which can hold payload."""

    group: str
    attempts: int
    reason: str


class DeadLetters:
    """Writes to ``releve.<service>.dlq``. Opens its producer at the first letter: most processes never need it."""

    def __init__(self, broker: Broker, service: str) -> None:
        self.topic = f"releve.{service}.dlq"
        self._broker = broker
        self._producer: KafkaProducer | None = None

    def put(self, record: Any, letter: DeadLetter) -> None:
        """Returns once the broker has the letter; raises `kafka.errors.KafkaError` when it does not take it."""
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
        # a header without a value, and a message without key and value, can be read and not be sent
        headers = [(name, raw or b"") for name, raw in record.headers]
        headers += [(name, str(value).encode()) for name, value in added.items()]
        value = b"" if record.key is None and record.value is None else record.value
        at = record.timestamp if record.timestamp > 0 else None  # not this machine's clock, which may be wrong
        future = self._producer.send(self.topic, key=record.key, value=value, headers=headers, timestamp_ms=at)
        future.get(timeout=SEND_TIMEOUT_S)

    def close(self) -> None:
        """Lets go of the producer."""
        if self._producer is not None:
            self._producer.close(timeout=2)


def drop_of(headers: Sequence[tuple[str, bytes]]) -> str:
    """The group whose letter a message says is dropped; empty for every other message."""
    return next((raw.decode("utf-8", "replace") for name, raw in headers if name == DROP and raw), "")
