"""Dead letters: messages that cannot be handled, stored with the reason, so that their partition can continue.

Topics are append-only: that a letter was replayed or dropped is recorded by a mark, a later message in its partition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.broker import Broker
from chassis.broker.clients import SEND_TIMEOUT_S, Producer, Record

DROP = "dlq_drop"
"""Header of a message that permanently drops the dead letter of a group, which is its value.

``ce_id`` and ``ce_subject`` name the event. The message is sent to the topic that the letter came from, so that it
keeps its order among the aggregate's events.
"""


MARK, MARK_OF, MARK_BY = "dlq_mark", "dlq_of", "dlq_by"
"""Headers of a mark: what was done to a letter, its ``partition:offset``, and by whom. A mark has no value."""
REPLAYED, DROPPED = "replayed", "dropped"
OWN = "dlq_"
"""Prefix of the headers that are added to those of the original message."""


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
        self._producer: Producer | None = None

    def put(self, record: Record, letter: DeadLetter) -> None:
        """Writes a letter and waits until the broker has it. Raises `BrokerError` if it is not accepted."""
        added = {
            "dlq_topic": record.topic,
            "dlq_partition": record.partition,
            "dlq_offset": record.offset,
            "dlq_group": letter.group,
            "dlq_attempts": letter.attempts,
            "dlq_reason": letter.reason,
        }
        # kafka-python reads headers without a value, and messages without key and value, but cannot send them
        headers = [(name, raw or b"") for name, raw in record.headers]
        headers += [(name, str(value).encode()) for name, value in added.items()]
        value = b"" if record.key is None and record.value is None else record.value
        at = record.timestamp if record.timestamp > 0 else None  # this machine's clock may be wrong
        self._send(key=record.key, value=value, headers=headers, timestamp_ms=at)

    def mark(self, partition: int, offset: int, deed: str, by: str) -> None:
        """Records behind a letter that it was replayed or dropped. Raises `BrokerError`."""
        self._send(value=None, partition=partition, **mark_of(f"{partition}:{offset}", deed, by))

    def _send(self, **message: Any) -> None:
        if self._producer is None:
            self._producer = self._broker.clients().producer()
        self._producer.send(self.topic, **message).get(timeout=SEND_TIMEOUT_S)

    def close(self) -> None:
        """Closes the producer, if it was opened."""
        if self._producer is not None:
            self._producer.close(timeout=2)


def mark_of(place: str, deed: str, by: str) -> dict[str, Any]:
    """Key and headers of the mark on the letter at ``place``."""
    headers = [(MARK, deed.encode()), (MARK_OF, place.encode()), (MARK_BY, by.encode())]
    return {"key": place.encode(), "headers": headers}


def original(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The headers of the original message, without those added for the dead letter."""
    return [(name, value) for name, value in headers if not name.startswith(OWN)]


def printable(raw: bytes, most: int) -> str:
    """Untrusted text, made safe to show and cut to ``most`` characters."""
    text = "".join(sign if sign.isprintable() else "·" for sign in raw.decode("utf-8", "replace"))
    return text if len(text) <= most else text[: most - 1] + "…"


def drop_of(headers: Sequence[tuple[str, bytes]]) -> str:
    """The group whose dead letter a message drops; empty for every other message."""
    return next((raw.decode("utf-8", "replace") for name, raw in headers if name == DROP and raw), "")
