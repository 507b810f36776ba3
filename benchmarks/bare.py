"""The yardstick: the minimal work of such a system, done directly with the same libraries.

It inserts one document with majority and journal, sends one message acknowledged by all replicas, and receives it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, KafkaProducer

from chassis.ids import new_id
from chassis.mongo import connect
from contracts.topics import Topic
from deploy.kafka.provision import provision
from stories.nestle_waters import BRIEF

TOPIC = "benchmark.bare"
PATIENCE_S = 30.0


class Bare:
    """A writer and a reader, without outbox, relay or inbox between them."""

    def __init__(self, mongo_uri: str, kafka: str) -> None:
        provision(kafka, [Topic(TOPIC, 3)], 1)
        self._database = connect(mongo_uri, "benchmark", app="benchmark")
        self._producer = KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=0)
        self._consumer = KafkaConsumer(
            TOPIC,
            bootstrap_servers=kafka,
            group_id="benchmark",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._received: dict[str, float] = {}
        self._stop = threading.Event()
        self._reader = threading.Thread(target=self._read, name="bare-reader")
        self._reader.start()

    def send(self, _index: int) -> str:
        """Inserts a document, then sends a message; returns the message's id."""
        row_id = new_id()
        self._database.rows.insert_one({"_id": row_id, "brief": BRIEF})
        self._producer.send(TOPIC, key=row_id.encode(), value=BRIEF.encode())
        return row_id

    def received(self, row_ids: set[str]) -> dict[str, float]:
        """Waits for these messages and returns when each was received. Raises `TimeoutError` if one does not arrive."""
        deadline = time.monotonic() + PATIENCE_S
        while not row_ids <= self._received.keys():
            if time.monotonic() > deadline:
                raise TimeoutError(f"a bare message did not arrive within {PATIENCE_S:.0f} s")
            time.sleep(0.1)
        return {row_id: self._received[row_id] for row_id in row_ids}

    def close(self) -> None:
        """Stops the reader and closes the connections."""
        self._stop.set()
        self._reader.join()
        self._producer.close(timeout=2)
        self._database.client.close()

    def _read(self) -> None:
        while not self._stop.is_set():
            for records in self._consumer.poll(timeout_ms=500).values():
                now = time.time()
                self._received.update((record.key.decode(), now) for record in records)
        self._consumer.close(autocommit=False, timeout_ms=1000)


@contextmanager
def bare(mongo_uri: str, kafka: str) -> Iterator[Bare]:
    """A yardstick on these engines, closed at the end of the block."""
    yardstick = Bare(mongo_uri, kafka)
    try:
        yield yardstick
    finally:
        yardstick.close()
