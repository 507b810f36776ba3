"""Version 1 of every event as it was published: what a later schema must stay compatible with.

``python -m tests.contract.frozen`` adds new events and new optional fields; it refuses anything else.
"""

import json
import sys
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields

from contracts.events import EVENTS
from contracts.fields import Text

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
    name = "List" if isinstance(field, fields.List) else type(field).__name__  # ours add nothing that readers see
    kind = {path: f"{name} {'required' if field.required else 'optional'}{_bounds(field)}"}
    if isinstance(field, fields.Nested):
        return kind | fields_of(type(field.schema), f"{path}.")
    if isinstance(field, fields.List):
        return kind | _of(field.inner, f"{path}[]")
    return kind


def _bounds(field: Any) -> str:
    """What a value may be, so that narrowing it is seen."""
    found = [repr(validator) for validator in field.validators]
    if isinstance(field, Text):
        found.append(repr(field.length))
    return "".join(f" {text}" for text in found)


def breaks(kept: dict[str, str], now: dict[str, str]) -> list[str]:
    """What readers of the kept shape could not live with in the new one."""
    changed = [f"{path} is no longer {kind}" for path, kind in kept.items() if now.get(path) != kind]
    added = now.keys() - kept.keys()
    required = [path for path in added if " required" in now[path] and _parent(path) not in added]
    return changed + [f"{path} is new and required; inside a version it must be optional" for path in required]


def _parent(path: str) -> str:
    """``descriptor.size`` stands in ``descriptor``; ``quotes[].id`` in ``quotes[]``."""
    return path.rpartition(".")[0]


def main() -> None:
    """Freezes what was added."""
    kept = frozen()
    for name, event in EVENTS.items():
        now = fields_of(event.schema)
        for reason in breaks(kept[name], now) if name in kept else ():
            sys.exit(f"{name}: {reason}; publish a new version of the event instead")
        kept[name] = now
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
