"""The Kafka cluster's address and credentials, and the clients of the library that is set.

Only the modules of this package import a Kafka library.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chassis.broker.clients import Clients

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

KAFKA_PYTHON, CONFLUENT_KAFKA = "kafka-python", "confluent-kafka"
CLIENTS = (KAFKA_PYTHON, CONFLUENT_KAFKA)
"""The values of ``Broker.client``."""


@dataclass(frozen=True)
class Broker:
    """One cluster. With a ``user``, clients sign in by SCRAM-SHA-512; with ``ca``, a certificate file, they use TLS.

    ``client`` names the library that the services use. Commands and tests use kafka-python directly: ``producer``,
    ``consumer``, ``admin`` and ``options`` are for them.
    """

    servers: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""
    client: str = KAFKA_PYTHON

    def clients(self) -> Clients:
        """The clients of the library that is set. Each library is loaded only where it is used."""
        if self.client == CONFLUENT_KAFKA:
            from chassis.broker.with_librdkafka import LibrdkafkaClients

            return LibrdkafkaClients(self.servers, self.user, self.password, self.ca)
        from chassis.broker.with_kafka_python import KafkaPythonClients

        return KafkaPythonClients(self.options())

    def producer(self) -> "KafkaProducer":
        """kafka-python's producer, for commands and tests. Its sends fail within `clients.SEND_TIMEOUT_S`."""
        from chassis.broker import with_kafka_python

        return with_kafka_python.producer(self.options())

    def consumer(self, **more: Any) -> "KafkaConsumer":
        """kafka-python's consumer without automatic commits, for commands and tests.

        ``more`` holds options of the library that override the shared ones.
        """
        from chassis.broker import with_kafka_python

        return with_kafka_python.consumer(self.options(), **more)

    def admin(self) -> "KafkaAdminClient":
        """kafka-python's client that administers topics and groups, for commands and tests. The caller closes it."""
        from chassis.broker import with_kafka_python

        return with_kafka_python.admin(self.options())

    def options(self) -> dict[str, Any]:
        """The connection options that every client of kafka-python gets."""
        from chassis.broker import with_kafka_python

        return with_kafka_python.options(self.servers, self.user, self.password, self.ca)
