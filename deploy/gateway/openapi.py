"""The document of the whole API, and a page to read it: `python -m deploy.gateway.openapi` builds both.

All services are composed from fixed settings, and neither MongoDB nor Kafka is asked. `documents` says where they go.
"""

import importlib
import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pymongo import MongoClient

from chassis.http.app import create_app
from chassis.http.openapi import METHODS, VERSION, Kinds, describe, problem_response, references
from chassis.http.problems import STATUS
from chassis.service import Service
from contracts.fields import MOST_DAYS, Day, Duration, HalfDays, Instant, Text, Zone
from contracts.parts import DRAWN, PARTS, part_of, variable_of
from deploy.gateway import documents
from deploy.gateway.page import page

Schema = dict[str, Any]

SETTINGS = {
    "RELEVE_MONGO_URI": "mongodb://nowhere.invalid/",
    "RELEVE_KAFKA": "nowhere.invalid:9092",
    **{variable_of(secret): "documents" for secret in DRAWN},
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
RULES: Mapping[str, tuple[str, ...]] = {
    "get /api/organisations/me": ("not-found",),
    "get /api/mentors": ("not-found",),
    "get /api/mentors/me": ("not-found",),
    "delete /api/accounts/me": ("open-commitments",),
    "post /api/sessions": ("bad-credentials", "suspended"),
    "post /api/sessions/refresh": ("bad-credentials", "suspended"),
    "put /api/organisations/me": ("identity-leak",),
    "post /api/organisations/me/invitations": ("too-many-invitations",),
    "post /api/organisations/invitations/{token}": ("already-member", "too-many-members"),
    "put /api/organisations/me/members/{account_id}": ("last-owner",),
    "delete /api/organisations/me/members/{account_id}": ("last-owner",),
    "post /api/projects": ("organisation-missing", "identity-leak"),
    "post /api/projects/{project_id}/cancellation": (
        "window-ended", "already-awarded", "already-ended", "identity-leak"),
    "post /api/projects/{project_id}/acceptance": (
        "window-open", "already-awarded", "already-ended", "unknown-quote", "quote-lapsed"),
    "post /api/projects/{project_id}/refusal": ("window-open", "already-awarded", "already-ended", "identity-leak"),
    "post /api/projects/{project_id}/relaunch": ("not-relaunchable", "already-relaunched"),
    "post /api/projects/{project_id}/reports": ("too-many-reports",),
    "post /api/operations/reports/{report_id}/resolution": (
        "already-resolved", "window-ended", "already-awarded", "already-ended"),
    "post /api/projects/{project_id}/questions": (
        "window-ended", "already-awarded", "already-ended", "too-many-questions", "contact-data"),
    "post /api/projects/{project_id}/questions/{question_id}/answer": (
        "window-ended", "already-awarded", "already-ended", "already-answered", "identity-leak"),
    "post /api/projects/{project_id}/completion": ("not-awarded", "already-reviewed"),
    "get /api/projects/billing/me": ("not-found",),
    "put /api/projects/billing/me": ("organisation-missing",),
    "put /api/mentors/me": ("contact-data",),
    "post /api/invitations/{invitation_id}/decline": ("already-quoted", "window-ended"),
    "post /api/rounds/{project_id}/claim": (
        "round-full", "window-ended", "claim-spent", "already-quoted", "declined"),
    "get /api/quotes": ("quotes-sealed", "not-found"),
    "post /api/quotes": (
        "window-ended", "already-quoted", "declined", "round-full", "contact-data", "not-found"),
    "patch /api/quotes/{quote_id}": ("window-ended", "contact-data"),
    "delete /api/quotes/{quote_id}": ("window-ended",),
}  # fmt: skip
"""The refusals of each operation that a client should know by name; a test compares them with those in the code."""
BESIDES = {"409": "; or `idempotency-running`", "422": "; or a field is not valid"}

JWK_SET: Schema = {
    "type": "object",
    "required": ["keys"],
    "properties": {
        "keys": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("kty", "crv", "x", "y", "kid", "use", "alg")},
            },
        }
    },
}
ANY_OBJECT: Schema = {"type": "object"}
EVERYTHING: Schema = {
    "type": "object",
    "properties": {
        "organisation": {"type": ["object", "null"]},
        "projects": {"type": "array", "items": ANY_OBJECT},
        "vault": {"type": "array", "items": ANY_OBJECT},
        "chosen_for": {"type": "array", "items": {"type": "string"}},
    },
}


