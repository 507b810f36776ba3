"""The events as an AsyncAPI 3.0 document, for external consumers: `python -m contracts.asyncapi` writes it.

The content comes from `contracts.events`, `contracts.topics` and the examples; this module only renders it.
"""

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import RAISE, Schema, fields

from chassis.events import Envelope, encode, source_of
from contracts.events import EVENTS, EventType
from contracts.fields import MOST_DAYS, Day, Duration, HalfDays, Instant, Text, Zone
from contracts.parts import PARTS
from contracts.topics import LISTENERS, TOPICS, Topic, dead_letters_of, topic_of

HERE = Path(__file__).parent
DOCUMENT = HERE / "asyncapi.json"
EXAMPLES = HERE / "examples"
BINDINGS = "0.5.0"
Json = dict[str, Any]

ZONE = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"
KINDS: Mapping[type[fields.Field[Any]], tuple[str, str | None, Callable[[Any], Json]]] = {
    Instant: ("string", "date-time", lambda _: {"description": "RFC 3339, UTC, milliseconds."}),
    Duration: ("string", "duration", lambda _: {"description": "ISO 8601: days, hours, minutes and seconds."}),
    Day: ("string", "date", lambda _: {}),
    HalfDays: ("number", None, lambda _: {"minimum": 0.5, "maximum": MOST_DAYS, "multipleOf": 0.5}),
    Zone: ("string", None, lambda _: {"pattern": ZONE, "maxLength": 64, "description": "An IANA time zone."}),
    Text: ("string", None, lambda field: {"minLength": field.length.min, "maxLength": field.length.max}),
}
"""The JSON type, format and further keywords of our own field classes, which apispec does not know."""

TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "string", "pattern": "^[0-9]+$"}
CLOUD_EVENT: Json = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode. Every value is UTF-8.",
    "required": ["ce_id", "ce_source", "ce_type", "ce_specversion", "ce_time", "ce_subject", "ce_sequence"],
    "properties": {
        "ce_id": {**TEXT, "description": "The same at every delivery of the event: ignore ids that you have handled."},
        "ce_source": {**TEXT, "format": "uri", "description": "urn:releve:service: and the publisher's name."},
        "ce_type": {**TEXT, "description": "releve.<noun>.<past participle>.v<version>"},
        "ce_specversion": {"const": "1.0"},
        "ce_time": {**TEXT, "format": "date-time"},
        "ce_subject": {
            **TEXT,
            "description": "The aggregate: the id of a project, an account or a mentor's card. It is also the key.",
        },
        "ce_sequence": {**COUNT, "description": "Rises with each event of one source and subject; never reused."},
        "content-type": {"const": "application/json"},
        "traceparent": {**TEXT, "description": "W3C Trace Context: the trace that the event continues."},
    },
}
DEAD_LETTER: Json = {
    "type": "object",
    "description": "The headers of the original message, and these.",
    "required": ["dlq_topic", "dlq_partition", "dlq_offset", "dlq_group", "dlq_attempts", "dlq_reason"],
    "properties": {
        "dlq_topic": {**TEXT, "description": "The topic of the original message; see also partition and offset."},
        "dlq_partition": COUNT,
        "dlq_offset": COUNT,
        "dlq_group": {**TEXT, "description": "The service that could not handle it."},
        "dlq_attempts": COUNT,
        "dlq_reason": {**TEXT, "description": "A fixed text, never that of an exception, which may hold payload."},
    },
}
DEAD_LETTER_MARK: Json = {
    "type": "object",
    "description": "How an operator resolved a letter of this partition (`make dlq-replay`, `make dlq-drop`).",
    "required": ["dlq_mark", "dlq_of", "dlq_by"],
    "properties": {
        "dlq_mark": {"enum": ["replayed", "dropped"]},
        "dlq_of": {**TEXT, "pattern": "^[0-9]+:[0-9]+$", "description": "The letter's partition and offset."},
        "dlq_by": {**TEXT, "description": "The operator's user name."},
    },
}


def build(events: Iterable[EventType] = EVENTS.values(), topics: Iterable[Topic] = TOPICS) -> str:
    """The document as text, which is the same on every machine for the same contract."""
    every, by_name = list(events), {topic.name: topic for topic in topics}
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Relève: events",
            "version": "1",
            "description": "The events that the services of Relève exchange over Kafka. Within a version only optional"
            " fields are added: ignore unknown fields. An event is delivered at least once, and in order of its"
            " sequence within one subject and topic; events of different topics may arrive in any order.",
            "tags": [{"name": part.name} for part in PARTS if part.on_kafka],
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic, every) for name, topic in sorted(by_name.items())},
        "operations": dict(sorted(_operations(every).items())),
        "components": {
            "schemas": {
                "CloudEvent": CLOUD_EVENT,
                "DeadLetter": DEAD_LETTER,
                "DeadLetterMark": DEAD_LETTER_MARK,
                **schemas(every),
            },
            "messages": {
                "dead-letter": _dead_letter(),
                "dead-letter-mark": _mark(),
                **{event.kind: _message(event) for event in sorted(every, key=lambda event: event.kind)},
            },
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def example_of(kind: str) -> Json:
    """The example of an event, from `contracts/examples`."""
    found: Json = json.loads((EXAMPLES / f"{kind}.json").read_text(encoding="utf-8"))
    return found


def _channel(topic: Topic, events: Iterable[EventType]) -> Json:
    names = sorted(event.kind for event in events if topic.name in _topics(event))
    settings: Json = {"cleanup.policy": ["delete"]}
    if topic.retention is not None:
        settings["retention.ms"] = topic.retention // timedelta(milliseconds=1)
    dead = topic.name in map(dead_letters_of, LISTENERS)
    return {
        "address": topic.name,
        "description": "Dead letters of one service, and their resolution." if dead else "Events of one publisher.",
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"}
            for name in (("dead-letter", "dead-letter-mark") if dead else names)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": settings,
                "bindingVersion": BINDINGS,
            }
        },
    }


