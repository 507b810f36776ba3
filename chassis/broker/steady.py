"""A producer that never reconnects, so that its messages reach only the logs that existed when it started.

A broker that returns may have lost its data. Its log is then a new one, to which the events of the old log must be
published first. kafka-python reconnects by itself and sends the messages that it still buffers. Here such a message
fails, and the caller checks the log before it starts a new producer.
"""

from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.future import Future
from kafka.net.compat import KafkaNetClient
from kafka.protocol.producer import ProduceRequest

REACHED_WITHIN_MS = 2_000
"""Timeout in milliseconds for a broker to accept the producer's connection. An unreachable broker is left out."""


class ConnectionLost(KafkaError):
    """The first connection to this broker is closed. The library does not retry after this error."""


class SteadyKafkaProducer(KafkaProducer):
    """The library's producer, except that a send fails with `ConnectionLost` instead of opening a new connection.

    It connects to every reachable broker when it is created, and never sends to a broker that becomes reachable later.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(kafka_client=self._connect, **options)

    def whole(self) -> bool:
        """Whether every connection is still open. Either side closes idle connections after some minutes."""
        return self._steady.whole()

    def _connect(self, **options: Any) -> "SteadyClient":
        self._steady = SteadyClient(**options)
        return self._steady


class SteadyClient(KafkaNetClient):
    """The library's client, except that it sends messages only on the connections opened at its creation.

    Written for kafka-python 3.0, whose public interface does not show which connection a request uses.
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
        """Whether every connection opened at creation is still open."""
        return all(connection.connected for connection in self._first.values())

    def send(self, node_id: Any, request: Any, **options: Any) -> Future:
        """Sends a request; a message fails with `ConnectionLost` unless the broker's first connection is open."""
        if not isinstance(request, ProduceRequest):
            return super().send(node_id, request, **options)
        connection = self._first.get(node_id)
        if connection is None or not connection.connected:
            return Future().failure(ConnectionLost(f"broker {node_id}"))
        return connection.send_request(request)
