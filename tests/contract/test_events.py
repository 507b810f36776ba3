"""The contract of the events holds: published, documented, understood by everyone who listens, and compatible."""

import importlib
import importlib.util
import json
from typing import Any

import pytest
from marshmallow import Schema, fields

from chassis.events import Event, SchemaBroken
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Documents, database_now
from chassis.settings import Settings
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT, EVENTS, PartWithData
from contracts.parts import PARTS
from contracts.topics import PUBLISHERS, SERVICES, TOPICS
from tests.contract.frozen import breaks, fields_of, frozen
from tests.examples import EXAMPLES, live_example


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


def handlers_of(service: str) -> Any:
    return importlib.import_module(f"services.{service}.handlers")


def config_of(service: str) -> Any:
    if importlib.util.find_spec(f"services.{service}.config") is None:  # it has no settings of its own
        return None
    config = importlib.import_module(f"services.{service}.config").Config
    return config.read({"RELEVE_BLIND_SECRET": "s" * 32, "RELEVE_INTERNAL_TOKEN": "t" * 32})


def test_every_event_has_an_example_and_every_example_an_event() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_survives_the_way_out_and_the_way_in(name: str) -> None:
    assert CONTRACT.dump(name, CONTRACT.load(name, example(name))) == example(name)


@pytest.mark.parametrize("name", EVENTS)
def test_a_producer_may_not_add_a_field_and_a_consumer_ignores_one(name: str) -> None:
    with pytest.raises(SchemaBroken):
        CONTRACT.dump(name, CONTRACT.load(name, example(name)) | {"client_name": "Nestlé"})
    assert "client_name" not in CONTRACT.load(name, example(name) | {"client_name": "Nestlé"})


@pytest.mark.parametrize("name", EVENTS)
def test_a_missing_field_breaks_the_schema_and_is_named(name: str) -> None:
    for field, schema in EVENTS[name].schema().fields.items():
        if schema.required:
            short = {key: value for key, value in example(name).items() if key != field}
            with pytest.raises(SchemaBroken) as broken:
                CONTRACT.load(name, short)
            assert broken.value.fields == [field]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_publishes_and_handles_what_the_contract_says(service: str) -> None:
    module = handlers_of(service)
    assert set(module.PUBLISHES) == {name for name, event in EVENTS.items() if service in event.publishers}
    assert set(module.HANDLERS) == {name for name, event in EVENTS.items() if service in event.consumers}


@pytest.mark.parametrize("service", SERVICES)
def test_every_consumer_takes_every_example_that_it_listens_to(service: str, database: Documents) -> None:
    config = config_of(service)
    work = UnitOfWork(database, service, CONTRACT)
    inbox = Inbox(work, service, handlers_of(service).HANDLERS, config)
    for name in handlers_of(service).HANDLERS:
        for subject in ("known", "never-heard-of"):
            if subject == "known" and "project.posted" in handlers_of(service).HANDLERS:
                posted = CONTRACT.load("project.posted", live_example("project.posted", database_now(database)))
                database_id = f"{subject}-{name}"
                first = Event(new_id(), "project.posted", database_id, 1, database_now(database), posted)
                assert inbox.apply(first)
                if name == "project.posted":
                    continue
            data = CONTRACT.load(name, live_example(name, database_now(database)))
            event = Event(new_id(), name, f"{subject}-{name}", 2, database_now(database), data)
            assert inbox.apply(event)
            assert not inbox.apply(event)


def test_the_topics_are_those_of_the_publishers_and_their_consumers_dead_letters() -> None:
    names = {topic.name for topic in TOPICS}
    assert names == {f"releve.{p}.v1" for p in PUBLISHERS} | {f"releve.{s}.dlq" for s in SERVICES}
    assert {publisher for event in EVENTS.values() for publisher in event.publishers} == set(PUBLISHERS)
    assert all(CONTRACT.topics(name) <= names for name in EVENTS)


def test_an_event_travels_in_the_topic_of_each_service_that_publishes_it() -> None:
    assert CONTRACT.topics("project.posted") == {CONTRACT.topic("projects")}
    answering = {part.name for part in PARTS if part.database} - {"accounts"}
    assert answering >= {"projects", "matching", "quotes", "notify"}
    assert CONTRACT.topics("erasure.done") == {CONTRACT.topic(service) for service in answering}


@pytest.mark.parametrize("name", EVENTS)
def test_inside_a_version_only_optional_fields_are_added(name: str) -> None:
    """``tests/contract/frozen.json`` is version 1 as it was first published; `make freeze` adds new fields to it."""
    now, then = fields_of(EVENTS[name].schema), frozen()[name]
    assert then.keys() <= now.keys(), "a field was taken away or renamed"
    for field, kind in then.items():
        assert now[field] == kind, f"{field} changed its kind"
    added = now.keys() - then.keys()
    assert not added, f"optional fields were added ({sorted(added)}): run make freeze, and commit the result"


def test_a_writer_may_forget_no_field_not_even_an_optional_one() -> None:
    data = CONTRACT.load("project.posted", example("project.posted"))
    del data["relaunched_from"]
    with pytest.raises(SchemaBroken) as broken:
        CONTRACT.dump("project.posted", data)
    assert broken.value.fields == ["relaunched_from"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"a.b": "String required OneOf"}, None),
        ({"a.b": "String required OneOf", "c": "String optional"}, None),
        ({"a.b": "String required OneOf", "c": "Nested optional", "c.d": "String required"}, None),
        ({}, "a.b is no longer"),
        ({"a.b": "String required"}, "a.b is no longer"),
        ({"a.b": "String required OneOf", "a.c": "String required"}, "a.c is new and required"),
        ({"a.b": "String required OneOf", "c": "String required"}, "c is new and required"),
    ],
)
def test_freezing_refuses_what_readers_could_not_live_with(change: dict[str, str], reason: str | None) -> None:
    kept = {"a": "Nested required", "a.b": "String required OneOf"}
    found = breaks(kept, {"a": "Nested required"} | change)
    assert [text.startswith(reason or "") for text in found] == [True] * (reason is not None)


def test_narrowing_what_a_field_may_be_is_seen() -> None:
    size = fields_of(EVENTS["project.posted"].schema)["descriptor.size"]
    assert "'group'" in size


def test_one_more_part_that_keeps_data_changes_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    def kind() -> dict[str, str]:
        return fields_of(Schema.from_dict({"service": fields.String(validate=PartWithData())}))  # type: ignore[arg-type]

    before = kind()
    monkeypatch.setattr("contracts.events.DATABASES", ("one", "another"))
    assert kind() == before
    assert list(PartWithData().choices) == ["one", "another"]


def test_the_settings_of_a_service_name_what_is_missing() -> None:
    with pytest.raises(Exception, match="RELEVE_MONGO_URI is not set"):
        Settings.read("quotes", {})
