"""The events' document is current, valid AsyncAPI, complete, and as strict as the services."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from chassis.broker import Broker
from chassis.broker.clients import Place, Record
from chassis.dead_letters import DeadLetter, DeadLetters
from chassis.events import Envelope, SchemaBroken, encode, key_of, source_of
from contracts.asyncapi import DOCUMENT, build, example_of
from contracts.events import CONTRACT, EVENTS
from contracts.topics import SERVICES, TOPICS, dead_letters_of, topic_of

SPECIFICATION = Path(__file__).with_name("asyncapi-3.0.0.json")
"""The official schema; asyncapi-3.0.0.LICENSE names its source."""
Json = dict[str, Any]
KINDS = {event.kind: event for event in EVENTS.values()}


@pytest.fixture(scope="module")
def document() -> Json:
    found: Json = json.loads(build())
    return found


def validator(document: Json, schema: Json) -> Draft7Validator:
    """A validator for a schema that may refer to the document's components."""
    return Draft7Validator({**schema, "components": document["components"]})


def payload_of(document: Json, name: str) -> Draft7Validator:
    return validator(document, document["components"]["messages"][name]["payload"])


def headers_of(document: Json, name: str) -> Draft7Validator:
    return validator(document, document["components"]["messages"][name]["headers"])


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for below in node:
            yield from references(below)


def gaps(document: Json) -> set[str]:
    """The topics, events, senders and receivers of the contract that the document lacks."""
    channels = document["channels"]
    found = {topic.name for topic in TOPICS if channels.get(topic.name, {}).get("address") != topic.name}
    said = {
        (operation["action"], *operation["channel"]["$ref"].split("/")[2:], operation["tags"][0]["name"], *(
            message["$ref"].rpartition("/")[2] for message in operation["messages"]
        ))
        for operation in document["operations"].values()
    }  # fmt: skip
    for name, event in KINDS.items():
        found |= {name} - document["components"]["messages"].keys()
        for publisher in event.publishers:
            topic = topic_of(publisher, event.channel)
            found |= {f"{topic} {name}"} if name not in channels.get(topic, {}).get("messages", {}) else set()
            found |= {f"{publisher} sends {name}"} if ("send", topic, publisher, name) not in said else set()
            found |= {
                f"{service} receives {name} of {publisher}"
                for service in event.consumers
                if ("receive", topic, service, name) not in said
            }
    return found


def test_committed_asyncapi_document_is_current() -> None:
    assert build() == DOCUMENT.read_text(encoding="utf-8"), "run make contracts, and commit the result"


def test_document_build_is_reproducible(root: Path) -> None:
    script = "import sys; from contracts.asyncapi import build; sys.stdout.buffer.write(build().encode())"
    foreign = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    again = subprocess.run([sys.executable, "-c", script], cwd=root, env=foreign, capture_output=True, check=True)
    assert again.stdout.decode() == build()


def test_the_document_is_valid_asyncapi(document: Json) -> None:
    official = Draft7Validator(json.loads(SPECIFICATION.read_text()))
    assert [f"{error.json_path}: {error.message}" for error in official.iter_errors(document)] == []
    for spoil in (
        lambda wrong: wrong["operations"].update(odd={"action": "shout", "channel": {"$ref": "#/channels/x"}}),
        lambda wrong: wrong["channels"]["releve.quotes.v1"].update(colour="red"),
        lambda wrong: wrong["channels"]["releve.quotes.v1"]["bindings"]["kafka"].update(partitions=0),
        lambda wrong: wrong.pop("info"),
    ):
        wrong = deepcopy(document)
        spoil(wrong)
        assert not official.is_valid(wrong)


def test_every_schema_is_valid_and_every_reference_resolves(document: Json) -> None:
    for schema in document["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)
    for reference in set(references(document)):
        found = document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]


def test_every_topic_event_sender_and_receiver_is_shown(document: Json) -> None:
    assert gaps(document) == set()


def test_missing_event_topic_or_receiver_is_detected(document: Json) -> None:
    short = json.loads(build([event for event in EVENTS.values() if event.name != "quote.submitted"]))
    assert gaps(short) == {
        "quote.submitted",
        "releve.quotes.v1 quote.submitted",
        "quotes sends quote.submitted",
        "matching receives quote.submitted of quotes",
        "notify receives quote.submitted of quotes",
    }
    without_dlq = [topic for topic in TOPICS if topic.name != dead_letters_of("notify")]
    assert gaps(json.loads(build(topics=without_dlq))) == {"releve.notify.dlq"}
    deaf = deepcopy(document)
    del deaf["operations"]["quotes.receive.project-posted"]
    assert gaps(deaf) == {"quotes receives project.posted of projects"}


def test_document_shows_nothing_outside_the_contract(document: Json) -> None:
    assert document["channels"].keys() == {topic.name for topic in TOPICS}
    assert document["components"]["messages"].keys() == KINDS.keys() | {"dead-letter", "dead-letter-mark"}
    pairs = sum(len(event.publishers) * (1 + len(event.consumers)) for event in EVENTS.values())
    assert len(document["operations"]) == pairs + len(SERVICES)
    for name, operation in document["operations"].items():
        service, action, _ = name.split(".", 2)
        assert (operation["tags"], operation["action"]) == ([{"name": service}], action)
        if action == "receive":
            assert operation["bindings"]["kafka"]["groupId"]["enum"] == [service]


