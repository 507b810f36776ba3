"""The Kafka cluster's address and credentials, and the options that all its clients share."""

from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from chassis.steady import SteadyProducer

RECONNECT_MS = 1_000
"""Maximum pause between two connection attempts, in milliseconds. The library's 30 s would prolong an outage."""
ANSWER_MS = 10_000
"""Timeout for each answer of a broker, in milliseconds. The library would wait 30 s for a broker that hangs."""
SEND_TIMEOUT_S = 10
"""Timeout of a send in seconds; beyond it the send has failed."""


@dataclass(frozen=True)
class Broker:
    """One cluster. With a ``user``, clients sign in by SCRAM-SHA-512; with ``ca``, a certificate file, they use TLS."""

    servers: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    def producer(self) -> KafkaProducer:
        """A producer whose sends are acknowledged by every in-sync replica or fail within `SEND_TIMEOUT_S`."""
        return KafkaProducer(**self._sending())

    def steady_producer(self) -> SteadyProducer:
        """The relay's producer: it never reconnects, so a send after a lost connection fails (`chassis.steady`)."""
        return SteadyProducer(**self._sending())

    def _sending(self) -> dict[str, Any]:
        return self.options() | {
            "request_timeout_ms": SEND_TIMEOUT_S * 1000 - 2_000,
            "acks": "all",
            "linger_ms": 0,
            "delivery_timeout_ms": SEND_TIMEOUT_S * 1000,
            "max_block_ms": SEND_TIMEOUT_S * 1000,
        }

    def consumer(self, **more: Any) -> KafkaConsumer:
        """A consumer without automatic commits. ``more`` holds options of the library that override the shared ones."""
        return KafkaConsumer(**{**self.options(), "enable_auto_commit": False, **more})

    def admin(self) -> KafkaAdminClient:
        """A client that administers topics and groups. The caller closes it."""
        return KafkaAdminClient(**self.options())

    def options(self) -> dict[str, Any]:
        """The connection options that every client of this cluster gets."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.servers,
            "reconnect_backoff_max_ms": RECONNECT_MS,
            "request_timeout_ms": ANSWER_MS,
            "bootstrap_timeout_ms": ANSWER_MS,
        }
        if self.user:
            options |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        if self.ca:
            options["ssl_cafile"] = self.ca
        if self.user or self.ca:
            options["security_protocol"] = f"{'SASL_' if self.user else ''}{'SSL' if self.ca else 'PLAINTEXT'}"
        return options
