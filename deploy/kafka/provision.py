"""Creates the topics of the contracts and, if the brokers require authentication, the users. Idempotent.

`python -m deploy.kafka.provision` reads RELEVE_KAFKA, RELEVE_KAFKA_REPLICATION (default 1), the credentials
(RELEVE_KAFKA_USER and others), and RELEVE_KAFKA_PASSWORDS: a folder with a file `<user>_kafka` per user.
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
    """The properties of a topic that provisioning needs; implemented by `contracts.topics.Topic`."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def retention(self) -> timedelta | None: ...  # None: the broker's default


class ProvisionError(RuntimeError):
    """A topic differs from the contracts and cannot be corrected."""


def provision(kafka: Broker | str, topics: Iterable[Topic], replication: int = 1) -> list[str]:
    """Creates the missing topics and returns their names once each has a leader.

    Raises ProvisionError if a topic exists with another number of partitions, which is never changed here because
    keyed order depends on it; KafkaError if the brokers do not answer.
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
                # 36: another provisioning run was faster
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
    """Creates the users and their rights; returns how many rights were granted and how many revoked."""
    from deploy.kafka.access import give_rights, make_users, rights

    admin = kafka.admin()
    try:
        make_users(admin, passwords)
        return give_rights(admin, rights())
    finally:
        admin.close()


def main() -> int:
    """Provisions the topics and users of `contracts`; returns 0, or 1 after printing one error line."""
    from contracts.topics import TOPICS
    from deploy.kafka.access import USERS

    try:
        settings = environment(os.environ)
        kafka = broker(settings)
        made = provision(kafka, TOPICS, integer(settings, "RELEVE_KAFKA_REPLICATION", 1, 1))
        print(f"Topics created: {', '.join(made) or 'none, all existed'}")
        if folder := settings.get("RELEVE_KAFKA_PASSWORDS"):
            passwords = {name: (Path(folder) / f"{name}_kafka").read_text().strip() for name in USERS}
            given, taken = make_access(kafka, passwords)
            print(f"Users: {', '.join(passwords)}; rights granted: {given}, revoked: {taken}")
    except (ProvisionError, KafkaError, BadSetting, OSError) as error:
        print(f"Kafka is not provisioned: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
