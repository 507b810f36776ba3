"""Version 1 of every event as it was published: what a later schema must stay compatible with.

``python -m tests.contract.frozen`` adds new events and new optional fields; it refuses anything else.
"""

import json
import sys
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields

from contracts.events import EVENTS

FILE = Path(__file__).with_name("frozen.json")


def frozen() -> dict[str, dict[str, str]]:
    """The fields of each event, by path, with kind and whether required."""
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def fields_of(schema: type[Schema], path: str = "") -> dict[str, str]:
    """``{"descriptor.size": "String required", …}``"""
    found: dict[str, str] = {}
    for name, field in schema().fields.items():
        found |= _of(field, f"{path}{name}")
    return found


def _of(field: Any, path: str) -> dict[str, str]:
    kind = {path: f"{type(field).__name__} {'required' if field.required else 'optional'}"}
    if isinstance(field, fields.Nested):
        return kind | fields_of(type(field.schema), f"{path}.")
    if isinstance(field, fields.List):
        return kind | _of(field.inner, f"{path}[]")
    return kind


def main() -> None:
    """Freezes what was added."""
    kept = frozen()
    for name, event in EVENTS.items():
        now = fields_of(event.schema)
        for path, kind in kept.get(name, now).items():
            if now.get(path) != kind:
                sys.exit(f"{name}: {path} is no longer {kind}; publish a new version of the event instead")
        for path, kind in now.items() - kept.get(name, {}).items():
            if name in kept and kind.endswith("required") and "[" not in path and "." not in path:
                sys.exit(f"{name}: {path} is new and required; inside a version it must be optional")
        kept[name] = now
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