def _topics(event: EventType) -> set[str]:
    return {topic_of(publisher, event.channel) for publisher in event.publishers}


def _operations(events: Iterable[EventType]) -> Json:
    found = {f"{service}.send.dead-letter": _operation("send", service, dead_letters_of(service), "dead-letter")
             for service in LISTENERS}  # fmt: skip
    for event in events:
        for publisher in event.publishers:
            topic, title = topic_of(publisher, event.channel), event.kind.replace(".", "-")
            found[f"{publisher}.send.{title}"] = _operation("send", publisher, topic, event.kind)
            of = f".{publisher}" if len(event.publishers) > 1 else ""  # an operation has one channel
            for service in event.consumers:
                found[f"{service}.receive.{title}{of}"] = _operation("receive", service, topic, event.kind)
    return found


def _operation(action: str, service: str, topic: str, message: str) -> Json:
    group = {"groupId": {"type": "string", "enum": [service]}, "bindingVersion": BINDINGS}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"{service} {'publishes' if action == 'send' else 'listens to'} {message}.",
        "tags": [{"name": service}],
        **({"bindings": {"kafka": group}} if action == "receive" else {}),
        "messages": [{"$ref": f"#/channels/{topic}/messages/{message}"}],
    }


def _message(event: EventType) -> Json:
    sources = [source_of(publisher) for publisher in event.publishers]
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    example = example_of(event.kind)
    envelope = Envelope("evt_example-1", sources[0], event.name, event.version, "prj_example-1", 1, at, example)
    own = {"ce_type": {"const": envelope.type}, "ce_source": {"enum": sources}}
    return {
        "name": envelope.type,
        "title": event.kind,
        "summary": _sentence(event.schema),
        "contentType": "application/json",
        "tags": [{"name": publisher} for publisher in event.publishers],
        "headers": {"type": "object", "allOf": [{"$ref": "#/components/schemas/CloudEvent"}], "properties": own},
        "payload": {"$ref": f"#/components/schemas/{_name_of(event.schema)}"},
        "bindings": _key("The subject, so that the events of one aggregate stay in order."),
        "examples": [
            {
                "name": event.kind.replace(".", "-"),
                "headers": {name: value.decode() for name, value in encode(envelope)[2]},
                "payload": envelope.payload,
            }
        ],
    }


def _dead_letter() -> Json:
    return {
        "name": "dead-letter",
        "title": "A message that its service could not handle",
        "summary": "The original, byte for byte, with the reason. It may hold personal data.",
        "contentType": "application/octet-stream",
        "headers": {"$ref": "#/components/schemas/DeadLetter"},
        "payload": {"description": "The value of the original message, in any format."},
        "bindings": _key("The key of the original message."),
    }


def _mark() -> Json:
    return {
        "name": "dead-letter-mark",
        "title": "The resolution of a dead letter",
        "summary": "An operator replayed or dropped a letter. It has no value.",
        "headers": {"$ref": "#/components/schemas/DeadLetterMark"},
        "bindings": _key("The letter's partition and offset."),
    }


def _key(description: str) -> Json:
    return {"kafka": {"key": {"type": "string", "description": description}, "bindingVersion": BINDINGS}}


def schemas(events: Iterable[EventType]) -> Json:
    """The schemas of the events' data, and those nested in them, as JSON Schema."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
    spec = APISpec("events", "1", "3.1.0", plugins=[plugin])  # schemas of OpenAPI 3.1 are JSON Schema
    assert plugin.converter is not None
    for kind, (json_type, json_format, _) in KINDS.items():
        plugin.converter.field_mapping[kind] = (json_type, json_format)

    def keywords(_converter: Any, field: fields.Field[Any], **_: Any) -> Json:
        return next((KINDS[kind][2](field) for kind in type(field).__mro__ if kind in KINDS), {})

    plugin.converter.add_attribute_function(keywords)
    for event in events:
        if _name_of(event.schema) not in spec.components.schemas:
            spec.components.schema(_name_of(event.schema), schema=event.schema)
    kept = {_name_of(key[0]): (key[0], spec.components.schemas[name]) for key, name in plugin.converter.refs.items()}
    return {name: _cleaned(*kept[name]) for name in sorted(kept)}


def _cleaned(schema: type[Schema], found: Json) -> Json:
    """Adds the class's docstring, closes a schema only if it rejects unknown fields, and uses ECMA's anchors."""
    closed = {"additionalProperties": False} if schema().unknown == RAISE else {}
    rest = {name: value for name, value in found.items() if name not in ("additionalProperties", "type")}
    whole: Json = {"type": "object", "description": _sentence(schema), **rest, **closed}
    return json.loads(json.dumps(whole).replace(r"\\A", "^").replace(r"\\Z", "$"))  # type: ignore[no-any-return]


def _name_of(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _sentence(schema: type[Schema]) -> str:
    return " ".join((inspect.getdoc(schema) or "").split()).replace("``", "`")


def main() -> None:
    """Writes the document to `DOCUMENT`."""
    DOCUMENT.write_text(build(), encoding="utf-8")


if __name__ == "__main__":
    main()