def test_channel_states_partitions_and_retention(document: Json) -> None:
    for topic in TOPICS:
        kafka = document["channels"][topic.name]["bindings"]["kafka"]
        assert (kafka["topic"], kafka["partitions"]) == (topic.name, topic.partitions)
        assert topic.retention
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention.total_seconds() * 1000


@pytest.mark.parametrize("name", KINDS)
def test_published_events_match_the_document(document: Json, name: str) -> None:
    message = document["components"]["messages"][name]
    assert message["examples"][0]["payload"] == example_of(name)
    for publisher in KINDS[name].publishers:
        source = source_of(publisher)
        trace = f"00-{'a' * 32}-b-01"
        event = Envelope("e1", source, *key_of(name), "s1", 7, datetime.now(UTC), example_of(name), trace)
        headers = {header: value.decode() for header, value in encode(event)[2]}
        assert list(headers_of(document, name).iter_errors(headers)) == []
        assert list(payload_of(document, name).iter_errors(event.payload)) == []
        for header in headers.keys() - {"content-type", "traceparent"}:
            less = {other: value for other, value in headers.items() if other != header}
            assert not headers_of(document, name).is_valid(less), header
        assert not headers_of(document, name).is_valid(headers | {"ce_type": "releve.something.else.v1"})
        assert not headers_of(document, name).is_valid(headers | {"ce_source": "urn:releve:service:nobody"})
        assert not headers_of(document, name).is_valid(headers | {"ce_sequence": "-1"})


@pytest.mark.parametrize("name", KINDS)
def test_document_is_as_strict_as_a_consumer(document: Json, name: str) -> None:
    sound = example_of(name)
    odd: list[Any] = [None, [], {}, "", "é è", -1, 10**13, ["", 3], "x" * 20_001]
    spoiled = [{**sound, "of_a_later_version": 1}]
    for field in sound:
        spoiled.append({other: value for other, value in sound.items() if other != field})
        spoiled += [{**sound, field: value} for value in odd]
    schema = payload_of(document, name)
    remarks = formatted(document, name)
    for case in spoiled:
        changed = [field for field in sound if case.get(field) != sound[field]]
        is_remark = changed and all(field in remarks and isinstance(case.get(field), str) for field in changed)
        if not is_remark:
            assert schema.is_valid(case) == loads(name, case), f"{changed}: {str(case)[:200]}"


def loads(name: str, payload: Json) -> bool:
    try:
        CONTRACT.load(KINDS[name].name, payload, KINDS[name].version)
    except SchemaBroken:
        return False
    return True


def formatted(document: Json, name: str) -> set[str]:
    """The fields whose text has a format, such as a time; JSON Schema treats a format as an unchecked annotation."""
    schema = document["components"]["schemas"][KINDS[name].schema.__name__]
    return {field for field, found in schema["properties"].items() if "format" in found}


def test_times_durations_numbers_and_ids_state_their_format(document: Json) -> None:
    posted = document["components"]["schemas"]["ProjectPosted"]["properties"]
    assert posted["posted_at"]["format"] == "date-time"
    assert posted["window"]["format"] == "duration"
    assert posted["client"]["pattern"] == "^[A-Za-z0-9_-]{1,64}$"
    assert (posted["brief"]["minLength"], posted["brief"]["maxLength"]) == (1, 20_000)
    received = document["components"]["schemas"]["QuoteSubmitted"]["properties"]["received"]
    assert (received["type"], received["minimum"], received["maximum"]) == ("integer", 1, 5)
    for schema in document["components"]["schemas"].values():
        for name, field in schema["properties"].items():
            assert field.keys() & {"type", "const", "enum", "$ref", "anyOf"}, f"{name}: state its type in KINDS"


def test_events_allow_new_fields_but_money_does_not(document: Json) -> None:
    schemas = document["components"]["schemas"]
    assert [name for name, schema in schemas.items() if "additionalProperties" in schema] == ["Money"]


def test_dead_letter_has_the_documented_headers(document: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Json] = []

    class Producer:
        def __init__(self, **_: Any) -> None: ...

        def send(self, topic: str, **message: Any) -> "Producer":
            sent.append({"topic": topic, **message})
            return self

        def get(self, timeout: float) -> Place:
            return Place("releve.notify.dlq", 0, 0)

    record = Record("releve.quotes.v1", 3, 9, b"k", b"v", [("ce_id", b"e1")], 1)
    monkeypatch.setattr("chassis.broker.with_kafka_python.KafkaProducer", Producer)
    DeadLetters(Broker("nowhere"), "notify").put(record, DeadLetter("notify", 5, "handler failed"))
    assert sent[0]["topic"] in document["channels"]
    headers = {name: value.decode() for name, value in sent[0]["headers"]}
    assert list(headers_of(document, "dead-letter").iter_errors(headers)) == []
    documented = document["components"]["schemas"]["DeadLetter"]["properties"].keys()
    assert {name for name in headers if name.startswith("dlq_")} == documented


def test_document_names_no_person_and_no_server(document: Json) -> None:
    text = json.dumps(document)
    assert "servers" not in document
    assert not re.search(r"@|\d+\.\d+\.\d+\.\d+|localhost", text)
