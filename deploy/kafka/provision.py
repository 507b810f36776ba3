"""Makes the topics that the contracts list, and where brokers ask who one is, the users; run as often as one likes.

`python -m deploy.kafka.provision` reads RELEVE_KAFKA, RELEVE_KAFKA_REPLICATION (1 where it is not given), how to sign
in (RELEVE_KAFKA_USER and others), and RELEVE_KAFKA_PASSWORDS: a folder with a file `<user>_kafka` for each.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from kafka.errors import KafkaError

from chassis.broker import Broker
from chassis.settings import BadSetting, broker, environment, integer


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


def provision(kafka: Broker | str, topics: Iterable[Topic], replication: int = 1) -> list[str]:
    """Makes the topics that are missing and returns their names, once each has a leader.

    Raises ProvisionError where one exists with another number of partitions (keyed order depends on it, so
    it is never changed here), and KafkaError where the brokers do not answer.
    """
    wanted = {topic.name: topic for topic in topics}
    admin = (kafka if isinstance(kafka, Broker) else Broker(kafka)).admin()
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


def make_access(kafka: Broker, passwords: Mapping[str, str]) -> tuple[int, int]:
    """Makes each service's user and rights; how many rights were given, and how many taken away."""
    from deploy.kafka.access import give_rights, make_users, rights

    admin = kafka.admin()
    try:
        make_users(admin, passwords)
        return give_rights(admin, rights())
    finally:
        admin.close()


def main() -> int:
    """Provisions the topics and the users of `contracts`; 0, or 1 with one line of what is wrong."""
    from contracts.topics import TOPICS
    from deploy.kafka.access import USERS

    try:
        settings = environment(os.environ)
        kafka = broker(settings)
        made = provision(kafka, TOPICS, integer(settings, "RELEVE_KAFKA_REPLICATION", 1, 1))
        print(f"Topics made: {', '.join(made) or 'none, all were there'}")
        if folder := settings.get("RELEVE_KAFKA_PASSWORDS"):
            passwords = {name: (Path(folder) / f"{name}_kafka").read_text().strip() for name in USERS}
            given, taken = make_access(kafka, passwords)
            print(f"Users: {', '.join(passwords)}; rights given: {given}, taken away: {taken}")
    except (ProvisionError, KafkaError, BadSetting, OSError) as error:
        print(f"Kafka is not provisioned: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
