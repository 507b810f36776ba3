"""Metrics of MongoDB: the members of the set, and each service's outbox and relay, even if the service is down."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from pymongo import ASCENDING

from chassis import lease, outbox
from chassis.mongo import Documents, connect, database_now
from contracts.topics import PUBLISHERS

TIMEOUT_MS = 3_000


class Databases:
    """Reads only the collections ``outbox`` and ``leases`` of each service."""

    def __init__(self, uri: str, prefix: str) -> None:
        self._any = connect(uri, "admin", app="monitoring", timeout_ms=TIMEOUT_MS)
        options = self._any.codec_options
        self._databases: dict[str, Documents] = {
            service: self._any.client.get_database(prefix + service, codec_options=options) for service in PUBLISHERS
        }

    def close(self) -> None:
        """Does nothing: the driver reconnects by itself."""

    def read(self) -> Iterator[GaugeMetricFamily]:
        """The current values; raises `pymongo.errors.PyMongoError` if there is no primary."""
        now = database_now(self._any)
        servers = self._any.client.topology_description.server_descriptions().values()
        kinds = [server.server_type_name for server in servers]
        members = GaugeMetricFamily("releve_mongo_members", "Members of the replica set, by state", labels=["state"])
        for state, count in (
            ("primary", kinds.count("RSPrimary")),
            ("secondary", kinds.count("RSSecondary")),
            ("away", len(kinds) - kinds.count("RSPrimary") - kinds.count("RSSecondary") - kinds.count("RSArbiter")),
        ):
            members.add_metric([state], count)
        depth = GaugeMetricFamily("releve_outbox_depth", "Events waiting to be published", labels=["service"])
        age = GaugeMetricFamily("releve_outbox_age_seconds", "Age of the oldest of them, or 0", labels=["service"])
        leads = GaugeMetricFamily("releve_relay_leads", "1 while a relay holds the lease", labels=["service"])
        for service, database in self._databases.items():
            waiting = database[outbox.COLLECTION].find({"pending": True}, {"time": 1}).sort("time", ASCENDING).limit(1)
            oldest = next(iter(waiting), None)
            depth.add_metric([service], outbox.depth(database) if oldest else 0)
            age.add_metric([service], max(0.0, (now - oldest["time"]).total_seconds()) if oldest else 0)
            held = database[lease.COLLECTION].find_one({"_id": "relay"}, {"until": 1})
            leads.add_metric([service], float(bool(held and held["until"] > now)))
        yield from (members, depth, age, leads)
