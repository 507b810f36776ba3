"""What the Kafka user and the secrets of one service open, as a table: a service that is broken into opens no more."""

import pytest
from kafka.admin import ACLOperation, ResourceType

from contracts.events import EVENTS
from contracts.parts import PARTS, part_of
from contracts.topics import TOPICS, dead_letters_of
from deploy.kafka.access import rights

GENERAL = {part.name: part.topic for part in PARTS if part.topic}
HEARS = {
    "accounts": {"projects", "matching", "quotes", "programmes", "notify"},  # what they erased
    "projects": {"accounts", "matching", "quotes"},
    "matching": {"accounts", "projects", "quotes"},
    "quotes": {"accounts", "projects", "matching"},
    "programmes": {"accounts", "projects"},
    "notify": {"accounts", "projects", "matching", "quotes", "programmes"},
}
"""Whose general topics each service reads."""
CALLS = {"accounts": {"projects"}, "notify": {"accounts", "programmes"}}
"""Whose internal routes it can call; a callee holds the token of its caller, which opens only its own routes."""


def topics(user: str, operation: ACLOperation) -> set[str]:
    return {name for one, kind, name, may in rights() if (one, kind, may) == (user, ResourceType.TOPIC, operation)}


def test_the_table_names_every_service() -> None:
    assert set(HEARS) == {part.name for part in PARTS if part.on_kafka}


@pytest.mark.parametrize("name", HEARS)
def test_service_reads_only_the_topics_that_it_needs(name: str) -> None:
    mails = {topic.name for topic in TOPICS if ".mails." in topic.name}
    assert len(mails) == 2
    heard = {GENERAL[one] for one in HEARS[name]} | (mails if name == "notify" else set())
    assert topics(name, ACLOperation.READ) == heard | {dead_letters_of(name)}


@pytest.mark.parametrize("name", HEARS)
def test_service_writes_only_to_its_own_topics(name: str) -> None:
    own = {*part_of(name).topics, dead_letters_of(name)}
    assert topics(name, ACLOperation.WRITE) == own
    assert all(topic.startswith(f"releve.{name}.") for topic in own)


@pytest.mark.parametrize("name", HEARS)
def test_service_has_no_right_beyond_topics_and_its_own_group(name: str) -> None:
    others = {right[1:] for right in rights() if right[0] == name and right[1] is not ResourceType.TOPIC}
    assert others == {(ResourceType.GROUP, name, ACLOperation.READ)}


@pytest.mark.parametrize("name", HEARS)
def test_service_can_call_only_what_it_needs(name: str) -> None:
    called = {secret.split("_")[2] for secret in part_of(name).secrets if secret.startswith(f"internal_{name}_")}
    assert called == CALLS.get(name, set())
    foreign = [one for one in part_of(name).secrets if one.startswith("internal_") and name not in one.split("_")]
    assert foreign == []


def test_every_reader_of_a_topic_handles_one_of_its_events() -> None:
    for user, hears in HEARS.items():
        for publisher in hears:
            assert any(user in event.consumers and publisher in event.publishers for event in EVENTS.values())
