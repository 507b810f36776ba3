"""Every version of every event as it was published, as JSON Schema: what a later schema must stay compatible with.

``python -m tests.contract.frozen`` adds new events, new versions and new optional fields; it refuses anything else.
Whether one schema takes all that another one does is decided by jsonsubschema.
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
"""Keywords that say nothing of which values are right."""
OPAQUE = ("pattern", "format")
Json = dict[str, Any]


def frozen() -> dict[str, Json]:
    """The record: the schema of each event by its kind, such as ``window.closed``."""
    found: dict[str, Json] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def current() -> dict[str, Json]:
    """The same of the contract as it is now."""
    named = schemas(EVENTS.values())
    return {event.kind: _resolved(named[event.schema.__name__], named) for event in EVENTS.values()}


def breaks(then: Json, now: Json) -> list[str]:
    """What readers could not live with.

    Readers of then must take what is published now, and readers of now what was published then: messages stay in their
    topics for weeks. What `then` had no word of was not published.
    """
    found = []
    if not isSubschema(_comparable(now), _comparable(then)):
        found.append("readers of the published schema would refuse what is published now")
    if not isSubschema(_closed(_comparable(then)), _comparable(now)):
        found.append("readers of now would refuse what was published")
    return found


def _resolved(schema: Any, named: Mapping[str, Json]) -> Any:
    """The schema without references, and without what only people read."""
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
    """Patterns and formats as words of their own: the tool takes minutes for the one and no notice of the other.

    So any change of them counts as breaking.
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
    """The schema of what was really published: objects without members that it does not name."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if schema.get("type") == "object" else closed


def main() -> None:
    """Freezes what was added."""
    kept, now = frozen(), current()
    for kind, schema in now.items():
        for reason in breaks(kept[kind], schema) if kind in kept else ():
            sys.exit(f"{kind}: {reason}; publish a new version of the event instead")
        kept[kind] = schema
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
