"""Kubernetes' own schemas, from the package kubernetes-validate, in the strict form that refuses unknown fields."""

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

KEDA = Path(__file__).resolve().parents[1] / "contract/keda.json"
DEFINITIONS = "/api/_definitions.json#/$defs/"
REFERENCE = re.compile(r'"\$ref": "(?:/api/_definitions\.json)?#/\$defs/([^"]+)"')


def validate(manifest: Any, version: str) -> None:
    """Raises `jsonschema.ValidationError`, also for a field that this version of Kubernetes, or KEDA, does not know."""
    validator(manifest["kind"], manifest["apiVersion"], version).validate(manifest)


@cache
def validator(kind: str, api: str, version: str) -> Any:
    """The validator of one kind, made once: it takes a while."""
    return jsonschema.Draft202012Validator(schema(kind, api, version))


def schema(kind: str, api: str, version: str) -> dict[str, Any]:
    """The schema of one kind, with all that it refers to."""
    if api.startswith("keda.sh/"):
        every = json.loads(KEDA.read_text())
        return {
            "type": "object", "additionalProperties": False, "required": ["metadata", "spec"], "$defs": every["$defs"],
            "properties": {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}, "spec": every[kind]},
        }  # fmt: skip
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    own = json.loads((folder / f"{file_of(kind, api)}.json").read_text())
    own.pop("$id", None)
    shared = json.loads((folder / "_definitions.json").read_text())["$defs"]
    needed, left = dict[str, Any](), referred(own)
    while left:
        name = left.pop()
        if name not in needed:
            needed[name] = shared[name]
            left |= referred(shared[name])
    found: dict[str, Any] = json.loads(json.dumps(own | {"$defs": needed}).replace(DEFINITIONS, "#/$defs/"))
    return found


def referred(part: Any) -> set[str]:
    """The definitions that a schema refers to."""
    return set(REFERENCE.findall(json.dumps(part)))


def file_of(kind: str, api: str) -> str:
    """The name of a schema's file, as kubeconform and the package have it: `deployment-apps-v1`."""
    group, _, version = api.rpartition("/")
    return "-".join([kind.lower(), *([group.partition(".")[0]] if group else []), version])
