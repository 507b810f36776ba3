"""Users and ACLs of Kafka: each service has its own user with the least rights it needs.

A service writes to its own topics, writes and reads its own dead letters, reads the topics of the events it consumes,
and joins the one group that has its name. The monitoring user sees all offsets, and reads only dead letters.
"""

from collections.abc import Iterable, Mapping

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from contracts.events import CONTRACT, EVENTS
from contracts.parts import PARTS, part_of
from contracts.topics import EVENT_TOPICS, LISTENERS, PUBLISHERS, dead_letters_of

ITERATIONS = 8_192
WATCHER = "monitoring"
USERS = (*(part.name for part in PARTS if part.on_kafka), WATCHER)
Right = tuple[str, ResourceType, str, ACLOperation]
"""User, type and name of the resource, and the allowed operation."""


class AccessError(RuntimeError):
    """The brokers refused to create a user or a right."""


def rights() -> set[Right]:
    """All rights of all users. Each implies the right to describe."""
    given: set[Right] = set()
    for publisher in PUBLISHERS:
        given |= {(publisher, ResourceType.TOPIC, name, ACLOperation.WRITE) for name in part_of(publisher).topics}
    for listener in LISTENERS:
        for operation in (ACLOperation.WRITE, ACLOperation.READ):
            given.add((listener, ResourceType.TOPIC, dead_letters_of(listener), operation))
        given.add((listener, ResourceType.GROUP, listener, ACLOperation.READ))
    for kind, event in EVENTS.items():
        for reader in event.consumers:
            given |= {(reader, ResourceType.TOPIC, name, ACLOperation.READ) for name in CONTRACT.topics(*kind)}
    return given | _watchers_rights()


def _watchers_rights() -> set[Right]:
    given: set[Right] = {(WATCHER, ResourceType.CLUSTER, "kafka-cluster", ACLOperation.DESCRIBE)}
    for topic in EVENT_TOPICS:
        given.add((WATCHER, ResourceType.TOPIC, topic, ACLOperation.DESCRIBE))
    for listener in LISTENERS:
        given.add((WATCHER, ResourceType.GROUP, listener, ACLOperation.DESCRIBE))
        given.add((WATCHER, ResourceType.TOPIC, dead_letters_of(listener), ACLOperation.READ))
    return given


def make_users(admin: KafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Creates the users, or updates their passwords; raises AccessError."""
    wanted = [
        UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, password, iterations=ITERATIONS)
        for name, password in passwords.items()
    ]
    for name, error in admin.alter_user_scram_credentials(wanted).items():
        if error:
            raise AccessError(f"the user {name} cannot be made: {error}")


def give_rights(admin: KafkaAdminClient, wanted: Iterable[Right]) -> tuple[int, int]:
    """Grants missing rights and revokes all others of our users; returns how many of each. Raises AccessError."""
    new = {_acl(right) for right in wanted}
    users = {f"User:{name}" for name in USERS}
    held = {acl for acl in _all(admin) if acl.principal in users}
    if missing := list(new - held):
        failed = admin.create_acls(missing)["failed"]
        if failed:
            raise AccessError(f"rights cannot be given: {failed}")
    if too_many := list(held - new):
        admin.delete_acls([
            ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, acl.resource_pattern)
            for acl in too_many
        ])  # fmt: skip
    return len(missing), len(too_many)


def _acl(right: Right) -> ACL:
    service, kind, name, operation = right
    return ACL(f"User:{service}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))


def _all(admin: KafkaAdminClient) -> list[ACL]:
    everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    found, _ = admin.describe_acls(ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything))
    return list(found)
