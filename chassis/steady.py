"""A producer that never connects a second time: what it sends reaches the logs that were there when it began.

Brokers that come back may have lost their data. Their log is another one then, in which what the old one held has to
come first. kafka-python connects again by itself and sends what it still holds. Here such a message fails, and whoever
sends looks at the log before it begins with a new producer.
"""

from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.future import Future
from kafka.net.compat import KafkaNetClient
from kafka.protocol.producer import ProduceRequest

REACHED_WITHIN_MS = 2_000
"""How long a broker may take to accept the producer's connection. One that is away is left out."""


class ConnectionLost(KafkaError):
    """The broker's first connection is gone. The library does not try again after this error."""


class SteadyProducer(KafkaProducer):
    """The library's producer, whose sends fail with `ConnectionLost` instead of taking a new connection.

    Once it is made, it is connected to every broker that can be reached. A broker that comes later is not sent to.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(kafka_client=self._connect, **options)

    def whole(self) -> bool:
        """Whether every connection still stands. Idle ones are closed after some minutes, by either side."""
        return self._steady.whole()

    def _connect(self, **options: Any) -> "SteadyClient":
        self._steady = SteadyClient(**options)
        return self._steady


class SteadyClient(KafkaNetClient):
    """The library's client. It sends messages on the connections of its beginning only.

    Made for kafka-python 3.0, whose public interface does not say which connection is used.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._manager.bootstrap(options["bootstrap_timeout_ms"])
        nodes = [broker.node_id for broker in self.cluster.brokers()]
        for node in nodes:
            self.maybe_connect(node)
        for node in nodes:
            with suppress(KafkaError):
                self.await_ready(node, timeout_ms=REACHED_WITHIN_MS)
        self._first = {node: self._manager._conns[node] for node in nodes if self.connected(node)}

    def whole(self) -> bool:
        """Whether every connection of the beginning still stands."""
        return all(connection.connected for connection in self._first.values())

    def send(self, node_id: Any, request: Any, **options: Any) -> Future:
        """As the library's, but for messages: `ConnectionLost` where the connection is not the first."""
        if not isinstance(request, ProduceRequest):
            return super().send(node_id, request, **options)
        connection = self._first.get(node_id)
        if connection is None or not connection.connected:
            return Future().failure(ConnectionLost(f"broker {node_id}"))
        return connection.send_request(request)
