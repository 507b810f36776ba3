"""The document of the whole API, and a page to read it: `python -m deploy.gateway.openapi` builds both.

All services are composed from fixed settings, and neither MongoDB nor Kafka is asked. `documents` says where they go.
"""

import importlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from pymongo import MongoClient

from chassis.http.app import create_app
from chassis.http.openapi import METHODS, TEXT, VERSION, Kinds, describe, problem_response, references
from chassis.http.said import answers
from chassis.service import Service
from contracts.fields import MOST_DAYS, Day, Duration, HalfDays, Instant, Text, Zone
from contracts.parts import DRAWN, PARTS, part_of, variable_of
from contracts.story import NAMES
from deploy.gateway import documents
from deploy.gateway.page import page

Schema = dict[str, Any]

SETTINGS = {
    "RELEVE_MONGO_URI": "mongodb://nowhere.invalid/",
    "RELEVE_KAFKA": "nowhere.invalid:9092",
    **{variable_of(secret): "0" * 64 for secret in DRAWN},
}
SERVICES: Mapping[str, str] = {part.name: part.sentence for part in PARTS if part.in_api}
"""Whose routes the document describes, each with what it is for."""
GATEWAY = "What the gateway answers itself."
KINDS: Kinds = {
    Instant: ("string", "date-time", lambda _: {}),
    Duration: ("string", "duration", lambda _: {}),
    Day: ("string", "date", lambda _: {}),
    Zone: ("string", None, lambda _: {"description": "An IANA time zone."}),
    HalfDays: ("number", None, lambda _: {"minimum": 0.5, "maximum": MOST_DAYS, "multipleOf": 0.5}),
    Text: ("string", None, lambda field: {"minLength": field.length.min, "maxLength": field.length.max}),
}
JSON = "application/json"
ANY_OBJECT: Schema = {"type": "object"}


def build() -> tuple[str, str]:
    """The document and the page, as text. The same code gives the same text, on any machine."""
    document = merge({name: describe(application(name), KINDS, NAMES) for name in SERVICES})
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return text, page(document)


def merge(documents: Mapping[str, Schema]) -> Schema:
    """One document of the services' and of what the gateway answers itself."""
    joined = join(documents)
    paths, components = joined["paths"] | _gateway(), joined["components"]
    return {
        "openapi": VERSION,
        "info": {
            "title": "Relève",
            "version": "1",
            "description": "A marketplace for reverse mentoring: a company posts what it wants to learn without saying"
            " who it is, mentors hand in sealed quotes within a window, and only the chosen one learns who asked.",
        },
        "servers": [{"url": "/"}],
        "tags": [
            *({"name": name, "description": text} for name, text in SERVICES.items()),
            {"name": "gateway", "description": GATEWAY},
        ],
        "paths": {path: _in_order(paths[path]) for path in sorted(paths)},
        "components": {kind: dict(sorted(components[kind].items())) for kind in sorted(components)},
    }


def join(documents: Mapping[str, Schema]) -> Schema:
    """The paths and components of all. Different schemas of one name get their service's before it.

    Raises ValueError where two services offer the same path.
    """
    paths: Schema = {}
    components: Schema = {}
    clashing = _clashes({service: document["components"]["schemas"] for service, document in documents.items()})
    for service, document in documents.items():
        names = {name: f"{service.capitalize()}{name}" for name in clashing & document["components"]["schemas"].keys()}
        renamed = _rename(document, names)
        if twice := paths.keys() & renamed["paths"].keys():
            raise ValueError(f"{service} offers what another service does: {sorted(twice)}")
        paths |= renamed["paths"]
        for kind, found in renamed["components"].items():
            components.setdefault(kind, {}).update(found)
    return {"paths": paths, "components": components}


def application(name: str) -> Flask:
    """The application of a service, composed from fixed settings: it can be described, and answers nothing."""
    service: Service = importlib.import_module(f"{part_of(name).package}.app").compose(SETTINGS)
    client: MongoClient[Schema] = MongoClient(service.settings.mongo_uri, connect=False, serverSelectionTimeoutMS=1)
    database = client.get_database(service.settings.database)
    return create_app(service.settings, database, service.blueprints(service.work(database), service.config))


def _clashes(schemas: Mapping[str, Schema]) -> set[str]:
    """The names that mean different things in two services, be it through what they refer to."""
    every = {name for found in schemas.values() for name in found}
    same = {name: [found[name] for found in schemas.values() if name in found] for name in every}
    clashing = {name for name, found in same.items() if any(one != found[0] for one in found)}
    shared = {name for name, found in same.items() if len(found) > 1}
    while more := {name for name in shared - clashing if clashing.intersection(references(same[name]))}:
        clashing |= more
    return clashing


def _rename(document: Schema, names: Mapping[str, str]) -> Schema:
    def follow(node: Any) -> Any:
        if isinstance(node, list):
            return [follow(below) for below in node]
        if not isinstance(node, dict):
            return node
        again = {key: follow(below) for key, below in node.items()}
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            folder, _, name = reference.rpartition("/")
            again["$ref"] = f"{folder}/{names.get(name, name)}"
        return again

    renamed: Schema = follow(document)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}
    return renamed


def _gateway() -> Schema:
    def operation(id: str, summary: str, content_type: str, schema: Schema, example: Any) -> Schema:
        known = {**answers(content_type, schema, example), "429": problem_response(429)}
        return {
            "get": {
                "tags": ["gateway"],
                "operationId": f"gateway_{id}",
                "summary": summary,
                "description": "Public: no token is needed.",
                "security": [],
                "responses": {**known, "default": problem_response("default")},
            }
        }

    return {
        "/api/docs": operation("docs", "This document as a page to read.", "text/html", TEXT, "<!doctype html>…"),
        "/api/openapi.json": operation("openapi", "This document.", JSON, ANY_OBJECT, {"openapi": VERSION}),
        "/healthz": operation("healthz", "Whether the gateway is up.", "text/plain", TEXT, "ok\n"),
    }


def _in_order(item: Schema) -> Schema:
    return {
        method: {**item[method], "responses": dict(sorted(item[method]["responses"].items()))}
        for method in METHODS
        if method in item
    }


def main() -> None:
    """Writes both files where the gateway finds them."""
    documents.write(*build())


if __name__ == "__main__":
    main()
