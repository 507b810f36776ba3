"""Reading the API's document."""

from collections.abc import Mapping
from typing import Any


def resolve(document: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """The node itself, or what it refers to."""
    if "$ref" not in node:
        return dict(node)
    found: Any = document
    for name in node["$ref"].split("/")[1:]:
        found = found[name]
    return dict(found)
