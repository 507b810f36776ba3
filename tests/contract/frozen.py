"""The record of every published event version as JSON Schema; later schemas must stay compatible with it.

``python -m tests.contract.frozen`` adds new events, new versions and new optional fields; it refuses anything else.
jsonsubschema decides whether one schema accepts everything that another one accepts.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonsubschema import isSubschema

from contracts.asyncapi import schemas
from contracts.events import EVENTS

FILE = Path(__file__).with_name("frozen.json")
SAID = ("description", "title", "examples")
"""Keywords that do not affect which values are valid."""
OPAQUE = ("pattern", "format")
Json = dict[str, Any]


def frozen() -> dict[str, Json]:
    """The record: the schema of each event by its kind, such as ``window.closed``."""
    found: dict[str, Json] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def current() -> dict[str, Json]:
    """The schemas of the current contract, by the same kinds."""
    named = schemas(EVENTS.values())
    return {event.kind: _resolved(named[event.schema.__name__], named) for event in EVENTS.values()}


def breaks(then: Json, now: Json) -> list[str]:
    """The breaking changes between two schemas, one line each.

    Old readers must accept what is published now, and new readers what was published before, because messages stay in
    their topics for weeks. Fields that `then` does not name were not published.
    """
    found = []
    if not isSubschema(_comparable(now), _comparable(then)):
        found.append("readers of the published schema would refuse what is published now")
    if not isSubschema(_closed(_comparable(then)), _comparable(now)):
        found.append("readers of now would refuse what was published")
    return found


def _resolved(schema: Any, named: Mapping[str, Json]) -> Any:
    """The schema with references resolved and without annotations for people."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _resolved(named[schema["$ref"].rpartition("/")[2]], named)
        if schema.get("properties"):
            properties = {name: _resolved(of, named) for name, of in schema["properties"].items()}
            rest = {key: value for key, value in schema.items() if key != "properties"}
            return {**_resolved(rest, named), "properties": properties}
        return {key: _resolved(value, named) for key, value in schema.items() if key not in SAID}
    return [_resolved(item, named) for item in schema] if isinstance(schema, list) else schema


def _comparable(schema: Any) -> Any:
    """Replaces patterns and formats by constants: jsonsubschema takes minutes for patterns and ignores formats.

    Any change of them therefore counts as breaking.
    """
    if isinstance(schema, list):
        return [_comparable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if any(isinstance(schema.get(key), str) for key in OPAQUE):
        strings = json.dumps({key: value for key, value in sorted(schema.items()) if key != "type"})
        kinds = schema.get("type", "string")
        others = [kind for kind in kinds if kind != "string"] if isinstance(kinds, list) else []
        word: Json = {"type": "string", "enum": [strings]}
        return {"anyOf": [word, *({"type": kind} for kind in others)]} if others else word
    return {key: _comparable(value) for key, value in schema.items()}


def _closed(schema: Any) -> Any:
    """The schema of what was actually published: objects have no unnamed members."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if schema.get("type") == "object" else closed


def main() -> None:
    """Freezes additions; exits with a message on a breaking change."""
    kept, now = frozen(), current()
    for kind, schema in now.items():
        for reason in breaks(kept[kind], schema) if kind in kept else ():
            sys.exit(f"{kind}: {reason}; publish a new version of the event instead")
        kept[kind] = schema
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