def _answer(content_type: str, schema: Schema) -> Schema:
    return {"responses": {"200": {"description": "OK", "content": {content_type: {"schema": schema}}}}}


IN_LANGUAGE: Schema = {
    "parameters": [
        {
            "name": "Accept-Language",
            "in": "header",
            "description": "French or English; French where it is neither.",
            "schema": {"type": "string"},
        }
    ]
}
PARTICULARS: Mapping[str, Schema] = {
    "get /.well-known/jwks.json": _answer("application/json", JWK_SET),
    "get /.well-known/receipts-jwks.json": _answer("application/json", JWK_SET),
    "get /api/projects/export": _answer("application/json", EVERYTHING),
    "get /api/projects/{project_id}/order": IN_LANGUAGE,
    "get /api/projects/{project_id}/order.pdf": {
        **IN_LANGUAGE,
        **_answer("application/pdf", {"type": "string", "format": "binary"}),
    },
    "post /api/invitations/{invitation_id}/decline": {"requestBody": {"required": False}},
    "get /api/notifications/stream": {
        "parameters": [
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": "Resumes after this notification; an unknown one replays all that is kept.",
                "schema": {"type": "string"},
            }
        ]
    },
}
"""What no schema in the code says of an operation."""


def build() -> tuple[str, str]:
    """The document and the page, as text. The same code gives the same text, on any machine."""
    document = merge({name: _of(name) for name in SERVICES})
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return text, page(document)


def merge(documents: Mapping[str, Schema]) -> Schema:
    """One document of the services' and of what the gateway answers itself."""
    joined = join(documents)
    paths, components = joined["paths"] | _gateway(), joined["components"]
    _particulars(paths)
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


def _of(name: str) -> Schema:
    service: Service = importlib.import_module(f"{part_of(name).package}.app").compose(SETTINGS)
    client: MongoClient[Schema] = MongoClient(service.settings.mongo_uri, connect=False, serverSelectionTimeoutMS=1)
    database = client.get_database(service.settings.database)
    app = create_app(service.settings, database, service.blueprints(service.work(database), service.config))
    return describe(app, KINDS)


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
    def operation(id: str, summary: str, content_type: str, schema: Schema) -> Schema:
        answers = {**_answer(content_type, schema)["responses"], "429": problem_response(429)}
        return {
            "get": {
                "tags": ["gateway"],
                "operationId": f"gateway_{id}",
                "summary": summary,
                "description": "Public: no token is needed.",
                "security": [],
                "responses": {**answers, "default": problem_response("default")},
            }
        }

    return {
        "/api/docs": operation("docs", "This document as a page to read.", "text/html", {"type": "string"}),
        "/api/openapi.json": operation("openapi", "This document.", "application/json", ANY_OBJECT),
        "/healthz": operation("healthz", "Whether the gateway is up.", "text/plain", {"type": "string"}),
    }


def _particulars(paths: Schema) -> None:
    """Adds `PARTICULARS` and `RULES`; raises KeyError for one of an operation that is not there."""
    for place, more in PARTICULARS.items():
        method, path = place.split()
        operation = paths[path][method]
        for key, value in deepcopy(more).items():
            if key == "parameters":
                operation.setdefault(key, []).extend(value)
            else:
                operation[key].update(value)
    for place, rules in RULES.items():
        method, path = place.split()
        answers = paths[path][method]["responses"]
        by_status: dict[str, list[str]] = {}
        for rule in rules:
            by_status.setdefault(str(STATUS.get(rule, 409)), []).append(f"`{rule}`")
        for status, names in by_status.items():
            also = BESIDES.get(status, "") if status in answers else ""
            answers[status] = problem_response(status, "" if status == "404" else ", ".join(names) + also + ".")


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
