"""Makes the topics that the contracts list; run as often as one likes.

`python -m deploy.kafka.provision` reads RELEVE_KAFKA and RELEVE_KAFKA_REPLICATION (1 where it is not given).
"""

import os
import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from kafka import KafkaAdminClient
from kafka.errors import KafkaError


class Topic(Protocol):
    """What provisioning needs to know of a topic; `contracts.topics.Topic` is one."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def retention(self) -> timedelta | None: ...  # None: the broker's default


class ProvisionError(RuntimeError):
    """A topic is not as the contracts want it, and cannot be made so."""


def provision(bootstrap: str, topics: Iterable[Topic], replication: int = 1) -> list[str]:
    """Makes the topics that are missing and returns their names, once each has a leader.

    Raises ProvisionError where one exists with another number of partitions (keyed order depends on it, so
    it is never changed here), and KafkaError where the brokers do not answer.
    """
    wanted = {topic.name: topic for topic in topics}
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        names = set(admin.list_topics()) & set(wanted)
        for found in admin.describe_topics(sorted(names)) if names else []:
            topic, partitions = wanted[found["name"]], len(found["partitions"])
            if partitions != topic.partitions:
                raise ProvisionError(
                    f"topic {topic.name} has {partitions} partitions and should have {topic.partitions}: "
                    "keyed order depends on the number, so move its events to a new topic by hand"
                )
        missing = {
            name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": _configs(topic, replication),
            }
            for name, topic in wanted.items()
            if name not in names
        }
        if missing:
            for made in admin.create_topics(missing, raise_errors=False)["topics"]:
                # 36: another provisioning was faster
                if made["error_code"] not in (0, 36):
                    raise ProvisionError(f"topic {made['name']} cannot be made: {made['error_message']}")
            admin.wait_for_topics(list(missing))
        return sorted(missing)
    finally:
        admin.close()


def _configs(topic: Topic, replication: int) -> dict[str, str]:
    configs = {"min.insync.replicas": str(max(1, replication - 1))}
    if topic.retention is not None:
        configs["retention.ms"] = str(topic.retention // timedelta(milliseconds=1))
    return configs


def main() -> int:
    """Provisions the topics of `contracts`; 0, or 1 with one line of what is wrong."""
    from contracts.topics import TOPICS

    bootstrap = os.environ.get("RELEVE_KAFKA")
    if not bootstrap:
        print("RELEVE_KAFKA is not set: the brokers' addresses, as host:port,host:port", file=sys.stderr)
        return 1
    try:
        made = provision(bootstrap, TOPICS, int(os.environ.get("RELEVE_KAFKA_REPLICATION", "1")))
    except (ProvisionError, KafkaError, ValueError) as error:
        print(f"Topics are not provisioned: {error}", file=sys.stderr)
        return 1
    print(f"Topics made: {', '.join(made) or 'none, all were there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
