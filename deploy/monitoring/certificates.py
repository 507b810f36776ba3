"""When the certificates of the engines end, read from the engines themselves. Services report their own."""

import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily

from chassis import telemetry
from chassis.broker import Broker
from chassis.inside import Inside
from chassis.mongo import connect
from deploy.monitoring.brokers import Cluster
from deploy.monitoring.databases import TIMEOUT_MS


class Certificates(Cluster):
    """The brokers and members that answer, and the exporter itself."""

    def __init__(self, broker: Broker, mongo_uri: str, inside: Inside) -> None:
        super().__init__(broker)
        self._inside = inside
        self._mongo = connect(mongo_uri, "admin", app="monitoring", timeout_ms=TIMEOUT_MS)

    def read(self) -> Iterable[GaugeMetricFamily]:
        """Sets `telemetry.CERTIFICATE_ENDS`; raises `KafkaError` or `PyMongoError` if the addresses cannot be found."""
        if own := self._inside.ends():
            telemetry.CERTIFICATE_ENDS.labels("exporter").set(own.timestamp())
        for host, port in self._addresses():
            if end := self._end_of(host, port):
                telemetry.CERTIFICATE_ENDS.labels(host).set(end.timestamp())
        return ()

    def _addresses(self) -> list[tuple[str, int]]:
        members = self._mongo.client.admin.command("hello")["hosts"]
        found = [(one["host"], int(one["port"])) for one in self.admin.describe_cluster()["brokers"]]
        return found + [(host, int(port)) for host, _, port in (member.rpartition(":") for member in members)]

    def _end_of(self, host: str, port: int) -> datetime | None:
        trusted = self._inside.client()
        assert trusted is not None
        try:
            with (
                socket.create_connection((host, port), TIMEOUT_MS / 1000) as plain,
                trusted.wrap_socket(plain, server_hostname=host) as shown,
            ):
                text = str((shown.getpeercert() or {})["notAfter"])
        except OSError:  # one that is away is the concern of other metrics
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
