"""Exports metrics that services cannot report themselves to Prometheus: `python -m deploy.monitoring.exporter`.

A consumer that is down still has a lag, and a relay that is down still has an outbox. So this process reads them from
the engines: group and end offsets, dead letters, outboxes and leases. It reads in the background, and a scrape gets
the last values. Metrics of a source that cannot be read are missing, and its `releve_exporter_source_up` is 0.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Protocol

from kafka.errors import KafkaError
from prometheus_client import REGISTRY, Counter, Gauge, start_http_server
from prometheus_client.core import GaugeMetricFamily
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.gauges import Snapshot, rest
from chassis.settings import BadSetting, broker, environment, integer, required, tls
from deploy.monitoring.brokers import Brokers, Lag
from deploy.monitoring.certificates import Certificates
from deploy.monitoring.databases import Databases
from deploy.monitoring.letters import DeadLetterCount

UP = Gauge("releve_exporter_source_up", "Whether the last reading of the source succeeded", ["source"])
SECONDS = Counter("releve_exporter_read_seconds_total", "Time spent reading", ["source"])
READS = Counter("releve_exporter_reads_total", "How often a source was read", ["source"])


class Source(Protocol):
    """A source of metrics that is read periodically."""

    def read(self) -> Iterable[GaugeMetricFamily]:
        """The current values."""

    def close(self) -> None:
        """Closes connections, which may be broken."""


def watch(name: str, source: Source, stop: threading.Event) -> None:
    """Reads every ten seconds until ``stop`` is set; pauses at least ten times as long as the reading took."""
    snapshot = Snapshot()
    REGISTRY.register(snapshot)
    while not stop.is_set():
        began = time.monotonic()
        try:
            snapshot.show(source.read())
            UP.labels(name).set(1)
        except (KafkaError, PyMongoError, OSError) as error:
            snapshot.show([])
            UP.labels(name).set(0)
            telemetry.log.warning("source_away", source=name, error=telemetry.error_name(error))
            source.close()
        SECONDS.labels(name).inc(time.monotonic() - began)
        READS.labels(name).inc()
        stop.wait(rest(began))
    source.close()


def main(given: Mapping[str, str]) -> None:
    """Serves ``/metrics`` on RELEVE_HTTP_HOST and RELEVE_HTTP_PORT until SIGTERM or SIGINT."""
    environ = environment(given)
    telemetry.start("monitoring", "exporter", environ.get("RELEVE_LOG_LEVEL", "info"))
    cluster, uri, inside = broker(environ), required(environ, "RELEVE_MONGO_URI"), tls(environ)
    sources: dict[str, Source] = {
        "kafka": Brokers(cluster),
        "lag": Lag(cluster),
        "dead-letters": DeadLetterCount(cluster),
        "mongo": Databases(uri, environ.get("RELEVE_DB_PREFIX", "releve_")),
    }
    if inside.ca:
        sources["certificates"] = Certificates(cluster, uri, inside)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    own = inside.certificate or None  # with its key
    port, host = integer(environ, "RELEVE_HTTP_PORT", 5000, 1), environ.get("RELEVE_HTTP_HOST", "127.0.0.1")
    start_http_server(port, host, certfile=own, keyfile=own)
    threads = [threading.Thread(target=watch, args=(*pair, stop), daemon=True) for pair in sources.items()]
    for thread in threads:
        thread.start()
    while not stop.wait(1.0):
        if not all(thread.is_alive() for thread in threads):  # a bug: exit, so that the supervisor restarts it
            sys.exit("relève: the exporter cannot go on")


if __name__ == "__main__":
    try:
        main(os.environ)
    except BadSetting as wrong:
        sys.exit(f"relève: {wrong}")
