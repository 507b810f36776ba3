"""The contract of the events: published, documented, handled by every consumer, and compatible."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from kafka.admin import ACLOperation
from marshmallow import Schema, fields

from chassis.events import Event, NotThePublisher, SchemaBroken, key_of
from chassis.facts import Fact
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Documents, database_now
from chassis.settings import Settings
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT, EVENTS
from contracts.facts import AccountErased, check
from contracts.parts import PARTS, part_of
from contracts.topics import EVENT_TOPICS, PUBLISHERS, SERVICES, TOPICS, topic_of
from deploy.kafka.access import rights
from services.quotes.model import OFFERED
from tests.contract.frozen import breaks, current, frozen
from tests.kit.contract import config_of, example, handlers_of
from tests.kit.examples import EXAMPLES, live_example

KINDS = {event.kind: event for event in EVENTS.values()}


def test_every_event_has_an_example_and_every_example_an_event() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == KINDS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_example_survives_serialisation_and_parsing(name: str) -> None:
    key, version = key_of(name)
    assert CONTRACT.dump(key, CONTRACT.load(key, example(name), version), version) == example(name)


@pytest.mark.parametrize("name", KINDS)
def test_producer_cannot_add_a_field_and_consumer_ignores_it(name: str) -> None:
    key, version = key_of(name)
    with pytest.raises(SchemaBroken):
        CONTRACT.dump(key, CONTRACT.load(key, example(name), version) | {"client_name": "Nestlé"}, version)
    assert "client_name" not in CONTRACT.load(key, example(name) | {"client_name": "Nestlé"}, version)


@pytest.mark.parametrize("name", KINDS)
def test_missing_field_is_refused_by_name(name: str) -> None:
    key, version = key_of(name)
    for field, schema in KINDS[name].schema().fields.items():
        if schema.required:
            short = {given: value for given, value in example(name).items() if given != field}
            with pytest.raises(SchemaBroken) as broken:
                CONTRACT.load(key, short, version)
            assert broken.value.fields == [field]


@pytest.mark.parametrize("service", SERVICES)
def test_service_handles_the_events_of_the_contract(service: str) -> None:
    assert set(handlers_of(service).HANDLERS) == {event.kind for event in KINDS.values() if service in event.consumers}


def test_service_cannot_publish_another_services_event(database: Documents) -> None:
    work = UnitOfWork(database, "matching", CONTRACT)
    erased = AccountErased(role="mentor")
    with pytest.raises(NotThePublisher, match="matching does not publish"):
        work.run(lambda unit: unit.put("profiles", {"_id": "p", "version": 0}, [erased]))
    assert database.profiles.count_documents({}) == 0


@pytest.mark.parametrize("service", SERVICES)
def test_every_consumer_accepts_every_example_of_its_events(service: str, database: Documents) -> None:
    config = config_of(service)
    work = UnitOfWork(database, service, CONTRACT)
    inbox = Inbox(work, service, handlers_of(service).HANDLERS, config)
    for name in handlers_of(service).HANDLERS:
        for subject in ("known", "never-heard-of"):
            if subject == "known" and "project.posted" in handlers_of(service).HANDLERS:
                posted = CONTRACT.load("project.posted", live_example("project.posted", database_now(database)))
                database_id = f"{subject}-{name.replace('.', '-')}"
                first = Event(new_id(), "project.posted", database_id, 1, database_now(database), posted)
                assert inbox.apply(first)
                if name == "project.posted":
                    continue
            key, version = key_of(name)
            data = CONTRACT.load(key, live_example(name, database_now(database)), version)
            about = f"{subject}-{name.replace('.', '-')}"
            event = Event(new_id(), key, about, 2, database_now(database), data, version=version)
            assert inbox.apply(event)
            assert not inbox.apply(event)


def test_topics_match_publishers_and_consumers_dead_letters() -> None:
    names = {topic.name for topic in TOPICS}
    mails = {"releve.accounts.mails.v1", "releve.programmes.mails.v1"}
    assert names == {f"releve.{p}.v1" for p in PUBLISHERS} | {f"releve.{s}.dlq" for s in SERVICES} | mails
    assert {publisher for event in EVENTS.values() for publisher in event.publishers} == set(PUBLISHERS)
    assert all(CONTRACT.topics(*kind) <= names for kind in EVENTS)


def test_requests_for_mails_are_in_topics_that_only_notify_reads() -> None:
    of_mails = {name for name in EVENT_TOPICS if ".mails." in name}
    readers = {user for user, kind, name, operation in rights() if name in of_mails and operation is ACLOperation.READ}
    assert (len(of_mails), readers) == (2, {"notify"})
    assert {event.name for event in EVENTS.values() if event.channel} == {"mail.requested", "messages.requested"}
    for event in EVENTS.values():
        assert not event.channel or all(event.channel in part_of(name).channels for name in event.publishers)
        assert not event.channel or event.consumers == ("notify",)


def test_reader_of_a_channel_still_reads_where_its_events_were_before() -> None:
    heard = set().union(*(CONTRACT.topics(*kind) for kind, event in EVENTS.items() if "notify" in event.consumers))
    assert {topic_of(name) for event in EVENTS.values() if event.channel for name in event.publishers} <= heard


def test_event_is_in_the_topic_of_each_publisher() -> None:
    assert CONTRACT.topics("project.posted") == {CONTRACT.topic("projects", "project.posted")} == {"releve.projects.v1"}
    answering = {part.name for part in PARTS if part.database} - {"accounts"}
    assert answering >= {"projects", "matching", "quotes", "notify"}
    assert CONTRACT.topics("erasure.done") == {CONTRACT.topic(service, "erasure.done") for service in answering}


@pytest.mark.parametrize("name", KINDS)
def test_version_gains_only_optional_fields(name: str) -> None:
    """``tests/contract/frozen.json`` records each version as published; `make freeze` adds new fields to it."""
    then, now = frozen()[name], current()[name]
    assert breaks(then, now) == []
    assert now == then, f"{name} has new fields: run make freeze and commit the result"


def test_publisher_must_write_every_field_even_optional_ones() -> None:
    data = CONTRACT.load("project.posted", example("project.posted"))
    del data["relaunched_from"]
    with pytest.raises(SchemaBroken) as broken:
        CONTRACT.dump("project.posted", data)
    assert broken.value.fields == ["relaunched_from"]


WINDOW = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "enum": ["full", "deadline"]},
        "closed_at": {"type": "string", "format": "date-time"},
        "digests": {"type": "array", "maxItems": 5, "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        "until": {"type": ["string", "null"], "format": "date"},
    },
    "required": ["reason", "closed_at"],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """`WINDOW` with the value at a dotted path set, or removed if None."""
    schema: dict[str, Any] = json.loads(json.dumps(WINDOW))
    *way, last = path.split(".")
    inner = schema
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return schema


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties.added", {"type": "string"}),
        ("properties.added", {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}),
    ],
)
def test_new_optional_fields_are_compatible(path: str, value: Any) -> None:
    assert breaks(WINDOW, changed(path, value)) == []
    assert breaks(WINDOW, WINDOW) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties.reason", None),
        ("properties.reason.type", "integer"),
        ("properties.reason.enum", ["full", "deadline", "other"]),
        ("properties.reason.enum", ["full"]),
        ("properties.closed_at.format", "date"),
        ("properties.digests.maxItems", 4),
        ("properties.digests.maxItems", 6),
        ("properties.digests.items.pattern", "^[0-9a-f]{32}$"),
        ("properties.until.type", "string"),
        ("required", ["reason", "closed_at", "digests"]),
        ("required", ["reason"]),
    ],
)
def test_breaking_changes_are_refused(path: str, value: Any) -> None:
    assert breaks(WINDOW, changed(path, value)) != []


def test_record_ignores_the_wording_of_errors_and_descriptions() -> None:
    text = json.dumps(frozen())
    assert "description" not in text
    assert "error" not in text


def test_missing_setting_of_a_service_is_named() -> None:
    with pytest.raises(Exception, match="RELEVE_MONGO_URI is not set"):
        Settings.read("quotes", {})


@dataclass(frozen=True)
class Misspelt(Fact, name="slot.released"):
    acount: str


def test_fact_that_differs_from_its_schema_fails_at_import() -> None:
    only = {key: event for key, event in EVENTS.items() if event.name == "slot.released"}
    with pytest.raises(TypeError, match=r"Misspelt .* differ in \['account', 'acount'\]"):
        check([Misspelt], only)
    with pytest.raises(TypeError, match=r"slot\.released"):
        check([], only)


def fields_of(schema: Schema, place: str) -> Iterator[str]:
    """The paths of all fields of a schema, those of nested schemas too."""
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        yield f"{place}.{name}"
        if isinstance(inner, fields.Nested):
            yield from fields_of(inner.schema, f"{place}.{name}")


def test_no_term_of_a_quote_is_published_before_the_choice() -> None:
    """Only ``quote.accepted`` says what a quote offers. The last day of a received quote passes at the window's end."""
    published = {
        path
        for event in EVENTS.values()
        if "quotes" in event.publishers and event.name != "quote.accepted"
        for path in fields_of(event.schema(), event.name)
        if path.rpartition(".")[2] in OFFERED
    }
    assert published == {"window.closed.quotes.valid_until"}, "a sealed term would leave the service of quotes"
