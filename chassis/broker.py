"""Where the brokers are, who we are to them, and what every client of theirs has in common."""

from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from chassis.steady import SteadyProducer

RECONNECT_MS = 1_000
"""The longest pause between two attempts at a broker that is away. The library's 30 s would outlast the outage."""
ANSWER_MS = 10_000
"""How long a broker may take to answer, the first answer included; the library's 30 s are spent on one that hangs."""
SEND_TIMEOUT_S = 10
"""How long a send may take before it counts as failed."""


@dataclass(frozen=True)
class Broker:
    """One cluster. With a ``user`` clients sign in by SCRAM-SHA-512; with ``ca``, a file, they speak TLS."""

    servers: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    def producer(self) -> KafkaProducer:
        """A producer whose sends are acknowledged by every replica in sync, or fail within `SEND_TIMEOUT_S`."""
        return KafkaProducer(**self._sending())

    def steady_producer(self) -> SteadyProducer:
        """The same for the relay: it never reconnects, so a send after a lost connection fails (`chassis.steady`)."""
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
        """A consumer that commits nothing by itself. ``more`` are options of the library, over those of all clients."""
        return KafkaConsumer(**{**self.options(), "enable_auto_commit": False, **more})

    def admin(self) -> KafkaAdminClient:
        """A client for topics and groups; close it."""
        return KafkaAdminClient(**self.options())

    def options(self) -> dict[str, Any]:
        """What the library's clients are told of the cluster."""
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
