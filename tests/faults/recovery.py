"""Recovery time after a fault: until writes succeed, all processes are ready and every consumer has caught up."""

import time
import urllib.request
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis import outbox
from chassis.mongo import Document, connect, database_now
from contracts.events import CONTRACT, EVENTS
from contracts.topics import EVENT_TOPICS, SERVICES, TOPICS
from deploy.local.system import System
from tests.faults.probe import Probe
from tests.kit.waiting import until

GIVE_UP_S = 240.0
LOOK_EVERY_S = 0.4
"""A check asks all brokers and every process, which slows the recovery itself; so do new connections, which one watch
therefore keeps between checks.
"""
PENDING_S = 1.0
"""A row that waits longer than this in an outbox is a leftover of the fault."""


@dataclass
class Watch:
    """Watches a system from a fault's end until it has recovered."""

    system: System
    probe: Probe
    ended_at: float
    waited_for: str = ""
    """What the last check found missing."""
    _caught_up: set[str] = field(default_factory=set)
    """The services whose outbox was seen caught up after writes succeeded."""
    _ends: dict[TopicPartition, int] = field(default_factory=dict)
    """The ends of the topics once all outboxes had caught up: each group must reach them."""
    _brokers: ExitStack = field(default_factory=ExitStack)
    _admin: KafkaAdminClient | None = None

    def seconds(self) -> float:
        """Seconds from the fault's end to recovery; raises `TimeoutError` with what is missing after `GIVE_UP_S`."""
        with connect(self.system.mongo_uri, "admin", app="recovery", timeout_ms=2_000).client as mongo, self._brokers:
            left_s = self.ended_at + GIVE_UP_S - time.time()
            until(lambda: self._look(mongo), left_s, lambda missing: not missing, "recovered", LOOK_EVERY_S)
            return time.time() - self.ended_at

    def _look(self, mongo: MongoClient[Document]) -> str:
        missing = self._missing(mongo)
        self.waited_for = missing or self.waited_for
        return missing

    def _missing(self, mongo: MongoClient[Document]) -> str:
        """What has not recovered at this moment."""
        if refusing := sorted(set(SERVICES) - self.probe.since(self.ended_at)):
            return f"writes of {', '.join(refusing)}"
        if late := [name for name in self.system.shape.processes if not is_ready(self.system, name)]:
            return f"readiness of {', '.join(late)}"
        try:
            if not self._admin:
                self._admin = KafkaAdminClient(bootstrap_servers=self.system.kafka, request_timeout_ms=5_000)
                self._brokers.callback(self._admin.close)
            logs = current_logs(self._admin)
            for service in sorted(set(SERVICES) - self._caught_up):
                if not _is_behind(mongo, service, logs):
                    self._caught_up.add(service)
            if waiting := sorted(set(SERVICES) - self._caught_up):
                return f"the outbox of {', '.join(waiting)}"
            self._ends = self._ends or ends(self.system.kafka)
            behind = lags(self._admin, self._ends)
        except (KafkaError, PyMongoError, OSError) as error:
            self._admin = None
            self._brokers.close()
            return f"the engines ({type(error).__name__})"
        return f"the groups of {', '.join(sorted(behind))}" if behind else ""


def is_ready(system: System, name: str) -> bool:
    """Whether a process reports that it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{system.port_of(name)}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:  # not listening, or 503
        return False


def current_logs(admin: KafkaAdminClient) -> dict[str, str]:
    """The current log of each event topic, as outbox rows record it: cluster and topic id."""
    cluster = admin.describe_cluster()["cluster_id"]
    described = admin.describe_topics(list(EVENT_TOPICS))
    return {topic["name"]: f"{cluster}/{topic['topic_id']}" for topic in described}


def _is_behind(mongo: MongoClient[Document], service: str, logs: dict[str, str]) -> bool:
    """Whether an event is not in the log, or only in one that no longer exists."""
    database = mongo[f"releve_{service}"]
    rows = database[outbox.COLLECTION]
    oldest = rows.find_one({"pending": True}, {"time": 1}, sort=[("time", 1)])
    if oldest and (database_now(database) - oldest["time"]).total_seconds() > PENDING_S:
        return True
    gone = [{"topic": name, "log": {"$exists": True, "$ne": log}} for name, log in logs.items()]
    return rows.find_one({"$or": gone}, {"_id": 1}) is not None


def subscriptions() -> dict[str, set[str]]:
    """The topics that each consumer group subscribes to."""
    heard: dict[str, set[str]] = {service: set() for service in SERVICES}
    for kind, definition in EVENTS.items():
        for service in definition.consumers:
            if service in heard:
                heard[service] |= CONTRACT.topics(*kind)
    return {service: topics for service, topics in heard.items() if topics}


def ends(kafka: str) -> dict[TopicPartition, int]:
    """The current end offset of each partition."""
    with closing(KafkaConsumer(bootstrap_servers=kafka, group_id=None, request_timeout_ms=5_000)) as consumer:
        places = [TopicPartition(topic.name, part) for topic in TOPICS for part in range(topic.partitions)]
        return dict(consumer.end_offsets(places))


def lags(admin: KafkaAdminClient, ends: dict[TopicPartition, int]) -> dict[str, int]:
    """The lag of each group before ``ends``, in messages; only groups that have a lag."""
    wanted = subscriptions()
    committed = admin.list_group_offsets(sorted(wanted))
    behind = {}
    for group, topics in wanted.items():
        reached = {place: max(0, found.offset) for place, found in committed.get(group, {}).items()}
        lag = sum(max(0, end - reached.get(place, 0)) for place, end in ends.items() if place.topic in topics)
        if lag:
            behind[group] = lag
    return behind
